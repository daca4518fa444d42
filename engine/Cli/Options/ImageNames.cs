using OnnxTransfer.Datasets;

namespace OnnxTransfer.Cli.Options;

/// <summary>What the words of a command line name: image files, folders, globs, or "-" for names on standard input.</summary>
internal static class ImageNames
{
    private const string StandardInput = "-";

    /// <summary>The images in the order named, each once.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: a word that names no image, or no image at all.</exception>
    public static List<LabelledImage> Resolve(IEnumerable<string> words, TextReader standardInput)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        List<LabelledImage> images = [.. words.SelectMany(word => word == StandardInput ? Lines(standardInput) : Files(word))
            .Where(seen.Add)
            .Select(path => new LabelledImage(path, null, new ImageFile(path)))];
        return images.Count > 0
            ? images
            : throw new OnnxTransferException(FailureKind.Data, "No image is named on standard input; write a name a line.");
    }

    private static IEnumerable<string> Lines(TextReader input)
    {
        while (input.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> Files(string word)
    {
        if (Directory.Exists(word))
        {
            return LabelledImages.Below(word).Select(image => image.Content.Path);
        }

        if (File.Exists(word) || !Glob.IsPattern(word))
        {
            return [word];
        }

        var found = Glob.Files(word);
        var images = found.Where(ImageFormats.IsImage).ToList();
        return images.Count > 0
            ? images
            : throw new OnnxTransferException(
                FailureKind.Data,
                found.Count == 0
                    ? $"No file matches {word}; check the pattern."
                    : $"{found.Count} files match {word}, and none is an image by its ending ({ImageFormats.Endings}); name the files themselves.");
    }
}
