using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>Turns the scores of some rows into slopes, in place.</summary>
/// <param name="slab">The slab the rows belong to: where partial sums go.</param>
/// <param name="first">The first row, as the codes count them.</param>
/// <param name="rows">How many.</param>
/// <param name="scores">Row i begins at i * stride.</param>
/// <param name="stride">At least K.</param>
internal delegate void ChunkMap<T>(int slab, int first, int rows, Span<T> scores, int stride);

/// <summary>
/// One pass over the codes: scores S = X W' + b, a map from scores to slopes, gradient G = S'X with the intercepts' last. A
/// chunk of rows goes through all three while it is in the cache.
/// </summary>
/// <remarks>
/// T is the precision of products and slopes: float32 for iterations, float64 for certificates. Sums over a slab are
/// made in T, sums over slabs in float64, both in the order of the rows.
/// </remarks>
internal sealed unsafe class CodePass<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int DepthBlock = 256;

    private readonly RowSlabs slabs;
    private readonly int classes;
    private readonly int depth;
    private readonly int threads;
    private readonly int stride;
    private readonly int paddedDepth;
    private readonly int batch;
    private readonly PackedWeights<T> weights;
    private readonly Scratch?[] scratches;
    private readonly AlignedBuffer<T>?[] partials;
    private readonly double[] biasPartials;

    public CodePass(RowSlabs slabs, int classes, int threads)
    {
        var width = MicroKernel.Width<T>();
        (this.slabs, this.classes, depth) = (slabs, classes, slabs.Codes.Columns);
        this.threads = Math.Min(threads, slabs.Count);
        weights = new PackedWeights<T>(classes, depth);
        stride = weights.Stride;
        paddedDepth = (depth + width - 1) / width * width;
        batch = slabs.Batch((long)classes * paddedDepth * sizeof(T), this.threads);
        scratches = new Scratch?[this.threads];
        partials = new AlignedBuffer<T>?[batch];
        biasPartials = new double[slabs.Count * classes];
    }

    /// <summary>Runs the pass.</summary>
    /// <param name="w">K x (D + 1), the intercept last; empty: the map gets zeros.</param>
    /// <param name="map">From scores to slopes.</param>
    /// <param name="gradient">K x (D + 1): set to S'X and the columns' sums of S; empty: not wanted.</param>
    public void Run(ReadOnlySpan<double> w, ChunkMap<T> map, Span<double> gradient)
    {
        var (withScores, withGradient) = (w.Length > 0, gradient.Length > 0);
        if (withScores)
        {
            weights.Pack(w);
        }

        gradient.Clear();
        using var pin = slabs.Codes.Matrix.Values.Pin();
        var codes = (nint)pin.Pointer;
        var size = withGradient ? batch : slabs.Count;
        for (var start = 0; start < slabs.Count; start += size)
        {
            Run(start, Math.Min(size, slabs.Count - start), (float*)codes, map, withScores, withGradient);
            if (withGradient)
            {
                Reduce(start, Math.Min(size, slabs.Count - start), gradient);
            }
        }
    }

    public void Dispose()
    {
        weights.Dispose();
        Array.ForEach(scratches, static scratch => scratch?.Dispose());
        Array.ForEach(partials, static partial => partial?.Dispose());
    }

    private void Run(int start, int count, float* codes, ChunkMap<T> map, bool withScores, bool withGradient) =>
        Workers.For(count, threads, (place, worker) =>
        {
            var slab = start + place;
            var scratch = scratches[worker] ??= new Scratch(slabs.Codes, classes, stride);
            var partial = withGradient ? (partials[place] ??= new AlignedBuffer<T>((long)classes * paddedDepth)).Start : null;
            var biases = biasPartials.AsSpan(slab * classes, classes);
            biases.Clear();
            if (withGradient)
            {
                new Span<T>(partial, classes * paddedDepth).Clear();
            }

            foreach (var (first, rows) in slabs.Chunks(slab))
            {
                var x = scratch.Rows(codes, first, rows);
                weights.FillWithIntercepts(scratch.Scores, rows, withScores);
                if (withScores)
                {
                    Scores(x, rows, scratch.Scores);
                }

                var scores = new Span<T>(scratch.Scores, rows * stride);
                map(slab, first, rows, scores, stride);
                if (withGradient)
                {
                    scratch.Transpose(rows, classes, stride, biases);
                    Gradient(x, rows, scratch, partial);
                }
            }
        });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scores(T* x, int rows, T* scores)
    {
        var width = MicroKernel.Width<T>();
        for (var from = 0; from < depth; from += DepthBlock)
        {
            var block = Math.Min(DepthBlock, depth - from);
            for (var panel = 0; panel < weights.FullPanels; panel++)
            {
                var packed = weights.Panel(panel) + ((nint)from * width);
                for (var row = 0; row < rows; row += MicroKernel.Height)
                {
                    MicroKernel.Multiply(
                        x + ((nint)row * depth) + from, depth, Math.Min(MicroKernel.Height, rows - row), packed, block,
                        scores + ((nint)row * stride) + (panel * width), stride);
                }
            }

            for (var row = 0; weights.HasHalfPanel && row < rows; row += MicroKernel.HalfHeight)
            {
                MicroKernel.MultiplyHalf(
                    x + ((nint)row * depth) + from, depth, Math.Min(MicroKernel.HalfHeight, rows - row),
                    weights.Panel(weights.FullPanels) + ((nint)from * (width / 2)), block,
                    scores + ((nint)row * stride) + (weights.FullPanels * width), stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gradient(T* x, int rows, Scratch scratch, T* partial)
    {
        var width = MicroKernel.Width<T>();
        for (var column = 0; column < depth; column += width)
        {
            scratch.PackStrip(x + column, rows, depth, Math.Min(width, depth - column));
            for (var k = 0; k < classes; k += MicroKernel.Height)
            {
                MicroKernel.Multiply(
                    scratch.Slopes + ((nint)k * RowSlabs.ChunkRows), RowSlabs.ChunkRows, Math.Min(MicroKernel.Height, classes - k),
                    scratch.Strip, rows, partial + ((nint)k * paddedDepth) + column, paddedDepth);
            }
        }
    }

    /// <summary>Adds the sums of some slabs.</summary>
    private void Reduce(int first, int count, Span<double> gradient)
    {
        fixed (double* target = gradient)
        {
            var start = (nint)target;
            Workers.For(classes, threads, (k, _) =>
            {
                var row = new Span<double>((double*)start + ((long)k * (depth + 1)), depth + 1);
                for (var place = 0; place < count; place++)
                {
                    VectorArithmetic.AddWidened(new ReadOnlySpan<T>(partials[place]!.Start + ((long)k * paddedDepth), depth), row);
                    row[depth] += biasPartials[((first + place) * classes) + k];
                }
            });
        }
    }

    /// <summary>What one worker needs for one chunk.</summary>
    private sealed class Scratch(CodeView codes, int classes, int stride) : IDisposable
    {
        private readonly AlignedBuffer<T> scores = new(RowSlabs.ChunkRows * (long)stride);
        private readonly AlignedBuffer<T> slopes = new(RowSlabs.ChunkRows * (long)classes);
        private readonly AlignedBuffer<T> strip = new(RowSlabs.ChunkRows * MicroKernel.Width<T>());
        private readonly AlignedBuffer<T>? copy = typeof(T) == typeof(float) && codes.IsPlain ? null : new(RowSlabs.ChunkRows * (long)codes.Columns);
        private readonly float[] room = codes.Room();

        /// <summary>Scores, then slopes: rows x stride.</summary>
        public T* Scores => scores.Start;

        /// <summary>Slopes transposed: classes x chunk rows.</summary>
        public T* Slopes => slopes.Start;

        /// <summary>Some columns of the codes: rows x panel width.</summary>
        public T* Strip => strip.Start;

        /// <summary>Some rows in the precision of the pass: as they lie from <paramref name="start"/> on, or a copy.</summary>
        public T* Rows(float* start, int first, int rows)
        {
            nint columns = codes.Columns;
            if (copy is null)
            {
                return (T*)(start + (first * columns));
            }

            for (var i = 0; i < rows; i++)
            {
                codes.Read(first + i, new Span<T>(copy.Start + (i * columns), (int)columns), room);
            }

            return copy.Start;
        }

        /// <summary>Copies the slopes by class and adds them to the intercepts' gradient.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Transpose(int rows, int columns, int rowStride, Span<double> sums)
        {
            for (var k = 0; k < columns; k++)
            {
                var target = slopes.Start + ((nint)k * RowSlabs.ChunkRows);
                var source = scores.Start + k;
                var sum = 0.0;
                for (var i = 0; i < rows; i++, source += rowStride)
                {
                    target[i] = *source;
                    sum += double.CreateTruncating(*source);
                }

                sums[k] += sum;
            }
        }

        /// <summary>Copies a strip of columns, filled up with zeros to the width of a panel.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void PackStrip(T* source, int rows, int columns, int count)
        {
            var width = MicroKernel.Width<T>();
            var target = strip.Start;
            for (var i = 0; i < rows; i++, source += columns, target += width)
            {
                if (count == width)
                {
                    Unsafe.CopyBlockUnaligned(target, source, MicroKernel.PanelBytes);
                }
                else
                {
                    var padded = new Span<T>(target, width);
                    new ReadOnlySpan<T>(source, count).CopyTo(padded);
                    padded[count..].Clear();
                }
            }
        }

        public void Dispose()
        {
            scores.Dispose();
            slopes.Dispose();
            strip.Dispose();
            copy?.Dispose();
        }
    }
}
