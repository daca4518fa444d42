using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace OnnxTransfer.Heads;

/// <summary>The float32 numbers of a part of a file, mapped for reading.</summary>
internal sealed unsafe class MappedNumbers : MemoryManager<float>
{
    private readonly MemoryMappedViewAccessor view;
    private readonly int count;
    private float* start;

    /// <summary>Maps <paramref name="count"/> numbers, at least one, from where the stream stands.</summary>
    public MappedNumbers(FileStream stream, int count)
    {
        // The view outlives both the stream and the mapping it is made of.
        using var file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(stream.Position, (long)count * sizeof(float), MemoryMappedFileAccess.Read);
        this.count = count;
        start = Acquire();
    }

    public override Span<float> GetSpan()
    {
        ObjectDisposedException.ThrowIf(start == null, typeof(MappedCodes));
        return new Span<float>(start, count);
    }

    /// <summary>Keeps the file mapped until the handle is disposed.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)count, nameof(elementIndex));
        ObjectDisposedException.ThrowIf(start == null, typeof(MappedCodes));
        return new MemoryHandle(Acquire() + elementIndex, default, this);
    }

    public override void Unpin() => view.SafeMemoryMappedViewHandle.ReleasePointer();

    protected override void Dispose(bool disposing)
    {
        if (disposing && start != null)
        {
            start = null;
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }
    }

    private float* Acquire()
    {
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        return (float*)(pointer + view.PointerOffset);
    }
}
