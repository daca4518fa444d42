namespace OnnxTransfer.Datasets.Tests;

public class CsvFieldTests
{
    [TestCase("plain name.jpg", "plain name.jpg")]
    [TestCase("a,b", "\"a,b\"")]
    [TestCase("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [TestCase("two\nlines", "\"two\nlines\"")]
    [TestCase("", "")]
    public void Values_are_quoted_where_they_must_be(string value, string field)
    {
        Assert.That(CsvField.Quoted(value), Is.EqualTo(field));
        Assert.That(CsvField.Text(value), Is.EqualTo(field));
    }

    [TestCase("=1+1", "'=1+1")]
    [TestCase("-2", "'-2")]
    [TestCase("@x,y", "\"'@x,y\"")]
    [TestCase("\t=1", "'\t=1")]
    public void What_a_spreadsheet_would_compute_gets_an_apostrophe(string value, string field) =>
        Assert.That(CsvField.Text(value), Is.EqualTo(field));
}
