using System.Globalization;

namespace OnnxTransfer.Datasets;

/// <summary>The two files of an IDX set.</summary>
/// <param name="Name">What they have in common: "t10k" of t10k-images-idx3-ubyte.gz.</param>
/// <param name="Images">The file of N x H x W bytes.</param>
/// <param name="Labels">The file of N bytes.</param>
internal sealed record IdxPair(string Name, string Images, string Labels);

/// <summary>Pairs of IDX files become a set.</summary>
internal static class IdxDataset
{
    private const string ImagesMark = "images-idx3-ubyte";
    private const string LabelsMark = "labels-idx1-ubyte";

    /// <summary>
    /// The pair that an images file belongs to; null if it is none by its name. MNIST's own files are spelled with a dot
    /// before idx3 in some copies.
    /// </summary>
    public static IdxPair? PairOf(string images)
    {
        var file = Path.GetFileName(images);
        var plain = file.Replace(".idx3", "-idx3", StringComparison.Ordinal);
        if (!plain.Contains(ImagesMark, StringComparison.Ordinal))
        {
            return null;
        }

        var labels = file.Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal);
        var other = labels.EndsWith(".gz", StringComparison.Ordinal) ? labels[..^3] : labels + ".gz";
        var folder = Path.GetDirectoryName(images) ?? string.Empty;
        var found = ((string[])[labels, other]).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return found is null
            ? throw new OnnxTransferException(
                FailureKind.Data, $"{images} has no labels: {labels} does not lie beside it; put it there.")
            : new IdxPair(NameOf(images), images, found);
    }

    /// <summary>What comes before "-images" in the file's name, or the name up to its first dot.</summary>
    public static string NameOf(string images)
    {
        var file = Path.GetFileName(images);
        var end = file.IndexOf("images", StringComparison.Ordinal);
        var name = (end > 0 ? file[..end] : file.Split('.')[0]).TrimEnd('-', '_', '.');
        return name.Length > 0 ? name : "idx";
    }

    /// <summary>The pairs directly in a folder, in ordinal order; of a file and its .gz, the plain one.</summary>
    public static List<IdxPair> FindPairs(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder)
                .Order(StringComparer.Ordinal)
                .Select(PairOf)
                .OfType<IdxPair>()
                .DistinctBy(static pair => pair.Name, StringComparer.Ordinal)
                .ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable.Because(folder, e);
        }
    }

    /// <summary>
    /// Reads pairs. Of several, "train" is the training part and "t10k" or "test" the test part; a single pair is a set
    /// without parts.
    /// </summary>
    public static LabelledImages Read(string source, IReadOnlyList<IdxPair> pairs)
    {
        var images = new List<LabelledImage>();
        foreach (var pair in pairs)
        {
            images.AddRange(Read(pair, pairs.Count > 1 ? SplitOf(pair, source) : null));
        }

        return new LabelledImages(source, images);
    }

    private static IEnumerable<LabelledImage> Read(IdxPair pair, string? split)
    {
        var labels = IdxFile.Read(pair.Labels, dimensions: 1);
        var pixels = IdxFile.Read(pair.Images, dimensions: 3);
        var count = pixels.Dimensions[0];
        if (count != labels.Dimensions[0])
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{pair.Images} has {count:N0} images and {pair.Labels} {labels.Dimensions[0]:N0} labels; they do not belong together.");
        }

        // Six digits are enough for a million images; more digits keep ordinal order the order of the file.
        var digits = "D" + Math.Max(6, (count - 1).ToString(CultureInfo.InvariantCulture).Length).ToString(CultureInfo.InvariantCulture);
        return Enumerable.Range(0, count).Select(i => new LabelledImage(
            $"{pair.Name}/{i.ToString(digits, CultureInfo.InvariantCulture)}",
            labels.Values[i].ToString(CultureInfo.InvariantCulture),
            new IdxImage(pixels, pair.Images, i))
        {
            Split = split,
        });
    }

    private static string SplitOf(IdxPair pair, string source) =>
        pair.Name == "t10k" ? SplitNames.Test
        : SplitNames.Parse(pair.Name) ?? throw new OnnxTransferException(
            FailureKind.Data,
            $"{source} has several IDX pairs and '{pair.Name}' is neither train nor test (t10k); give the images file of one pair.");
}
