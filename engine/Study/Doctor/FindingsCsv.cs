using System.Globalization;
using System.Text;
using OnnxTransfer.Datasets;

namespace OnnxTransfer.Study;

/// <summary>All findings as lines of one CSV file, for a spreadsheet to sort and tick off.</summary>
internal static class FindingsCsv
{
    /// <summary>The columns; docs/DOCTOR.md says what they hold for each kind.</summary>
    private const string Header = "kind,rank,image,label,suggested,other,score,detail";

    /// <summary>The file's text: lines end as RFC 4180 has them.</summary>
    public static string Of(DoctorReport report, IReadOnlyDictionary<string, LabelledImage> images)
    {
        var text = new StringBuilder(Header).Append("\r\n");
        foreach (var (rank, label) in report.Labels.Index())
        {
            Line(rank < report.SuspectLabels ? "suspect-label" : "label", rank, label.Image, label.Label, label.Suggested, string.Empty, label.Margin, string.Empty);
        }

        foreach (var (rank, pair) in report.Duplicates.Index())
        {
            Line("duplicate", rank, pair.Image, images[pair.Image].Label!, string.Empty, pair.Other, pair.Similarity, Detail(pair));
        }

        foreach (var (rank, pair) in report.Overlaps.Index())
        {
            Line("overlap", rank, string.Empty, pair.First, string.Empty, pair.Second, pair.Share, $"{pair.FirstAsSecond} as the other; {pair.SecondAsFirst} back");
        }

        foreach (var (rank, stranger) in report.Strangers.Index())
        {
            Line("stranger", rank, stranger.Image, stranger.Label, string.Empty, stranger.Nearest, stranger.Distance, string.Empty);
        }

        return text.ToString();

        void Line(string kind, int rank, string image, string label, string suggested, string other, double score, string detail) => text.Append(
            CultureInfo.InvariantCulture,
            $"{kind},{rank + 1},{CsvField.Text(image)},{CsvField.Text(label)},{CsvField.Text(suggested)},{CsvField.Text(other)},{score:0.######},{detail}\r\n");
    }

    /// <summary>What else there is to say of a pair.</summary>
    public static string Detail(NearDuplicate pair) => string.Join("; ", new[]
    {
        pair.Mirrored ? "mirrored" : null,
        pair.AcrossParts ? "across parts" : null,
        pair.SameLabel ? null : "other label",
    }.OfType<string>());
}
