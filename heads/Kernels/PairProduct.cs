using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads;

/// <summary>
/// The product of a loss's second derivative with a direction U, over the active pairs alone: t = u_k x_i for each pair,
/// the curvature of its row applied to t, and the sum of the results times x_i by class. In float32; sums over slabs in
/// float64. A chunk of rows goes through all three while it is in the cache.
/// </summary>
/// <remarks>
/// Scores are made row by row, four classes at a time, in strips of columns short enough that all classes' strips stay in
/// the first-level cache; gradients class by class, eight vectors of sums in registers. A pair costs about twice the time
/// that it costs in a dense product.
/// </remarks>
internal sealed unsafe class PairProduct : IDisposable
{
    private const int Lanes = PairKernels.Lanes;
    private const int ScoreStrip = 128;
    private const int SumStrip = PairKernels.SumStrip;

    // A strip of the codes is copied together where each row is read so many times on average: rows that are a multiple
    // of the first-level cache's ways apart push each other out of it.
    private const int PairsPerPackedRow = 4;

    private readonly RowSlabs slabs;
    private readonly int classes;
    private readonly int depth;
    private readonly int threads;
    private readonly nint stride;
    private readonly int batch;
    private readonly AlignedBuffer<float> weights;
    private readonly float[] intercepts;
    private readonly Scratch?[] scratches;
    private readonly AlignedBuffer<float>?[] partials;
    private readonly double[] biases;

    public PairProduct(RowSlabs slabs, int classes, int threads)
    {
        (this.slabs, this.classes, depth) = (slabs, classes, slabs.Codes.Columns);
        this.threads = Math.Min(threads, slabs.Count);
        stride = (depth + Lanes - 1) / Lanes * Lanes;
        weights = new AlignedBuffer<float>((depth + ScoreStrip - 1) / ScoreStrip * ScoreStrip * (long)classes);
        intercepts = new float[classes];
        scratches = new Scratch?[this.threads];
        batch = slabs.Batch(classes * (long)stride * sizeof(float), this.threads);
        partials = new AlignedBuffer<float>?[batch];
        biases = new double[slabs.Count * classes];
    }

    /// <summary>Sets <paramref name="product"/>, K x (D + 1) like the direction, to the sum over the pairs.</summary>
    public void Run(ReadOnlySpan<double> direction, ActivePairs pairs, bool isCoupled, Span<double> product)
    {
        for (var k = 0; k < classes; k++)
        {
            var row = direction.Slice(k * (depth + 1), depth + 1);
            for (var from = 0; from < depth; from += ScoreStrip)
            {
                var target = Weights(k, from);
                for (var d = 0; d < Math.Min(ScoreStrip, depth - from); d++)
                {
                    target[d] = (float)row[from + d];
                }
            }

            intercepts[k] = (float)row[depth];
        }

        product.Clear();
        using var pin = slabs.Codes.Matrix.Values.Pin();
        var codes = (nint)pin.Pointer;
        for (var start = 0; start < slabs.Count; start += batch)
        {
            Run(start, Math.Min(batch, slabs.Count - start), (float*)codes, pairs, isCoupled);
            Reduce(start, Math.Min(batch, slabs.Count - start), product);
        }
    }

    public void Dispose()
    {
        weights.Dispose();
        Array.ForEach(scratches, static scratch => scratch?.Dispose());
        Array.ForEach(partials, static partial => partial?.Dispose());
    }

    /// <summary>A class's weights in the strip that starts at a column: strips lie one after another, so that none of their lines share a cache set.</summary>
    private float* Weights(nint k, nint from) => weights.Start + (from * classes) + (k * ScoreStrip);

