using OnnxTransfer.Imaging;

namespace OnnxTransfer.Datasets;

/// <summary>Small pictures of the images of a set, for people to look at and to compare images by.</summary>
public static class Thumbnail
{
    /// <summary>The whole image, its longer side reduced to <paramref name="side"/> pixels; a smaller image as it is.</summary>
    /// <exception cref="OnnxTransferException">As for <see cref="IImageContent.Read"/> and <see cref="IImageContent.Decode"/>.</exception>
    public static RgbImage Of(LabelledImage image, int side, IImageDecoder decoder, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var full = image.Content.Decode(image.Content.Read(), decoder, options);
        var longer = Math.Max(full.Width, full.Height);
        return longer <= side
            ? full
            : Resampling.Resize(full, Reduced(full.Width), Reduced(full.Height), ResizeFilter.Bilinear);

        int Reduced(int pixels) => Math.Max(1, (int)(((long)pixels * side + (longer / 2)) / longer));
    }
}
