using System.Buffers;

namespace OnnxTransfer.Heads.Tests;

/// <summary>
/// Numbers between two guards: an access before the first byte of a place at the start, or behind the last byte of a
/// place at the end, kills the process.
/// </summary>
internal sealed unsafe class GuardedBuffer<T>(int capacity) : MemoryManager<T> where T : unmanaged
{
    private readonly GuardedPages pages = new((nint)capacity * sizeof(T));
    private (nint Start, int Length) place;

    /// <summary>Copies numbers to the place that touches one of the guards.</summary>
    public T* Put(ReadOnlySpan<T> numbers, bool atEnd)
    {
        place = (atEnd ? pages.End - ((nint)numbers.Length * sizeof(T)) : pages.Start, numbers.Length);
        numbers.CopyTo(GetSpan());
        return (T*)place.Start;
    }

    /// <summary>What was put last.</summary>
    public override Span<T> GetSpan() => new((T*)place.Start, place.Length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((T*)place.Start + elementIndex);

    public override void Unpin()
    {
    }

    public void Dispose() => Dispose(true);

    protected override void Dispose(bool disposing) => pages.Dispose();
}