    private void Run(int start, int count, float* codes, ActivePairs pairs, bool isCoupled) =>
        Workers.For(count, threads, (place, worker) =>
        {
            var slab = start + place;
            var scratch = scratches[worker] ??= new Scratch(slabs.Codes);
            var partial = partials[place] ??= new AlignedBuffer<float>(classes * (long)stride);
            new Span<float>(partial.Start, checked((int)partial.Length)).Clear();
            var (part, n, chunk) = (pairs.Slab(slab), 0, 0);
            var bias = biases.AsSpan(slab * classes, classes);
            bias.Clear();
            foreach (var (first, rows) in slabs.Chunks(slab))
            {
                var starts = part.RowStarts.Slice(n, rows + 1);
                var x = scratch.Rows(codes, first, rows);
                var t = scratch.Products(starts[^1] - starts[0]);
                Scores(x, starts, part.Classes, t);
                Curve(starts, part.Classes, part.Curvatures, isCoupled, t, bias);
                Sum(x, rows, part.ClassStarts(chunk), part.ByClass, part.RowInChunk, starts[0], t, partial.Start, scratch);
                n += rows;
                chunk++;
            }
        });

    /// <summary>Sets the first lane of each pair's eight to u_k x_i + b_k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scores(float* x, ReadOnlySpan<int> starts, ReadOnlySpan<int> classOf, float* t)
    {
        var whole = depth / Lanes * Lanes;
        fixed (int* classAt = classOf)
        {
            for (var from = 0; from < whole; from += ScoreStrip)
            {
                var length = Math.Min(ScoreStrip, whole - from);
                for (var row = 0; row + 1 < starts.Length; row++)
                {
                    var code = x + ((nint)row * depth) + from;
                    var (pair, end) = (starts[row], starts[row + 1]);
                    var u = Weights(0, from);
                    for (; pair + 4 <= end; pair += 4)
                    {
                        var sums = t + ((nint)(pair - starts[0]) * Lanes);
                        PairKernels.Dot4(
                            code, u + (classAt[pair] * ScoreStrip), u + (classAt[pair + 1] * ScoreStrip), u + (classAt[pair + 2] * ScoreStrip),
                            u + (classAt[pair + 3] * ScoreStrip), length, sums);
                    }

                    for (; pair < end; pair++)
                    {
                        PairKernels.Dot1(code, u + (classAt[pair] * ScoreStrip), length, t + ((nint)(pair - starts[0]) * Lanes));
                    }
                }
            }

            for (var row = 0; row + 1 < starts.Length; row++)
            {
                var code = x + ((nint)row * depth);
                for (var pair = starts[row]; pair < starts[row + 1]; pair++)
                {
                    var sums = t + ((nint)(pair - starts[0]) * Lanes);
                    var u = Weights(classAt[pair], whole / ScoreStrip * ScoreStrip) - (whole / ScoreStrip * ScoreStrip);
                    var half = Vector128.Load(sums) + Vector128.Load(sums + 4);
                    var sum = (half[0] + half[2]) + (half[1] + half[3]);
                    for (var d = whole; d < depth; d++)
                    {
                        sum += u[d] * code[d];
                    }

                    sums[0] = sum + intercepts[classAt[pair]];
                }
            }
        }
    }

