using System.Globalization;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>All options and versions, the proof of the cut, times, notes, and what was left out.</summary>
internal static class SettingsSection
{
    private const int MostSkipped = 100;

    public static void Write(HtmlWriter html, ReportContent content)
    {
        var study = content.Study;
        var proof = study.Proof is null ? null : new ReportSetting(
            "Proof of the cut",
            $"at most {study.Proof.LargestDifference.ToString("0.0e-0", CultureInfo.InvariantCulture)} of the largest code from the {(study.Proof.FullGraph ? "full" : "cut")}, unoptimised network");
        Write(html, proof is null ? content.Settings : [.. content.Settings, proof], study.Stages, study.Notes, study.Skipped);
    }

    public static void Write(
        HtmlWriter html, IReadOnlyList<ReportSetting> settings, IReadOnlyList<StageTime> stages, IReadOnlyList<string> notes, IReadOnlyList<SkippedImage> skipped)
    {
        using (html.Tag("dl", ("class", "settings")))
        {
            foreach (var (name, value) in settings)
            {
                Entry(html, name, value);
            }

            Entry(html, "Times", string.Join(", ", stages.Select(static stage => $"{stage.Stage} {Wording.Number(stage.Seconds)} s")));
        }

        if (notes.Count > 0)
        {
            html.Element("h3", "Notes on the set");
            using var list = html.Tag("ul");
            foreach (var note in notes)
            {
                html.Element("li", note);
            }
        }

        html.Element("h3", "Images left out");
        if (skipped.Count == 0)
        {
            html.Element("p", "None: every image could be read.");
            return;
        }

        html.Element("p", $"{Wording.Images(skipped.Count)} could not be read{(skipped.Count > MostSkipped ? $"; the first {MostSkipped} are listed" : string.Empty)}.");
        using var left = html.Tag("ul", ("class", "skipped"));
        foreach (var image in skipped.Take(MostSkipped))
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
