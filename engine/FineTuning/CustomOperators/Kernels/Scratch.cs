using System.Runtime.InteropServices;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Memory of a call, on a cache line, with any numbers in it. What a call gives back is kept for the next: to map tens of megabytes anew
/// for each node of each step costs as much as arithmetic on them.
/// </summary>
internal readonly unsafe struct Scratch : IDisposable
{
    private const nuint CacheLine = 64;

    private static readonly Lock Gate = new();
    private static readonly List<Scratch> Kept = [];

    private readonly long capacity;

    private Scratch(long capacity)
    {
        this.capacity = capacity;
        Start = (float*)NativeMemory.AlignedAlloc(checked((nuint)capacity * sizeof(float)), CacheLine);
    }

    /// <summary>The first number.</summary>
    public float* Start { get; }

    /// <summary>Memory for at least <paramref name="count"/> numbers: the smallest kept that has room, or new memory in the place of the largest.</summary>
    public static Scratch Rent(long count)
    {
        lock (Gate)
        {
            var best = Kept.FindIndex(kept => kept.capacity >= count);
            if (best >= 0)
            {
                var found = Kept[best];
                Kept.RemoveAt(best);
                return found;
            }

            if (Kept.Count > 0)
            {
                NativeMemory.AlignedFree(Kept[^1].Start);
                Kept.RemoveAt(Kept.Count - 1);
            }
        }

        return new Scratch(count);
    }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            var capacity = this.capacity;
            var larger = Kept.FindIndex(kept => kept.capacity > capacity);
            Kept.Insert(larger < 0 ? Kept.Count : larger, this);
        }
    }
}
