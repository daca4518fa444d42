using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>
/// Weights as the micro-kernel reads them: panels of 64 bytes of classes, each D rows long; a last half panel where that
/// is enough for the classes left.
/// </summary>
internal sealed unsafe class PackedWeights<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int classes;
    private readonly int depth;
    private readonly AlignedBuffer<T> panels;
    private readonly T[] intercepts;

    public PackedWeights(int classes, int depth)
    {
        var width = MicroKernel.Width<T>();
        var left = classes % width;
        (this.classes, this.depth) = (classes, depth);
        HasHalfPanel = left > 0 && left <= width / 2;
        FullPanels = (classes / width) + (left > width / 2 ? 1 : 0);
        Stride = (FullPanels * width) + (HasHalfPanel ? width / 2 : 0);
        panels = new AlignedBuffer<T>((long)Stride * depth);
        intercepts = new T[Stride];
    }

    /// <summary>Panels of full width.</summary>
    public int FullPanels { get; }

    /// <summary>Whether a half panel follows them.</summary>
    public bool HasHalfPanel { get; }

    /// <summary>Columns of the scores: K filled up.</summary>
    public int Stride { get; }

    /// <summary>A panel; number <see cref="FullPanels"/> is the half one.</summary>
    public T* Panel(int panel) => panels.Start + ((long)panel * MicroKernel.Width<T>() * depth);

    /// <summary>Takes K x (D + 1) weights, the intercept last in each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(ReadOnlySpan<double> w)
    {
        var width = MicroKernel.Width<T>();
        for (var k = 0; k < classes; k++)
        {
            var row = w.Slice(k * (depth + 1), depth + 1);
            intercepts[k] = T.CreateTruncating(row[depth]);
            var (panel, column) = (k / width, k % width);
            var columns = panel < FullPanels ? width : width / 2;
            var target = Panel(panel) + column;
            for (var d = 0; d < depth; d++)
            {
                target[(nint)d * columns] = T.CreateTruncating(row[d]);
            }
        }
    }

    /// <summary>Sets rows of scores to the intercepts, or to zero.</summary>
    public void FillWithIntercepts(T* scores, int rows, bool withIntercepts)
    {
        for (var row = 0; row < rows; row++)
        {
            var target = new Span<T>(scores + ((nint)row * Stride), Stride);
            if (withIntercepts)
            {
                intercepts.CopyTo(target);
            }
            else
            {
                target.Clear();
            }
        }
    }

    public void Dispose() => panels.Dispose();
}
