using System.Numerics;

namespace OnnxTransfer.Bench.Heads;

/// <summary>
/// The exact objective of a head in float64, for ours and the peers alike: f = 1/2 ||W||^2 (+ 1/2 ||b||^2) + C sum_i
/// loss(W x_i + b, y_i). It shares no code with the solvers.
/// </summary>
internal static class Objective
{
    private const int RowsAtOnce = 256;

    /// <summary>f at K x (D + 1) weights, the intercept last in each row.</summary>
    public static double Of(Problem problem, HeadTask task, ReadOnlySpan<double> weights)
    {
        var (classes, width) = (problem.Classes, problem.Codes.Columns);
        if (weights.Length != classes * (width + 1))
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"A head has {weights.Length} weights, and {classes} classes on codes of {width} take {classes * (width + 1)}; the solver is not for this problem.");
        }

        double[] copy = [.. weights];
        var losses = new double[(problem.Codes.Rows + RowsAtOnce - 1) / RowsAtOnce];
        Parallel.For(0, losses.Length, block =>
        {
            var (code, scores) = (new double[width], new double[classes]);
            for (var row = block * RowsAtOnce; row < Math.Min(problem.Codes.Rows, (block + 1) * RowsAtOnce); row++)
            {
                var values = problem.Codes.Row(row);
                for (var d = 0; d < width; d++)
                {
                    code[d] = values[d];
                }

                for (var k = 0; k < classes; k++)
                {
                    scores[k] = Dot(code, copy.AsSpan(k * (width + 1), width)) + copy[(k * (width + 1)) + width];
                }

                losses[block] += Loss(task.Head, scores, problem.Truth[row]);
            }
        });
        var penalty = 0.0;
        for (var k = 0; k < classes; k++)
        {
            var row = copy.AsSpan(k * (width + 1), width + 1);
            penalty += Dot(row[..width], row[..width]) + (task.Penalised ? row[width] * row[width] : 0);
        }

        return (penalty / 2) + (task.C * losses.Sum());
    }

    /// <summary>The loss of one row of scores.</summary>
    private static double Loss(string head, ReadOnlySpan<double> scores, int truth)
    {
        if (head == "softmax")
        {
            var (largest, sum) = (double.NegativeInfinity, 0.0);
            foreach (var score in scores)
            {
                largest = Math.Max(largest, score);
            }

            foreach (var score in scores)
            {
                sum += Math.Exp(score - largest);
            }

            return largest + Math.Log(sum) - scores[truth];
        }

        if (head == "crammer-singer")
        {
            var worst = 0.0;
            for (var k = 0; k < scores.Length; k++)
            {
                worst = k == truth ? worst : Math.Max(worst, 1 + scores[k] - scores[truth]);
            }

            return worst;
        }

        var total = 0.0;
        for (var k = 0; k < scores.Length; k++)
        {
            var lack = 1 - (k == truth ? scores[k] : -scores[k]);
            total += head switch
            {
                "svm" => Math.Max(0, lack) * Math.Max(0, lack),
                "hinge" => Math.Max(0, lack),
                "logistic" => Math.Max(0, lack - 1) + Math.Log(1 + Math.Exp(-Math.Abs(lack - 1))),
                "ridge" => lack * lack / 2,
                _ => throw new OnnxTransferException(FailureKind.Usage, $"The bench knows no objective of a head '{head}'; choose another head."),
            };
        }

        return total;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var (sum0, sum1, step, at) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Count, 0);
        for (; at <= a.Length - (2 * step); at += 2 * step)
        {
            sum0 += new Vector<double>(a[at..]) * new Vector<double>(b[at..]);
            sum1 += new Vector<double>(a[(at + step)..]) * new Vector<double>(b[(at + step)..]);
        }

        var sum = Vector.Sum(sum0 + sum1);
        for (; at < a.Length; at++)
        {
            sum += a[at] * b[at];
        }

        return sum;
    }
}
