using System.Globalization;
using System.Text;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>The table in docs/GRADIENTS.md: measured, and written there on request.</summary>
[TestFixture]
public class GradientTableTests
{
    private const string Request = "ONNXTRANSFER_WRITE_TABLES";
    private const string Begin = "<!-- measured: begin -->\n";
    private const string End = "<!-- measured: end -->\n";

    private static string Document => Repository.PathOf("docs", "GRADIENTS.md");

    [Test]
    public void The_table_has_every_operator_with_its_number_of_cases()
    {
        var table = Between(File.ReadAllText(Document)).Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();
        var wanted = GradientCase.All.GroupBy(each => each.Op).OrderBy(group => group.Key, StringComparer.Ordinal);
        Assert.That(table.Select(line => string.Join(' ', line.Split('|')[1..3])), Is.EqualTo(wanted.Select(group => $" `{group.Key}`   {group.Count()} ")));
    }

    [Test]
    [Category("Slow")]
    public void The_table_is_measured_and_written_where_that_is_asked_for()
    {
        if (Environment.GetEnvironmentVariable(Request) is null)
        {
            Assert.Ignore($"writes docs/GRADIENTS.md where {Request} is set");
        }

        var table = new StringBuilder("| operator | cases | against differences | against PyTorch | float32 against float64 |\n|---|--:|--:|--:|--:|\n");
        var expected = GradientGoldens.Read("expected");
        foreach (var group in GradientCase.All.GroupBy(each => each.Op).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var figures = group.Select(each => GradientFigures.Of(each, expected)).ToList();
            table.Append(
                CultureInfo.InvariantCulture,
                $"| `{group.Key}` | {figures.Count} | {figures.Max(f => f.Differences):0.0e-0} | {figures.Max(f => f.Torch):0.0e-0} | {figures.Max(f => f.Runtime):0.0e-0} |\n");
        }

        var text = File.ReadAllText(Document);
        var (begin, end) = Places(text);
        File.WriteAllText(Document, $"{text[..begin]}{table}{text[end..]}");
        Assert.That(Between(File.ReadAllText(Document)), Is.EqualTo(table.ToString()));
    }

    private static string Between(string text)
    {
        var (begin, end) = Places(text);
        return text[begin..end];
    }

    private static (int Begin, int End) Places(string text) =>
        (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
}
