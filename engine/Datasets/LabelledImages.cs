using System.Collections;

namespace OnnxTransfer.Datasets;

/// <summary>
/// Images with their labels, always in the ordinal order of their ids: same files, same set, whatever order the disk or
/// a list has them in.
/// </summary>
/// <remarks>
/// Reading a set looks at names, lists and headers only; no image is opened. What was left out, and why, stands in
/// <see cref="Notes"/>.
/// </remarks>
public sealed class LabelledImages : IReadOnlyList<LabelledImage>
{
    private readonly LabelledImage[] _images;

    /// <summary>Makes a set of any images.</summary>
    /// <param name="source">What to call the set in messages.</param>
    /// <param name="images">The images in any order.</param>
    /// <param name="notes">What was left out and why, a sentence each.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: two images have the same id.</exception>
    public LabelledImages(string source, IEnumerable<LabelledImage> images, IReadOnlyList<string>? notes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        Source = source;
        _images = [.. images];
        Notes = notes ?? [];
        Array.Sort(_images, static (a, b) => string.CompareOrdinal(a.Id, b.Id));
        for (var i = 1; i < _images.Length; i++)
        {
            if (_images[i].Id == _images[i - 1].Id)
            {
                throw new OnnxTransferException(
                    FailureKind.Data,
                    $"{source} has two images with the id '{_images[i].Id}' ({_images[i - 1].Content.Path} and "
                    + $"{_images[i].Content.Path}); an id may occur once.");
            }
        }

        Classes = [.. _images.Select(static image => image.Label).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        Splits = [.. _images.Select(static image => image.Split).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Where the set comes from, for messages.</summary>
    public string Source { get; }

    /// <summary>The labels that occur, in ordinal order.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The given parts that occur ("test", "train", "val"), in ordinal order; empty where the set gives none.</summary>
    public IReadOnlyList<string> Splits { get; }

    /// <summary>What was left out or decided while reading, a sentence each: to be shown to the user.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <inheritdoc/>
    public int Count => _images.Length;

    /// <inheritdoc/>
    public LabelledImage this[int index] => _images[index];

    /// <summary>
    /// Reads whatever <paramref name="path"/> is: a folder of images (<see cref="FromFolder"/>), a folder with pairs of
    /// IDX files, a list ending in .csv or .tsv (<see cref="FromCsv"/>) or .jsonl or .ndjson
    /// (<see cref="FromJsonLines"/>), or the images file of an IDX pair whose labels file lies beside it.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: none of these, or empty, or inconsistent.</exception>
    public static LabelledImages Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return IdxDataset.FindPairs(path) is { Count: > 0 } pairs
                ? IdxDataset.Read(path, pairs)
                : FolderDataset.Read(path);
        }

        if (!File.Exists(path))
        {
            throw new OnnxTransferException(FailureKind.Data, $"There is no {path}; check the spelling.");
        }

        switch (Path.GetExtension(path).ToUpperInvariant())
        {
            case ".CSV" or ".TSV":
                return FromCsv(path);
            case ".JSONL" or ".NDJSON":
                return FromJsonLines(path);
        }

        if (IdxDataset.PairOf(path) is { } pair)
        {
            return IdxDataset.Read(path, [pair]);
        }

        throw new OnnxTransferException(
            FailureKind.Data,
            $"{path} is no set of images: give a folder, a list (.csv, .jsonl), or the images file of an IDX pair "
            + "(NAME-images-idx3-ubyte beside NAME-labels-idx1-ubyte, .gz or not).");
    }

    /// <summary>Reads a folder: a sub-folder per class, the same below train/, test/ and val/, or images without labels.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>A class is a folder of the first level; images deeper in it belong to it, and their ids keep the path.</item>
    /// <item>train/, test/ and val/ (also valid/, validation/; any case) are parts and not classes if all images in train/
    /// lie in sub-folders, or if the folder has nothing but such names. Then other folders beside them are left out. A
    /// class called "train" between other classes, with its images directly in it, stays a class.</item>
    /// <item>train/ alone is a set without a test part: it is split when one is needed.</item>
    /// <item>Images directly in a folder that also has classes are left out; alone they are a set without labels.</item>
    /// <item>Hidden files, files that are not images by their ending and links that lead nowhere or in a circle are left
    /// out. All that is left out is counted in <see cref="Notes"/>.</item>
    /// </list>
    /// </remarks>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: no such folder, or no image in it; <see cref="FailureKind.Machine"/>: it must not be
    /// read.
    /// </exception>
    public static LabelledImages FromFolder(string path) => FolderDataset.Read(path);

    /// <summary>All images below a folder, at any depth, without labels or parts: what is to be classified.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="FromFolder"/>.</exception>
    public static LabelledImages Below(string folder) => FolderDataset.ReadAll(folder);

    /// <summary>
    /// Reads a CSV list. The first line names the columns: <c>path</c> and optionally <c>label</c>, <c>split</c>,
    /// <c>group</c> (any order and case; other columns are ignored); they are separated by commas, semicolons or tabs as
    /// the first line shows.
    /// </summary>
    /// <remarks>
    /// Paths are relative to the list's folder and must stay in it. Spaces around values are removed. Labels are strings
    /// as written. A value of split is train, test or val.
    /// </remarks>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>, naming the line: a path that does not exist, lies outside or occurs twice; a label
    /// or split that is missing where others have one; an unknown split; broken quoting.
    /// </exception>
    public static LabelledImages FromCsv(string path) => ListDataset.Read(path, CsvList.Read(path));

    /// <summary>
    /// Reads a list of JSON objects, one a line, with <c>path</c> and optionally <c>label</c> (a string or a number),
    /// <c>split</c>, <c>group</c>; other properties are ignored. Rules and errors as for <see cref="FromCsv"/>.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>, naming the line.</exception>
    public static LabelledImages FromJsonLines(string path) => ListDataset.Read(path, JsonLinesList.Read(path));

    /// <summary>
    /// Reads a pair of IDX files (MNIST's format), compressed with gzip or not: grey images (N x H x W unsigned bytes)
    /// and N labels, which become the strings "0" to "255". The pixels are held in memory.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: not IDX, sizes that disagree with the header or with each other, or above 2 GB.
    /// </exception>
    public static LabelledImages FromIdx(string images, string labels) =>
        IdxDataset.Read(images, [new IdxPair(IdxDataset.NameOf(images), images, labels)]);

    /// <summary>Images without labels from files that are named one by one; a file named twice counts once.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: no file is named, or one does not exist.</exception>
    public static LabelledImages FromFiles(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var images = new Dictionary<string, LabelledImage>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (!File.Exists(path))
            {
                throw new OnnxTransferException(FailureKind.Data, $"There is no image {path}; check the spelling.");
            }

            var id = path.Replace('\\', '/');
            images.TryAdd(id, new LabelledImage(id, null, new ImageFile(path)));
        }

        return images.Count > 0
            ? new LabelledImages(images.Count == 1 ? images.Keys.First() : $"{images.Count} files", images.Values)
            : throw new OnnxTransferException(FailureKind.Data, "No image is named; give at least one file.");
    }

