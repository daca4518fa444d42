namespace OnnxTransfer.Imaging;

/// <summary>What every decoder checks before it decodes, and the sentences of what can be wrong with an image file.</summary>
internal static class FileChecks
{
    /// <summary>The format of a file that may be decoded.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: empty, no image, or cut off.</exception>
    public static ImageFormat Format(ReadOnlySpan<byte> file, string name, DecodeOptions options)
    {
        if (file.IsEmpty)
        {
            throw Bad(name, "is empty (0 bytes); leave it out or fetch it again");
        }

        var format = ImageFormats.Of(file);
        if (format == ImageFormat.Unknown)
        {
            throw Bad(name, $"is not {ImageFormats.Names}, whatever its name says; leave it out or convert it");
        }

        return options.AllowTruncated || FileEnd.IsReached(file, format) ? format : throw CutOff(name);
    }

    /// <summary>Refuses an image by the size in its header, before anything is allocated for its pixels.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: more pixels or a longer side than the options allow.</exception>
    public static void CheckSize(int width, int height, string name, DecodeOptions options)
    {
        var most = Math.Min(options.MaxPixels, Array.MaxLength / 3);
        if (width < 1 || height < 1 || (long)width * height > most)
        {
            throw Bad(name, $"has {width} x {height} pixels, where 1 to {most} are allowed; leave it out or make it smaller");
        }

        if (Math.Max(width, height) > options.MaxSide)
        {
            throw Bad(name, $"has {width} x {height} pixels, where a side may have {options.MaxSide}; leave it out or make it smaller");
        }
    }

    /// <summary>The failure of a file that ends too early.</summary>
    public static OnnxTransferException CutOff(string name) =>
        Bad(name, "is cut off; fetch it again, or take what there is of it with --allow-truncated");

    /// <summary>The failure of a file that the decoder cannot follow.</summary>
    public static OnnxTransferException Damaged(string name, string reason, Exception? inner = null) =>
        Bad(name, $"is damaged or of a kind that is not read ({reason}); leave it out or save it again", inner);

    /// <summary>The failure of an image file.</summary>
    public static OnnxTransferException Bad(string name, string what, Exception? inner = null) =>
        new(FailureKind.Data, $"The image {name} {what}.", inner);
}
