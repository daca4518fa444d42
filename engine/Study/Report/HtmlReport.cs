using System.Security.Cryptography;
using System.Text;

namespace OnnxTransfer.Study;

/// <summary>
/// One HTML file that shows a study of layers: it opens from the disk, needs no network (its policy forbids any), and has the
/// same bytes for the same content.
/// </summary>
public static class HtmlReport
{
    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it cannot be written.</exception>
    public static void Write(string path, ReportContent content, CancellationToken cancellation = default) =>
        WholeFile.WriteText(path, Html(content, cancellation));

    /// <summary>The text of the file.</summary>
    internal static string Html(ReportContent content, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var (style, script) = (Resource("report.css"), Resource("report.js"));
        var html = new HtmlWriter();
        html.Raw("<!DOCTYPE html>\n");
        using (html.Tag("html", ("lang", "en")))
        {
            using (html.Tag("head"))
            {
                html.Void("meta", ("charset", "utf-8"));
                html.Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", Policy(style, script)));
                html.Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
                html.Void("meta", ("name", "color-scheme"), ("content", "light dark"));
                html.Element("title", $"Which layer? {content.Data}");
                using (html.Tag("style"))
                {
                    html.Raw(style);
                }
            }

            html.Line();
            using (html.Tag("body"))
            {
                Body(html, content, cancellation);
                using (html.Tag("script"))
                {
                    html.Raw(script);
                }
            }
        }

        html.Line();
        return html.ToString();
    }

    private static void Body(HtmlWriter html, ReportContent content, CancellationToken cancellation)
    {
        (string Id, string Title, Action<HtmlWriter, ReportContent> Write)[] sections =
        [
            ("accuracy", "Accuracy, depth and time", AccuracySection.Write),
            ("layers", "All layers", LayersSection.Write),
            ("confusion", "What is taken for what", ConfusionSection.Write),
            ("mistakes", "The worst mistakes", MistakesSection.Write),
            ("map", "A map of the codes", (html, content) => MapSection.Write(html, content, cancellation)),
            ("curve", "What more images are worth", CurveSection.Write),
            .. content.Doctor is { } doctor ? [("doctor", "What the data doctor found", (html, content) => DoctorSection.Write(html, content, doctor))] : Array.Empty<(string, string, Action<HtmlWriter, ReportContent>)>(),
            ("settings", "To do it again", SettingsSection.Write),
        ];
        html.Element("a", "Skip to the report", ("class", "skip"), ("href", "#main"));
        HeadlineSection.Write(html, content, [.. sections.Select(static section => (section.Id, section.Title))]);
        using (html.Tag("main", ("id", "main")))
        {
            foreach (var (id, title, write) in sections)
            {
                html.Line();
                using (html.Tag("section", ("id", id), ("aria-labelledby", $"{id}-title")))
                {
                    html.Element("h2", title, ("id", $"{id}-title"));
                    write(html, content);
                }
            }
        }

        html.Line();
        html.Element("div", string.Empty, ("id", "tip"), ("role", "tooltip"), ("hidden", ""));
    }

    /// <summary>Nothing may be loaded, and nothing run or styled but what stands here; pictures come as data.</summary>
    private static string Policy(string style, string script) =>
        $"default-src 'none'; img-src data:; style-src 'sha256-{Hash(style)}'; script-src 'sha256-{Hash(script)}'; base-uri 'none'; form-action 'none'";

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
