namespace OnnxTransfer.Heads;

/// <summary>
/// Where C rises, weights grow and turn little: what a step of Newton's method would spend on their length, one pass over the
/// scores finds, which are made once for all the lengths that are tried.
/// </summary>
internal static class RayScale
{
    private static readonly double[] Scales = [0.8, 1, 1.15, 1.3, 1.5, 1.75, 2, 2.5];

    /// <summary>Multiplies weights by the one of some scales at which the objective is least; of one-vs-rest losses each class by its own.</summary>
    /// <param name="slabs">The rows.</param>
    /// <param name="loss">A smooth loss.</param>
    /// <param name="penalizeIntercept">Whether the intercept is penalised.</param>
    /// <param name="c">C.</param>
    /// <param name="w">K x (D + 1) weights.</param>
    /// <param name="threads">Threads.</param>
    public static void Apply(RowSlabs slabs, LossFunction loss, bool penalizeIntercept, double c, double[] w, int threads)
    {
        var (classes, width) = (loss.Targets.Classes, slabs.Codes.Columns + 1);
        var blocks = loss.Separable ? classes : 1;
        var losses = new double[slabs.Count * Scales.Length * blocks];
        var slope = loss.On<float>();
        using (var pass = new CodePass<float>(slabs, classes, threads))
        {
            pass.Run(
                w,
                (slab, first, rows, scores, stride) =>
                {
                    var (scaled, curvatures) = (new float[classes], new float[classes]);
                    for (var i = 0; i < rows; i++)
                    {
                        for (var at = 0; at < Scales.Length; at++)
                        {
                            var scale = (float)Scales[at];
                            for (var k = 0; k < classes; k++)
                            {
                                scaled[k] = scale * scores[(i * stride) + k];
                            }

                            slope(first + i, scaled, curvatures, losses.AsSpan(((slab * Scales.Length) + at) * blocks, blocks));
                        }
                    }
                },
                default);
        }

        var size = classes / blocks * width;
        for (var block = 0; block < blocks; block++)
        {
            var part = w.AsSpan(block * size, size);
            var penalty = 0.0;
            for (var from = 0; from < size; from += width)
            {
                var row = part.Slice(from, penalizeIntercept ? width : width - 1);
                penalty += 0.5 * VectorArithmetic.Dot(row, row);
            }

            var scale = Best(block, blocks, losses, penalty, c);
            foreach (ref var value in part)
            {
                value *= scale;
            }
        }
    }

    private static double Best(int block, int blocks, double[] losses, double penalty, double c)
    {
        var (best, least) = (1.0, double.PositiveInfinity);
        for (var at = 0; at < Scales.Length; at++)
        {
            var value = Scales[at] * Scales[at] * penalty;
            for (var i = (at * blocks) + block; i < losses.Length; i += Scales.Length * blocks)
            {
                value += c * losses[i];
            }

            (best, least) = value < least ? (Scales[at], value) : (best, least);
        }

        return best;
    }
}
