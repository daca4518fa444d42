using System.Globalization;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>A folder with what the doctor found: a CSV file, and sheets of the images to look at.</summary>
public static class DoctorFolder
{
    /// <summary>The names of the files; a sheet without a picture is not there.</summary>
    public const string Findings = "findings.csv", SuspectLabels = "suspect-labels.jpg", Duplicates = "duplicates.jpg", Strangers = "strangers.jpg";

    private const int Side = 180, Single = 6, Pairs = 3, MostTiles = 60, Quality = 88;

    /// <summary>Makes the folder and checks that it can be written, for callers with long work before it.</summary>
    /// <param name="folder">Where files shall go.</param>
    /// <param name="images">The set that is looked at.</param>
    /// <exception cref="OnnxTransferException">Usage: the folder lies in the set, whose class it would become. Machine: it cannot be written.</exception>
    public static void RequirePlace(string folder, LabelledImages images)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(images);
        var (inner, outer) = (Path.GetFullPath(folder), Path.TrimEndingDirectorySeparator(Path.GetFullPath(images.Source)) + Path.DirectorySeparatorChar);
        if (Directory.Exists(images.Source) && (inner + Path.DirectorySeparatorChar).StartsWith(outer, StringComparison.Ordinal))
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The findings cannot go to {folder}: it lies in {images.Source}, and would be taken for images of it; name another folder.");
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.CannotWrite(folder, e);
        }

        WholeFile.RequirePlace(Path.Combine(folder, Findings));
    }

    /// <summary>Writes the files, over those of an earlier time, and gives their names.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <param name="report">What was found.</param>
    /// <param name="images">The set.</param>
    /// <param name="options">How its images are decoded; null: by default.</param>
    /// <exception cref="OnnxTransferException">Machine: a file cannot be written.</exception>
    public static IReadOnlyList<string> Write(string folder, DoctorReport report, LabelledImages images, ExtractionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(images);
        options ??= new ExtractionOptions();
        var byId = images.ToDictionary(static image => image.Id, StringComparer.Ordinal);
        WholeFile.WriteText(Path.Combine(folder, Findings), FindingsCsv.Of(report, byId));
        var written = new List<string> { Findings };
        Sheet(SuspectLabels, Single, report.Labels.Take(report.SuspectLabels).Select((of, i) =>
            Tile([of.Image], [$"{i + 1} {of.Label}", $"> {of.Suggested}"], [of.Image])));
        Sheet(Duplicates, Pairs, report.Duplicates.Select((of, i) =>
            Tile([of.Image, of.Other], [Text($"{i + 1}: {of.Similarity:0.000} {FindingsCsv.Detail(of)}")], [of.Image, of.Other])));
        Sheet(Strangers, Single, report.Strangers.Select((of, i) =>
            Tile([of.Image], [Text($"{i + 1}: {of.Distance:0.00} x"), of.Label], [of.Image])));
        return written;

        SheetTile Tile(string[] ids, string[] titles, string[] notes) => new([.. ids.Select(id => Picture(byId[id], options))], titles, notes);

        void Sheet(string name, int columns, IEnumerable<SheetTile> tiles)
        {
            var path = Path.Combine(folder, name);
            if (tiles.Take(MostTiles).ToList() is { Count: > 0 } shown)
            {
                WholeFile.Write(path, stream => stream.Write(JpegFile.Encode(ContactSheet.Draw(shown, Side, columns), Quality)));
                written.Add(name);
            }
            else
            {
                Discard(path);
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A picture of nothing stands for an image that cannot be read any more.</summary>
    private static RgbImage Picture(LabelledImage image, ExtractionOptions options)
    {
        try
        {
            return Thumbnail.Of(image, Side, options.Decoder, new DecodeOptions { AllowTruncated = options.AllowTruncated });
        }
        catch (OnnxTransferException)
        {
            return new RgbImage(1, 1, [128, 128, 128]);
        }
    }

    /// <summary>A sheet of an earlier time would be taken for one of this time.</summary>
    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.CannotWrite(path, e);
        }
    }
}
