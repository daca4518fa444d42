namespace OnnxTransfer.Study.Tests;

public class HtmlWriterTests
{
    [TestCase("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [TestCase("\"><img onerror='x'>", "&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;")]
    [TestCase("a & b", "a &amp; b")]
    [TestCase("line\u2028end\0", "line end\ufffd")]
    [TestCase("Röschen 玫瑰 🌹", "Röschen 玫瑰 🌹")]
    public void Text_and_attributes_are_escaped(string text, string expected)
    {
        var html = new HtmlWriter();
        html.Element("p", text, ("title", text));
        Assert.That(html.ToString(), Is.EqualTo($"<p title=\"{expected}\">{expected}</p>"));
    }

    [Test]
    public void Tags_are_closed_and_attributes_without_a_value_are_left_out()
    {
        var html = new HtmlWriter();
        using (html.Tag("ul", ("class", null), ("hidden", "")))
        {
            html.Element("li", "one");
            html.Void("hr");
        }

        Assert.That(html.ToString(), Is.EqualTo("<ul hidden><li>one</li><hr/></ul>"));
    }

    [Test]
    public void Json_cannot_end_its_script()
    {
        var json = ScriptJson.List(["</script><script>alert(1)</script>", "a&b\u2028", null]);
        Assert.That(json, Does.Not.Contain("<").And.Not.Contain(">").And.Not.Contain("&").And.Not.Contain("\u2028"));
        Assert.That(System.Text.Json.JsonSerializer.Deserialize<string?[]>(json), Is.EqualTo(new[] { "</script><script>alert(1)</script>", "a&b\u2028", null }));
    }
}
