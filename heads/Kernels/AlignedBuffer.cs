using System.Runtime.InteropServices;

namespace OnnxTransfer.Heads;

/// <summary>Numbers outside the garbage collector's reach that start on a cache line, so that a vector never straddles two.</summary>
internal sealed unsafe class AlignedBuffer<T> : IDisposable where T : unmanaged
{
    private const nuint CacheLine = 64;
    private T* start;

    /// <summary>Room for <paramref name="length"/> numbers, all zero.</summary>
    public AlignedBuffer(long length)
        : this(length, isCleared: true)
    {
    }

    private AlignedBuffer(long length, bool isCleared)
    {
        Length = length;
        var bytes = checked((nuint)Math.Max(length, 1) * (nuint)sizeof(T));
        start = (T*)NativeMemory.AlignedAlloc(bytes, CacheLine);
        if (isCleared)
        {
            NativeMemory.Clear(start, bytes);
        }
    }

    ~AlignedBuffer() => Free();

    /// <summary>Room for numbers that are all written before they are read.</summary>
    public static AlignedBuffer<T> ToFill(long length) => new(length, isCleared: false);

    /// <summary>How many numbers.</summary>
    public long Length { get; }

    /// <summary>The first number.</summary>
    public T* Start => start;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(start);
        start = null;
    }
}
