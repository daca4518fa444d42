using OnnxTransfer.Imaging;

namespace OnnxTransfer.Datasets;

/// <summary>An image that is a file of its own.</summary>
/// <param name="Path">The file; relative paths are as the process sees them.</param>
public sealed record ImageFile(string Path) : IImageContent
{
    /// <summary>The largest file that is read: 256 MiB, above every photo and below what would exhaust a worker.</summary>
    public const long LargestFile = 256L << 20;

    /// <inheritdoc/>
    /// <remarks>A pipe or a device is read as an empty file: it is not opened, for that might never end.</remarks>
    public byte[] Read()
    {
        try
        {
            if (RegularFile.Length(Path) == 0)
            {
                return [];
            }

            using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (file.Length > LargestFile)
            {
                throw new OnnxTransferException(
                    FailureKind.Data,
                    $"{Path} has {file.Length:N0} bytes, more than the {LargestFile:N0} that an image may have; leave it out.");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable.Because(Path, e);
        }
    }

    /// <inheritdoc/>
    public RgbImage Decode(byte[] content, IImageDecoder decoder, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return decoder.Decode(content, Path, options);
    }
}
