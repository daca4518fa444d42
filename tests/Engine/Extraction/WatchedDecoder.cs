using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine.Tests;

/// <summary>Decodes as ever, counts, and lets a test do something at the k-th image.</summary>
internal sealed class WatchedDecoder(Action<int>? at = null) : IImageDecoder
{
    private int count;

    public int Count => count;

    public string Name => ImageDecoders.Default.Name;

    public RgbImage Decode(byte[] file, string name, DecodeOptions options)
    {
        var number = Interlocked.Increment(ref count);
        at?.Invoke(number);
        return ImageDecoders.Default.Decode(file, name, options);
    }
}
