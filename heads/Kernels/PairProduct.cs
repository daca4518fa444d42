using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;


namespace OnnxTransfer.Heads;

/// <summary>
/// The product of a loss's second derivative with a direction U, over the active pairs alone: t = u_k x_i for each pair,
/// the curvature of its row applied to t, and the sum of the results times x_i by class. In float32; sums over slabs in
/// float64. A chunk of rows goes through all three while it is in the cache.
/// </summary>
/// <remarks>
/// A chunk is copied into strips of columns, row by row, which lie one after another: rows are too far apart for the processor to
/// see them coming, and push each other out of the first-level cache. Scores are made four classes at a time, with all classes'
/// weights of a strip in that cache; gradients class by class, eight vectors of sums in registers.
/// </remarks>
internal sealed unsafe class PairProduct : IDisposable
{
    private const int Lanes = PairKernels.Lanes;
    private const int MostColumns = 128;

    private readonly RowSlabs slabs;
    private readonly int classes;
    private readonly int depth;
    private readonly int threads;
    private readonly int strips;
    private readonly int width;
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
        strips = (depth + MostColumns - 1) / MostColumns;
        width = ((depth + strips - 1) / strips + Lanes - 1) / Lanes * Lanes;
        stride = strips * (nint)width;
        weights = new AlignedBuffer<float>(stride * classes);
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
            for (var strip = 0; strip < strips; strip++)
            {
                var from = strip * width;
                var target = Weights(strip) + (k * width);
                for (var d = 0; d < Math.Min(width, depth - from); d++)
                {
                    target[d] = (float)row[from + d];
                }
            }

