using System.Security.Cryptography;
using System.Text;

namespace OnnxTransfer.Study;

/// <summary>
/// The frame of every report: one HTML file that opens from the disk, light or dark, needs no network (its policy forbids any), and has
/// the same bytes for the same content.
/// </summary>
internal static class HtmlPage
{
    /// <summary>The text of the file.</summary>
    /// <param name="title">What the window is called.</param>
    /// <param name="masthead">Writes what stands above the sections, given their ids and titles to link to.</param>
    /// <param name="sections">The sections in their order.</param>
    public static string Html(
        string title, Action<HtmlWriter, IReadOnlyList<(string Id, string Title)>> masthead, IReadOnlyList<(string Id, string Title, Action<HtmlWriter> Write)> sections)
    {
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
                html.Element("title", title);
                using (html.Tag("style"))
                {
                    html.Raw(style);
                }
            }

            html.Line();
            using (html.Tag("body"))
            {
                html.Element("a", "Skip to the report", ("class", "skip"), ("href", "#main"));
                masthead(html, [.. sections.Select(static section => (section.Id, section.Title))]);
                Main(html, sections);
                using (html.Tag("script"))
                {
                    html.Raw(script);
                }
            }
        }

        html.Line();
        return html.ToString();
    }

    private static void Main(HtmlWriter html, IReadOnlyList<(string Id, string Title, Action<HtmlWriter> Write)> sections)
    {
        using (html.Tag("main", ("id", "main")))
        {
            foreach (var (id, title, write) in sections)
            {
                html.Line();
                using (html.Tag("section", ("id", id), ("aria-labelledby", $"{id}-title")))
                {
                    html.Element("h2", title, ("id", $"{id}-title"));
                    write(html);
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
        using var reader = new StreamReader(typeof(HtmlPage).Assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
