using Microsoft.Extensions.FileSystemGlobbing;
using OnnxTransfer.Datasets;

namespace OnnxTransfer.Cli.Options;

/// <summary>What the words of a command line name: image files, folders, globs, or "-" for names on standard input.</summary>
internal static class ImageNames
{
    /// <summary>The images in the order named, each once.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: a word that names no image.</exception>
    public static List<LabelledImage> Resolve(IEnumerable<string> words, TextReader standardInput)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. words.SelectMany(word => word == "-" ? Lines(standardInput) : Files(word))
            .Where(seen.Add)
            .Select(path => new LabelledImage(path, null, new ImageFile(path)))];
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
            return LabelledImages.FromFolder(word).Select(image => image.Content.Path);
        }

        if (File.Exists(word) || word.IndexOfAny(['*', '?']) < 0)
        {
            return [word];
        }

        var root = Path.IsPathRooted(word) ? Path.GetPathRoot(word)! : ".";
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(Path.IsPathRooted(word) ? Path.GetRelativePath(root, word) : word);
        var found = matcher.GetResultsInFullPath(root)
            .Where(ImageFormats.IsImage)
            .Order(StringComparer.Ordinal)
            .Select(path => Path.IsPathRooted(word) ? path : Path.GetRelativePath(".", path))
            .ToList();
        return found.Count > 0 ? found : throw new OnnxTransferException(FailureKind.Data, $"No image matches {word}.");
    }
}
