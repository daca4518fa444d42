namespace OnnxTransfer.Heads;

/// <summary>
/// Platt's scaling (1999): for each class against the rest, the a and b that minimise the cross-entropy of
/// p_i = sigmoid(a s_i + b) with the targets (n+ + 1) / (n+ + 2) for the class's own n+ codes and 1 / (n- + 2) for the
/// others. They are not 0 and 1, so a and b are finite even where the scores part the class from the rest without an error.
/// </summary>
/// <remarks>
/// Newton's method with backtracking, and terms that neither overflow nor cancel, after Lin, Lin and Weng (2007); on
/// scores brought to mean 0 and variance 1, so that their unit does not matter. A score that is the same for all codes
/// has a = 0. A class that has no held-out code, or has them all, takes the a and b that fit the pairs of all codes and all
/// classes together.
/// </remarks>
internal static class PlattScaling
{
    private const int MostSteps = 100;
    private const double Ridge = 1e-12;
    private const double Decrease = 1e-4;
    private const double LeastPart = 1e-10;
    private const double LastDigits = 1e-13;

    // The sums' own rounding: below it a step cannot be told from its opposite, and Newton's is the one to trust.
    private const double Rounding = 1e-14;

    /// <summary>a and b of every class.</summary>
    public static (double[] Scales, double[] Shifts) Of(HeldOutScores held, int threads)
    {
        var (scales, shifts) = (new double[held.Classes], new double[held.Classes]);
        var counts = new int[held.Classes];
        Array.ForEach(held.Truth, k => counts[k]++);
        var together = Array.Exists(counts, count => count == 0)
            ? Fit(held.Scores, pair => held.Truth[pair / held.Classes] == pair % held.Classes)
            : default;
        Workers.For(held.Classes, threads, (k, _) =>
        {
            (scales[k], shifts[k]) = counts[k] == 0 || counts[k] == held.Count
                ? together
                : Fit([.. Enumerable.Range(0, held.Count).Select(i => held.Row(i)[k])], i => held.Truth[i] == k);
        });
        return (scales, shifts);
    }

    /// <summary>a and b for scores and which of them are of the class.</summary>
    public static (double Scale, double Shift) Fit(double[] scores, Func<int, bool> isOwn)
    {
        var own = Enumerable.Range(0, scores.Length).Count(isOwn);
        var (above, below) = ((own + 1.0) / (own + 2.0), 1 / (scores.Length - own + 2.0));
        var targets = Enumerable.Range(0, scores.Length).Select(i => isOwn(i) ? above : below).ToArray();
        var mean = scores.Average();
        var deviation = Math.Sqrt(scores.Average(score => (score - mean) * (score - mean)));
        if (Array.TrueForAll(scores, score => score == scores[0]))
        {
            var share = targets.Average();
            return (0, Math.Log(share / (1 - share)));
        }

        var (a, b) = Minimise(Array.ConvertAll(scores, score => (score - mean) / deviation), targets, Math.Log((own + 1.0) / (scores.Length - own + 1.0)));
        return (a / deviation, b - (a * mean / deviation));
    }

    /// <summary>log(1 + exp(x)).</summary>
    public static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static (double A, double B) Minimise(double[] scores, double[] targets, double b)
    {
        var (a, value) = (0.0, Value(scores, targets, 0, b));
        for (var step = 0; step < MostSteps; step++)
        {
            var (slopeA, slopeB, bendAA, bendAB, bendBB) = (0.0, 0.0, Ridge, 0.0, Ridge);
            for (var i = 0; i < scores.Length; i++)
            {
                var z = (a * scores[i]) + b;
                var small = Math.Exp(-Math.Abs(z));
                var p = (z >= 0 ? 1 : small) / (1 + small);
                var bend = small / ((1 + small) * (1 + small));
                slopeA += (p - targets[i]) * scores[i];
                slopeB += p - targets[i];
                bendAA += bend * scores[i] * scores[i];
                bendAB += bend * scores[i];
                bendBB += bend;
            }

            var determinant = (bendAA * bendBB) - (bendAB * bendAB);
            var moveA = -((bendBB * slopeA) - (bendAB * slopeB)) / determinant;
            var moveB = -((bendAA * slopeB) - (bendAB * slopeA)) / determinant;
            var (part, descent) = (1.0, (slopeA * moveA) + (slopeB * moveB));
            var reached = Value(scores, targets, a + moveA, b + moveB);
            while (reached > value + (Decrease * part * descent) + (Rounding * value) && part > LeastPart)
            {
                part /= 2;
                reached = Value(scores, targets, a + (part * moveA), b + (part * moveB));
            }

            (a, b, value) = (a + (part * moveA), b + (part * moveB), reached);
            if (Math.Abs(moveA) <= LastDigits * (1 + Math.Abs(a)) && Math.Abs(moveB) <= LastDigits * (1 + Math.Abs(b)))
            {
                break;
            }
        }

        return (a, b);
    }

    private static double Value(double[] scores, double[] targets, double a, double b)
    {
        var sum = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            var z = (a * scores[i]) + b;
            sum += Softplus(z) - (targets[i] * z);
        }

        return sum;
    }
}
