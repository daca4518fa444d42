using System.Collections.Concurrent;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>Small pictures of images as they stand in the report: bytes of JPEG files, in base64.</summary>
public sealed class Pictures
{
    /// <summary>The longer side of a picture among others, and of one that is looked at, in pixels.</summary>
    internal const int SmallSide = 48, LargeSide = 128;

    /// <summary>Their qualities as JPEG files.</summary>
    internal const int SmallQuality = 70, LargeQuality = 80;

    private readonly Dictionary<string, LabelledImage> images;
    private readonly ExtractionOptions options;
    private readonly ConcurrentDictionary<(string Id, int Side), string?> made = new();

    /// <summary>Pictures of a set, which are made when they are asked for.</summary>
    public Pictures(LabelledImages images, ExtractionOptions options)
    {
        ArgumentNullException.ThrowIfNull(images);
        this.images = images.ToDictionary(static image => image.Id, StringComparer.Ordinal);
        this.options = options;
    }

    /// <summary>Makes small pictures of several images at once; null for one that cannot be read (any more).</summary>
    internal IReadOnlyList<string?> Small(IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var pictures = new string?[ids.Count];
        Parallel.For(0, ids.Count, new ParallelOptions { CancellationToken = cancellation }, i => pictures[i] = Of(ids[i], SmallSide, SmallQuality));
        return pictures;
    }

    /// <summary>A picture to look at; null where the image cannot be read (any more).</summary>
    internal string? Large(string id) => Of(id, LargeSide, LargeQuality);

    private string? Of(string id, int side, int quality) => made.GetOrAdd((id, side), _ =>
    {
        if (!images.TryGetValue(id, out var image))
        {
            return null;
        }

        try
        {
            var decoding = new DecodeOptions { AllowTruncated = options.AllowTruncated };
            return Convert.ToBase64String(JpegFile.Encode(Thumbnail.Of(image, side, options.Decoder, decoding), quality));
        }
        catch (OnnxTransferException)
        {
            return null;
        }
    });
}
