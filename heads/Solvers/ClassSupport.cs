namespace OnnxTransfer.Heads;

/// <summary>
/// The dual optimum of one class of a one-vs-rest svm on the rows that support it, in float64: with those rows known whose
/// dual variables lie between their bounds, the optimum is one system of linear equations (a primal-dual active set method:
/// Hintermüller, Ito and Kunisch, 2002).
/// </summary>
/// <remarks>
/// For signed dual variables b_i = a_i t_i on the support A: x_i'w + intercept + r_i b_i = t_i for i in A, w = sum of b_i x_i
/// over all rows, and sum of b_i = 0 where the intercept is free. The factor is of products in float32; residuals in float64
/// refine what comes of it.
/// </remarks>
/// <param name="exact">The codes, less their centre where there is one: what the equations are of.</param>
/// <param name="work">The same, rounded to float32: what is factored.</param>
/// <param name="isFree">Whether the intercept is free.</param>
internal sealed class ClassSupport(RowSlabs exact, RowSlabs work, bool isFree) : IDisposable
{
    private const int MostChanges = 30;
    private const int MostRefinements = 10;

    // Of a margin: what will do if refinement no longer gains this factor.
    private const double Enough = 1e-6;
    private const double Gain = 0.5;

    // Against the mean of the diagonal: above the rounding of the products; refinement takes it out again.
    private const double Raise = 1e-6;

    private readonly RowGram gram = new(work);
    private readonly double[] weights = new double[work.Codes.Columns + 1];
    private readonly double[] code = new double[work.Codes.Columns];
    private readonly float[] room = exact.Codes.Room();
    private double sum;

    /// <summary>The weights and the intercept after <see cref="Solve"/>.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>Moves signed dual variables to the optimum on a support, and their sums to the weights.</summary>
    /// <param name="support">Rows whose dual variables may move, ascending.</param>
    /// <param name="others">Rows whose dual variables stay, at their upper bounds.</param>
    /// <param name="signed">b of all rows.</param>
    /// <param name="intercept">Where the intercept starts.</param>
    /// <param name="sign">t of a row.</param>
    /// <param name="ridge">r of a row.</param>
    /// <param name="most">The bound of a row's a.</param>
    /// <param name="tolerance">By what the equations may be off.</param>
    /// <returns>Whether there was an optimum; if not, dual variables are as they were.</returns>
    public bool Solve(
        int[] support, IEnumerable<int> others, Span<double> signed, double intercept, Func<int, double> sign, Func<int, double> ridge, Func<int, double> most,
        double tolerance)
    {
        int[] moving = [.. support], all = [.. others, .. support];
        var before = signed.ToArray();
        Sum(all, signed, intercept);
        for (var change = 0; change < MostChanges && moving.Length > 0 && Refine(moving, signed, sign, ridge, most, tolerance); change++)
        {
            var inside = new List<int>(moving.Length);
            foreach (var row in moving)
            {
                var (t, bound) = (sign(row), most(row));
                var a = t * signed[row];
                if (a >= 0 && a <= bound)
                {
                    inside.Add(row);
                    continue;
                }

                var clamped = t * Math.Clamp(a, 0, bound);
                Add(row, clamped - signed[row]);
                signed[row] = clamped;
            }

            if (inside.Count == moving.Length)
            {
                return true;
            }

            moving = [.. inside];
        }

        before.CopyTo(signed);
        Sum(all, signed, intercept);
        return support.Length == 0;
    }

    private Span<double> Code(int row)
    {
        exact.Codes.Read<double>(row, code, room);
        return code;
    }

    private Span<double> Columns => weights.AsSpan(0, weights.Length - 1);

    /// <summary>Lets go of the rows' products, which are otherwise kept for the next support.</summary>
    public void Forget() => gram.Change([]);

    public void Dispose() => gram.Dispose();

    /// <summary>Sets the weights to the sum of b_i x_i.</summary>
    private void Sum(int[] all, ReadOnlySpan<double> signed, double intercept)
    {
        Array.Clear(weights);
        (sum, weights[^1]) = (0, intercept);
        foreach (var row in all)
        {
            Add(row, signed[row]);
        }
    }

    private void Add(int row, double amount)
    {
        VectorArithmetic.AddScaled(amount, Code(row), Columns);
        sum += amount;
        weights[^1] = isFree ? weights[^1] : sum;
    }

    /// <summary>Solves the equations of a support, roughly where that shows that the support was too large.</summary>
    private bool Refine(
        int[] support, Span<double> signed, Func<int, double> sign, Func<int, double> ridge, Func<int, double> most, double tolerance)
    {
        using var factor = Factor(support, ridge);
        if (factor is null)
        {
            return false;
        }

        var order = gram.Rows.ToArray();
        var (steps, ones) = (new double[order.Length], new double[order.Length]);
        Array.Fill(ones, 1);
        factor.Solve(ones);
        var last = double.PositiveInfinity;
        for (var round = 0; ; round++)
        {
            var largest = 0.0;
            for (var i = 0; i < order.Length; i++)
            {
                var row = order[i];
                steps[i] = sign(row) - VectorArithmetic.Dot(Code(row), Columns) - weights[^1] - (ridge(row) * signed[row]);
                largest = Math.Max(largest, Math.Abs(steps[i]));
            }

            largest = isFree ? Math.Max(largest, Math.Abs(sum)) : largest;
            if (largest <= tolerance || round == MostRefinements || !(largest < last))
            {
                return largest <= Enough;
            }

            if (round == 1 && IsTooLarge(support, signed, sign, most))
            {
                return true;
            }

            last = Gain * largest;
            factor.Solve(steps);
            var shift = isFree ? (steps.Sum() + sum) / ones.Sum() : 0;
            weights[^1] += shift;
            for (var i = 0; i < order.Length; i++)
            {
                var step = steps[i] - (shift * ones[i]);
                signed[order[i]] += step;
                Add(order[i], step);
            }
        }
    }

    private static bool IsTooLarge(int[] support, ReadOnlySpan<double> signed, Func<int, double> sign, Func<int, double> most)
    {
        foreach (var row in support)
        {
            var a = sign(row) * signed[row];
            if (a < 0 || a > most(row))
            {
                return true;
            }
        }

        return false;
    }

    private Cholesky? Factor(int[] support, Func<int, double> ridge)
    {
        gram.Change(support);
        var trace = 0.0;
        for (var i = 0; i < support.Length; i++)
        {
            trace += gram.Row(i)[i];
        }

        var (order, penalty) = (gram.Rows.ToArray(), isFree ? 0 : 1);
        return Cholesky.Of(order.Length, (i, target) =>
        {
            var products = gram.Row(i);
            for (var j = 0; j <= i; j++)
            {
                target[j] = products[j] + penalty;
            }

            target[i] += ridge(order[i]) + (Raise * trace / order.Length);
        });
    }
}
