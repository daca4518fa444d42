namespace OnnxTransfer.FineTuning;

/// <summary>The fixed pieces that work is cut into, whatever the number of threads.</summary>
internal static class Pieces
{
    /// <summary>Channels of a piece at most.</summary>
    public const int MostChannels = 64;

    private const long Size = 1 << 16;

    /// <summary>Runs the work on pieces from a first element to before a last one.</summary>
    public static void Each(KernelCall call, long count, Action<long, long> work) =>
        call.Parallel((int)((count + Size - 1) / Size), part => work(part * Size, Math.Min((part + 1) * Size, count)));

    /// <summary>
    /// Runs the work from a first channel to before a last one: a channel that is large, or so many small ones that their planes, which
    /// lie one behind the other in each image, are read in stretches worth fetching ahead.
    /// </summary>
    public static void OfChannels(KernelCall call, int images, int channels, long plane, Action<int, int> work)
    {
        var block = (int)Math.Clamp(Size / Math.Max(images * plane, 1), 1, MostChannels);
        call.Parallel((channels + block - 1) / block, piece => work(piece * block, Math.Min((piece + 1) * block, channels)));
    }
}
