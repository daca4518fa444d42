namespace OnnxTransfer.Datasets;

/// <summary>Which files of a folder are images, by their ending (any case).</summary>
public static class ImageFormats
{
    private static readonly HashSet<string> s_read = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp",
    };

    private static readonly HashSet<string> s_other = new(StringComparer.OrdinalIgnoreCase)
    {
        ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".jfif", ".ico", ".svg", ".psd", ".pgm", ".ppm", ".pnm",
        ".tga", ".exr", ".hdr", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".dcm",
    };

    /// <summary>The endings that are read, for messages.</summary>
    public const string Endings = ".jpg .jpeg .png .bmp .gif .webp";

    /// <summary>Whether a file of this name is read as an image.</summary>
    public static bool IsImage(string fileName) => s_read.Contains(Path.GetExtension(fileName));

    /// <summary>Whether a file of this name is an image of a format that is not read.</summary>
    public static bool IsOtherImage(string fileName) => s_other.Contains(Path.GetExtension(fileName));
}