    /// <summary>The images of one given part ("train", "test" or "val"); empty where there are none.</summary>
    public LabelledImages OfSplit(string split) => Where(image => image.Split == split);

    /// <summary>The images that satisfy a condition.</summary>
    public LabelledImages Where(Func<LabelledImage, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new LabelledImages(Source, _images.Where(condition), Notes);
    }

    /// <summary>The first <paramref name="count"/> images, or all where there are fewer.</summary>
    public LabelledImages Take(int count) => new(Source, _images.Take(count), Notes);

    /// <summary>All images but the first <paramref name="count"/>.</summary>
    public LabelledImages Skip(int count) => new(Source, _images.Skip(count), Notes);

    /// <summary>A part to learn from and a part to test with.</summary>
    /// <remarks>
    /// <para>The given parts where there is a test part, or a val part that can stand for it (a val part beside a test part
    /// is left aside). Otherwise a stratified, seeded split: see <see cref="StratifiedSplit"/>.</para>
    /// </remarks>
    /// <param name="testShare">The share of every class that goes to the test part, above 0 and below 1.</param>
    /// <param name="seed">Another seed, another split; without meaning where the parts are given.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: labels are missing, there is one class only, a class has one image only, or the test
    /// part has a class that the training part lacks.
    /// </exception>
    public TrainTest SplitTrainTest(double testShare = 0.2, int seed = 0) => TrainTest.Of(this, testShare, seed);

    /// <inheritdoc/>
    public IEnumerator<LabelledImage> GetEnumerator() => ((IEnumerable<LabelledImage>)_images).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