            intercepts[k] = (float)row[depth];
        }

        product.Clear();
        for (var start = 0; start < slabs.Count; start += batch)
        {
            Run(start, Math.Min(batch, slabs.Count - start), pairs, isCoupled);
            Reduce(start, Math.Min(batch, slabs.Count - start), product);
        }
    }

    public void Dispose()
    {
        weights.Dispose();
        Array.ForEach(scratches, static scratch => scratch?.Dispose());
        Array.ForEach(partials, static partial => partial?.Dispose());
    }

    /// <summary>The classes' weights in a strip of columns, one after another.</summary>
    private float* Weights(nint strip) => weights.Start + (strip * width * classes);

    private void Run(int start, int count, ActivePairs pairs, bool isCoupled) =>
        Workers.For(count, threads, (place, worker) =>
        {
            var slab = start + place;
            var scratch = scratches[worker] ??= new Scratch(slabs.Codes, strips, width);
            var partial = partials[place] ??= new AlignedBuffer<float>(classes * (long)stride);
            new Span<float>(partial.Start, checked((int)partial.Length)).Clear();
            var (part, n, chunk) = (pairs.Slab(slab), 0, 0);
            var bias = biases.AsSpan(slab * classes, classes);
            bias.Clear();
            foreach (var (first, rows) in slabs.Chunks(slab))
            {
                var starts = part.RowStarts.Slice(n, rows + 1);
                if (starts[^1] > starts[0])
                {
                    scratch.Read(first, rows);
                    var t = scratch.Products(starts[^1] - starts[0]);
                    Scores(scratch, starts, part.Classes, t);
                    Curve(starts, part.Classes, part.Curvatures, isCoupled, t, bias);
                    Sum(scratch, part.ClassStarts(chunk), part.ByClass, part.RowInChunk, starts[0], t, partial.Start);
                }

                n += rows;
                chunk++;
            }
        });

    /// <summary>Sets each pair's number, zero before, to u_k x_i + b_k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scores(Scratch scratch, ReadOnlySpan<int> starts, ReadOnlySpan<int> classOf, float* t)
    {
        nint columns = width;
        fixed (int* classAt = classOf)
        {
            for (var strip = 0; strip < strips; strip++)
            {
                var u = Weights(strip);
                var code = scratch.Strip(strip);
                for (var row = 0; row + 1 < starts.Length; row++, code += columns)
                {
                    var (pair, end) = (starts[row], starts[row + 1]);
                    var target = t + (pair - starts[0]);
                    for (; pair + 4 <= end; pair += 4, target += 4)
                    {
                        var sums = PairKernels.Scores4(
                            code, u + (classAt[pair] * columns), u + (classAt[pair + 1] * columns), u + (classAt[pair + 2] * columns),
                            u + (classAt[pair + 3] * columns), columns);
                        (Vector128.Load(target) + sums).Store(target);
                    }

                    if (pair < end)
                    {
                        // Where fewer than four are left, the last is taken again, for nothing.
                        var last = end - 1;
                        var sums = PairKernels.Scores4(
                            code, u + (classAt[pair] * columns), u + (classAt[Math.Min(pair + 1, last)] * columns),
                            u + (classAt[Math.Min(pair + 2, last)] * columns), u + (classAt[last] * columns), columns);
                        for (var i = 0; i < end - pair; i++)
                        {
                            target[i] += sums[i];
                        }
                    }
                }
            }

            for (var pair = starts[0]; pair < starts[^1]; pair++)
            {
                t[pair - starts[0]] += intercepts[classAt[pair]];
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
                mean += curvatures[pair] * t[pair - starts[0]];
                sum += curvatures[pair];
            }

            mean = sum > 0 ? mean / sum : 0;
            for (var pair = starts[row]; pair < starts[row + 1]; pair++)
            {
                ref var value = ref t[pair - starts[0]];
                value = curvatures[pair] * (value - mean);
                bias[classOf[pair]] += value;
            }
        }
    }

    /// <summary>Adds the pairs' numbers times their codes to their classes' sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(
        Scratch scratch, ReadOnlySpan<int> classStarts, ReadOnlySpan<int> byClass, ReadOnlySpan<byte> rowInChunk, int firstPair, float* t, float* sums)
    {
        nint columns = width;
        fixed (int* pairAt = byClass)
        fixed (byte* rowAt = rowInChunk)
        {
            for (var strip = 0; strip < strips; strip++)
            {
                var code = scratch.Strip(strip);
                for (nint d = 0; d < columns; d += columns - d >= PairKernels.SumStrip ? PairKernels.SumStrip : Lanes)
                {
                    for (var k = 0; k < classes; k++)
                    {
                        var (start, count) = (classStarts[k], classStarts[k + 1] - classStarts[k]);
                        var target = sums + (k * stride) + (strip * columns) + d;
                        if (count > 0 && columns - d >= PairKernels.SumStrip)
                        {
                            PairKernels.AddStrip(code + d, columns, pairAt + start, rowAt + start, count, firstPair, t, target);
                        }
                        else if (count > 0)
                        {
                            PairKernels.AddLanes(code + d, columns, pairAt + start, rowAt + start, count, firstPair, t, target);
                        }
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
    private sealed class Scratch(CodeView codes, int strips, int width) : IDisposable
    {
        private readonly AlignedBuffer<float> copy = new((long)strips * RowSlabs.ChunkRows * width);
        private readonly float[] room = codes.Room();
        private AlignedBuffer<float> products = new(0);

        /// <summary>A strip of columns of the rows that were read, row by row.</summary>
        public float* Strip(nint strip) => copy.Start + (strip * RowSlabs.ChunkRows * width);

        /// <summary>Zeros for some pairs.</summary>
        public float* Products(int pairs)
        {
            if (products.Length < pairs)
            {
                products.Dispose();
                products = new AlignedBuffer<float>((long)pairs * 3 / 2);
            }

            new Span<float>(products.Start, pairs).Clear();
            return products.Start;
        }

        /// <summary>Reads some rows into strips; columns behind the last stay zero.</summary>
        public void Read(int first, int rows)
        {
            for (var i = 0; i < rows; i++)
            {
                var code = codes.Row(first + i, room);
                for (var strip = 0; strip < strips; strip++)
                {
                    var from = strip * width;
                    code.Slice(from, Math.Min(width, code.Length - from)).CopyTo(new Span<float>(Strip(strip) + ((nint)i * width), width));
                }
            }
        }

        public void Dispose()
        {
            copy.Dispose();
            products.Dispose();
        }
    }
}
