namespace OnnxTransfer.Study;

/// <summary>Pictures with words to them.</summary>
internal static class PictureCard
{
    /// <summary>The picture of an image, or a frame with its id where it cannot be read any more.</summary>
    public static void Picture(HtmlWriter html, ReportContent content, string id, string alternative, string kind = "large")
    {
        if (content.Pictures.Large(id) is { } jpeg)
        {
            html.Void("img", ("class", kind), ("src", $"data:image/jpeg;base64,{jpeg}"), ("alt", alternative), ("title", id), ("loading", "lazy"));
        }
        else
        {
            html.Element("span", id, ("class", $"{kind} missing"), ("title", alternative));
        }
    }

    /// <summary>A name and what it stands for.</summary>
    public static void Fact(HtmlWriter html, string name, string value, string? kind = null)
    {
        using var line = html.Tag("p", ("class", "fact"));
        html.Element("span", name);
        html.Text(" ");
        html.Element("b", value, ("class", kind));
    }
}
