using System.Numerics;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// What <see cref="UpdateGraph"/> computes, written out: each weight is read and written once, in place, with the same operations in
/// the same order. The work is cut into pieces of a fixed size, so that the bits do not depend on the threads.
/// </summary>
internal sealed unsafe class DirectUpdate
{
    private const int Size = 1 << 16;

    private readonly IReadOnlyList<Parameter> parameters;
    private readonly Optimizer optimizer;
    private readonly double? clip;
    private readonly ParallelOptions threads;
    private readonly (int Parameter, int Start, int Count)[] pieces;

    /// <summary>Cuts the work.</summary>
    public DirectUpdate(IReadOnlyList<Parameter> parameters, Optimizer optimizer, double? clip, int threads)
    {
        if (optimizer is not (Sgd or AdamW))
        {
            throw new ArgumentException($"There is no update for {optimizer.GetType().Name}.", nameof(optimizer));
        }

        (this.parameters, this.optimizer, this.clip) = (parameters, optimizer, clip);
        this.threads = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(threads, 1) };
        pieces = [.. parameters.SelectMany((parameter, index) => Enumerable.Range(0, (parameter.Count + Size - 1) / Size)
            .Select(piece => (index, piece * Size, Math.Min(Size, parameter.Count - (piece * Size)))))];
    }

    /// <summary>Updates weights and moments.</summary>
    /// <param name="weights">The weights, by parameter.</param>
    /// <param name="gradients">Their gradients, summed over batches.</param>
    /// <param name="moments">Their moments.</param>
    /// <param name="rate">The learning rate, before each parameter's factor.</param>
    /// <param name="share">1 over the number of batches.</param>
    /// <param name="number">The number of the update, from 1.</param>
    /// <returns>The length of the mean gradient, before it is clipped.</returns>
    public double Run(float[][] weights, float[][] gradients, float[][][] moments, float rate, float share, long number)
    {
        var squares = new double[pieces.Length];
        Parallel.For(0, pieces.Length, threads, piece => squares[piece] = Squares(gradients[pieces[piece].Parameter].AsSpan(pieces[piece].Start, pieces[piece].Count)));
        var length = (float)Math.Sqrt(squares.Sum()) * share;
        var scale = clip is { } most ? share * ((float)most / Math.Max(length, (float)most)) : share;
        Parallel.For(0, pieces.Length, threads, piece =>
        {
            var (index, start, count) = pieces[piece];
            var parameter = parameters[index];
            var step = rate * parameter.RateFactor;
            var kept = parameter.Decays && optimizer.WeightDecay > 0 ? 1 - (step * (float)optimizer.WeightDecay) : 1;
            fixed (float* w = &weights[index][start], g = &gradients[index][start])
            {
                switch (optimizer)
                {
                    case Sgd { Moments: 0 }:
                        Plain(w, g, count, scale, step, kept);
                        break;
                    case Sgd sgd:
                        fixed (float* v = &moments[index][0][start])
                        {
                            Momentum(w, g, v, count, scale, step, kept, (float)sgd.Momentum, sgd.Nesterov);
                        }

                        break;
                    case AdamW adam:
                        fixed (float* m = &moments[index][0][start], v = &moments[index][1][start])
                        {
                            Adam(w, g, m, v, count, scale, step, kept, adam, number);
                        }

                        break;
                }
            }
        });
        return length;
    }

    private static double Squares(ReadOnlySpan<float> values)
    {
        var sums = Vector256<double>.Zero;
        var i = 0;
        for (; i <= values.Length - 8; i += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(values.Slice(i, 8)));
            sums += (low * low) + (high * high);
        }

        var sum = Vector256.Sum(sums);
        for (; i < values.Length; i++)
        {
            sum += (double)values[i] * values[i];
        }

        return sum;
    }

    private static void Plain(float* w, float* g, int count, float scale, float step, float kept)
    {
        for (var i = 0; i < count; i++)
        {
            w[i] = (w[i] * kept) - (g[i] * scale * step);
        }
    }

    private static void Momentum(float* w, float* g, float* v, int count, float scale, float step, float kept, float momentum, bool nesterov)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var gradient = Vector.Load(g + i) * scale;
            var next = (Vector.Load(v + i) * momentum) + gradient;
            Vector.Store(next, v + i);
            Vector.Store((Vector.Load(w + i) * kept) - ((nesterov ? gradient + (next * momentum) : next) * step), w + i);
        }

        for (; i < count; i++)
        {
            var gradient = g[i] * scale;
            var next = (v[i] * momentum) + gradient;
            v[i] = next;
            w[i] = (w[i] * kept) - ((nesterov ? gradient + (next * momentum) : next) * step);
        }
    }

    private static void Adam(float* w, float* g, float* m, float* v, int count, float scale, float step, float kept, AdamW adam, long number)
    {
        float beta1 = (float)adam.Beta1, beta2 = (float)adam.Beta2, rest1 = (float)(1 - adam.Beta1), rest2 = (float)(1 - adam.Beta2), epsilon = (float)adam.Epsilon;
        float correction1 = 1 - MathF.Pow(beta1, number), correction2 = 1 - MathF.Pow(beta2, number);
        var smallest = new Vector<float>(epsilon);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var gradient = Vector.Load(g + i) * scale;
            var mean = (Vector.Load(m + i) * beta1) + (gradient * rest1);
            var square = (Vector.Load(v + i) * beta2) + (gradient * gradient * rest2);
            Vector.Store(mean, m + i);
            Vector.Store(square, v + i);
            var change = (mean / correction1) / (Vector.SquareRoot(square / correction2) + smallest);
            Vector.Store((Vector.Load(w + i) * kept) - (change * step), w + i);
        }

        for (; i < count; i++)
        {
            var gradient = g[i] * scale;
            m[i] = (m[i] * beta1) + (gradient * rest1);
            v[i] = (v[i] * beta2) + (gradient * gradient * rest2);
            w[i] = (w[i] * kept) - (m[i] / correction1 / (MathF.Sqrt(v[i] / correction2) + epsilon) * step);
        }
    }
}
