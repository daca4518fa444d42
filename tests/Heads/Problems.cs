namespace OnnxTransfer.Heads.Tests;

/// <summary>Small problems that look like codes: non-negative, correlated, overlapping classes; the same for every seed.</summary>
internal static class Problems
{
    public static (CodeMatrix Codes, int[] Truth) Make(int rows, int columns, int classes, int seed, float scale = 1)
    {
        var random = new Random(seed);
        var means = Enumerable.Range(0, classes * columns).Select(_ => (float)random.NextDouble()).ToArray();
        var values = new float[rows * columns];
        var truth = new int[rows];
        for (var i = 0; i < rows; i++)
        {
            truth[i] = i < classes ? i : random.Next(classes);
            var common = (float)random.NextDouble();
            for (var d = 0; d < columns; d++)
            {
                var noise = (float)(random.NextDouble() - 0.5) * 2;
                values[(i * columns) + d] = scale * MathF.Max(0, means[(truth[i] * columns) + d] + common + noise - 0.3f);
            }
        }

        return (new CodeMatrix(values, rows, columns), truth);
    }

    /// <summary>A copy with columns of mean 0 and variance 1.</summary>
    public static CodeMatrix Standardized(CodeMatrix codes) =>
        (new CodeView(codes) { Standardization = Standardization.Of(new CodeView(codes), 2) }).Held(1).Matrix;

    public static string[] Names(int classes) => [.. Enumerable.Range(0, classes).Select(static k => $"class{k:D3}")];

    public static LinearHead Train(CodeMatrix codes, int[] truth, HeadOptions options) =>
        LinearHead.Train(codes, truth, Names(truth.Max() + 1), options);

    /// <summary>The objective in plain float64 loops, as OBJECTIVES.md has it.</summary>
    public static double Objective(CodeMatrix codes, int[] truth, HeadLoss loss, double c, ReadOnlySpan<double> w, bool penalizeIntercept = false)
    {
        var width = codes.Columns + 1;
        var classes = w.Length / width;
        var value = 0.0;
        for (var k = 0; k < classes; k++)
        {
            for (var d = 0; d < width - (penalizeIntercept ? 0 : 1); d++)
            {
                value += 0.5 * w[(k * width) + d] * w[(k * width) + d];
            }
        }

        var scores = new double[classes];
        for (var i = 0; i < codes.Rows; i++)
        {
            for (var k = 0; k < classes; k++)
            {
                scores[k] = w[(k * width) + codes.Columns];
                for (var d = 0; d < codes.Columns; d++)
                {
                    scores[k] += w[(k * width) + d] * codes.Row(i)[d];
                }
            }

            value += c * Loss(loss, scores, truth[i]);
        }

        return value;
    }

    /// <summary>The loss of a row of scores, as OBJECTIVES.md has it.</summary>
    public static double Loss(HeadLoss loss, double[] scores, int truth)
    {
        var largest = scores.Max();
        var margins = scores.Select((s, k) => k == truth ? s : -s).ToArray();
        return loss switch
        {
            HeadLoss.Softmax => Math.Log(scores.Sum(s => Math.Exp(s - largest))) + largest - scores[truth],
            HeadLoss.SquaredHinge => margins.Sum(static m => Math.Pow(Math.Max(0, 1 - m), 2)),
            HeadLoss.Hinge => margins.Sum(static m => Math.Max(0, 1 - m)),
            HeadLoss.CrammerSinger => scores.Select((s, k) => k == truth ? s : s + 1).Max() - scores[truth],
            HeadLoss.Logistic => margins.Sum(static m => m > 0 ? Math.Log(1 + Math.Exp(-m)) : Math.Log(1 + Math.Exp(m)) - m),
            HeadLoss.Ridge => margins.Sum(static m => 0.5 * (1 - m) * (1 - m)),
            _ => throw new ArgumentOutOfRangeException(nameof(loss), loss, null),
        };
    }
}
