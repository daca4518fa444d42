using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public unsafe class RowKernelsTests
{
    [Test]
    public void Scores_and_sums_are_those_of_plain_loops() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 9], Gen.Int[0, 1000]).Sample((columns, count, seed) =>
        {
            var random = new Random(seed);
            var stride = RowKernels.Stride(columns);
            using var weights = new AlignedBuffer<float>((long)stride * 9);
            using var code = new AlignedBuffer<float>(stride);
            for (var i = 0; i < stride * 9; i++)
            {
                weights.Start[i] = random.NextSingle() - 0.5f;
                code.Start[i % stride] = random.NextSingle() - 0.5f;
            }

            var classes = Enumerable.Range(0, 9).OrderBy(_ => random.Next()).Take(count).ToArray();
            var scores = new float[count];
            fixed (int* first = classes)
            {
                fixed (float* score = scores)
                {
                    RowKernels.Score(code.Start, weights.Start, columns, first, count, score);
                }
            }

            var areScores = classes.Select((k, j) => Math.Abs(scores[j] - Dot(code.Start, weights.Start + (k * stride), columns))).All(static error => error < 1e-5);
            var before = new Span<float>(weights.Start, stride * 9).ToArray();
            RowKernels.AddScaled(0.5f, code.Start, weights.Start + (8 * stride), columns);
            RowKernels.Exchange(0.25f, code.Start, weights.Start, weights.Start + stride, columns);
            var areSums = true;
            for (var i = 0; i < stride * 9; i++)
            {
                var (k, d) = (i / stride, i % stride);
                var factor = d >= columns ? 0 : k == 8 ? 0.5f : k == 0 ? 0.25f : k == 1 ? -0.25f : 0;
                areSums &= Math.Abs(weights.Start[i] - before[i] - (factor * code.Start[d])) < 1e-6;
            }

            return areScores && areSums;
        }, iter: 300);

    private static double Dot(float* x, float* u, int columns)
    {
        var sum = 0.0;
        for (var d = 0; d < columns; d++)
        {
            sum += (double)x[d] * u[d];
        }

        return sum;
    }
}
