using System.Globalization;

namespace OnnxTransfer.Study;

/// <summary>All options and versions, the proof of the cut, times, notes, and what was left out.</summary>
internal static class SettingsSection
{
    private const int MostSkipped = 100;

    public static void Write(HtmlWriter html, ReportContent content)
    {
        var study = content.Study;
        using (html.Tag("dl", ("class", "settings")))
        {
            foreach (var (name, value) in content.Settings)
            {
                Entry(html, name, value);
            }

            if (study.Proof is { } proof)
            {
                Entry(html, "Proof of the cut", $"at most {proof.LargestDifference.ToString("0.0e-0", CultureInfo.InvariantCulture)} of the largest code from the {(proof.FullGraph ? "full" : "cut")}, unoptimised network");
            }

            Entry(html, "Times", string.Join(", ", study.Stages.Select(static stage => $"{stage.Stage} {Wording.Number(stage.Seconds)} s")));
        }

        if (study.Notes.Count > 0)
        {
            html.Element("h3", "Notes on the set");
            using var list = html.Tag("ul");
            foreach (var note in study.Notes)
            {
                html.Element("li", note);
            }
        }

        html.Element("h3", "Images left out");
        if (study.Skipped.Count == 0)
        {
            html.Element("p", "None: every image could be read.");
            return;
        }

        html.Element("p", $"{Wording.Images(study.Skipped.Count)} could not be read{(study.Skipped.Count > MostSkipped ? $"; the first {MostSkipped} are listed" : string.Empty)}.");
        using var skipped = html.Tag("ul", ("class", "skipped"));
        foreach (var image in study.Skipped.Take(MostSkipped))
        {
            using var item = html.Tag("li");
            html.Element("b", image.Id);
            html.Text($": {image.Reason}");
        }
    }

    private static void Entry(HtmlWriter html, string name, string value)
    {
        using var entry = html.Tag("div");
        html.Element("dt", name);
        html.Element("dd", value);
    }
}