    /// <summary>Applies each row's curvature to its pairs' first lanes, and adds them up for the intercepts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Curve(
        ReadOnlySpan<int> starts, ReadOnlySpan<int> classOf, ReadOnlySpan<float> curvatures, bool isCoupled, float* t, Span<double> bias)
    {
        for (var row = 0; row + 1 < starts.Length; row++)
        {
            var (mean, sum) = (0f, 0f);
            for (var pair = starts[row]; isCoupled && pair < starts[row + 1]; pair++)
            {
                mean += curvatures[pair] * t[(nint)(pair - starts[0]) * Lanes];
                sum += curvatures[pair];
            }

            mean = sum > 0 ? mean / sum : 0;
            for (var pair = starts[row]; pair < starts[row + 1]; pair++)
            {
                ref var value = ref t[(nint)(pair - starts[0]) * Lanes];
                value = curvatures[pair] * (value - mean);
                bias[classOf[pair]] += value;
            }
        }
    }

    /// <summary>Adds the pairs' first lanes times their codes to their classes' sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(
        float* x, int rows, ReadOnlySpan<int> classStarts, ReadOnlySpan<int> byClass, ReadOnlySpan<byte> rowInChunk, int firstPair, float* t, float* sums,
        Scratch scratch)
    {
        var isPacked = classStarts[classes] - classStarts[0] > PairsPerPackedRow * rows;
        fixed (int* pairAt = byClass)
        fixed (byte* rowAt = rowInChunk)
        {
            var from = 0;
            for (; from + SumStrip <= depth; from += SumStrip)
            {
                var strip = isPacked ? scratch.Strip(x + from, rows, depth) : x + from;
                nint step = isPacked ? SumStrip : depth;
                for (var k = 0; k < classes; k++)
                {
                    if (classStarts[k] < classStarts[k + 1])
                    {
                        PairKernels.AddStrip(
                            strip, step, pairAt + classStarts[k], rowAt + classStarts[k], classStarts[k + 1] - classStarts[k], firstPair, t,
                            sums + (k * stride) + from);
                    }
                }
            }

            for (var k = 0; k < classes; k++)
            {
                for (var place = classStarts[k]; place < classStarts[k + 1]; place++)
                {
                    var factor = t[(nint)(pairAt[place] - firstPair) * Lanes];
                    var code = x + ((nint)rowAt[place] * depth);
                    var target = sums + (k * stride);
                    var d = from;
                    for (; d + Lanes <= depth; d += Lanes)
                    {
                        Vector256.MultiplyAddEstimate(Vector256.Create(factor), Vector256.Load(code + d), Vector256.Load(target + d)).Store(target + d);
                    }

                    for (; d < depth; d++)
                    {
                        target[d] += factor * code[d];
                    }
                }
            }
        }
    }

    /// <summary>Adds the sums of some slabs.</summary>
    private void Reduce(int first, int count, Span<double> product)
    {
        fixed (double* target = product)
        {
            var start = (nint)target;
            Workers.For(classes, threads, (k, _) =>
            {
                var row = new Span<double>((double*)start + ((long)k * (depth + 1)), depth + 1);
                for (var place = 0; place < count; place++)
                {
                    VectorArithmetic.AddWidened(new ReadOnlySpan<float>(partials[place]!.Start + (k * stride), depth), row);
                    row[depth] += biases[((first + place) * classes) + k];
                }
            });
        }
    }

    /// <summary>What one worker needs for one chunk.</summary>
    private sealed class Scratch(CodeView codes) : IDisposable
    {
        private readonly AlignedBuffer<float> copy = new(codes.IsPlain ? 0 : RowSlabs.ChunkRows * (long)codes.Columns);
        private readonly AlignedBuffer<float> strip = new(RowSlabs.ChunkRows * SumStrip);
        private AlignedBuffer<float> products = new(0);

        /// <summary>Eight zeros for each of some pairs.</summary>
        public float* Products(int pairs)
        {
            if (products.Length < (long)pairs * Lanes)
            {
                products.Dispose();
                products = new AlignedBuffer<float>((long)pairs * Lanes * 3 / 2);
            }

            new Span<float>(products.Start, pairs * Lanes).Clear();
            return products.Start;
        }

        /// <summary>A strip of columns of the codes, row by row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public float* Strip(float* x, int rows, nint depth)
        {
            for (nint i = 0; i < rows; i++)
            {
                for (nint d = 0; d < SumStrip; d += Lanes)
                {
                    Vector256.Load(x + (i * depth) + d).Store(strip.Start + (i * SumStrip) + d);
                }
            }

            return strip.Start;
        }

        /// <summary>Some rows: as they lie from <paramref name="start"/> on, or a copy.</summary>
        public float* Rows(float* start, int first, int rows)
        {
            nint depth = codes.Columns;
            if (codes.IsPlain)
            {
                return start + (first * depth);
            }

            for (var i = 0; i < rows; i++)
            {
                codes.Read(first + i, new Span<float>(copy.Start + (i * depth), (int)depth), []);
            }

            return copy.Start;
        }

        public void Dispose()
        {
            copy.Dispose();
            strip.Dispose();
            products.Dispose();
        }
    }
}
