using System.Numerics;

namespace OnnxTransfer.Heads;

/// <summary>
/// The dual optimum of one class of a one-vs-rest svm on the rows that support it, in float64: with those rows known whose
/// dual variables lie between their bounds, the optimum is one system of linear equations (a primal-dual active set method:
/// Hintermüller, Ito and Kunisch, 2002).
/// </summary>
/// <remarks>
/// For signed dual variables b_i = a_i t_i on the support A: x_i'w + intercept + r_i b_i = t_i for i in A, w = sum of b_i x_i
/// over all rows, and sum of b_i = 0 where the intercept is free. Factor and products are of float32, or the factor of float64 where
/// that does not do; residuals in float64 refine what comes of it.
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
    private const double Margin = 100;

    // Against the mean of the diagonal: above the rounding of the products; refinement takes it out again.
    private const double Raise = 1e-6;

    private readonly RowGram gram = new(work);
    private readonly double[] weights = new double[work.Codes.Columns + 1];
    private readonly float[] room = exact.Codes.Room();
    private int[] rows = [];
    private double[] signs = [], ridges = [], bounds = [], duals = [], residuals = [];
    private double sum;
    private bool needsFloat64;

    /// <summary>The weights and the intercept after <see cref="Solve"/>.</summary>
    public ReadOnlySpan<double> Weights => weights;

    private Span<double> Columns => weights.AsSpan(0, weights.Length - 1);

    /// <summary>Moves signed dual variables to the optimum on a support, and their sums to the weights.</summary>
    /// <param name="support">Rows whose dual variables may move, ascending.</param>
    /// <param name="others">Rows whose dual variables stay, at their upper bounds.</param>
    /// <param name="signed">b of all rows; those of other rows than these are not read.</param>
    /// <param name="intercept">Where the intercept starts.</param>
    /// <param name="sign">t of a row.</param>
    /// <param name="ridge">r of a row.</param>
    /// <param name="most">The bound of a row's a.</param>
    /// <param name="tolerance">By what the equations may be off.</param>
    /// <returns>Whether there was an optimum; if not, dual variables are as they were.</returns>
    public bool Solve(
        int[] support, IReadOnlyList<int> others, Span<double> signed, double intercept, Func<int, double> sign, Func<int, double> ridge,
        Func<int, double> most, double tolerance)
    {
        gram.Change(support);
        rows = gram.Rows.ToArray();
        (signs, ridges, bounds) = (Array.ConvertAll(rows, row => sign(row)), Array.ConvertAll(rows, row => ridge(row)), Array.ConvertAll(rows, row => most(row)));
        (duals, residuals) = (new double[rows.Length], new double[rows.Length]);
        Start(others, signed, intercept);
        if (!needsFloat64 && Solve<float>(tolerance))
        {
            return Finish(signed);
        }

        needsFloat64 = rows.Length > 0;
        Start(others, signed, intercept);
        if (Solve<double>(tolerance))
        {
            return Finish(signed);
        }

        Start(others, signed, intercept);
        return rows.Length == 0;
    }

    /// <summary>Lets go of the rows' products, which are otherwise kept for the next support.</summary>
    public void Forget() => gram.Change([]);

    public void Dispose() => gram.Dispose();

    /// <summary>Takes the dual variables as they are, and their sum as the weights.</summary>
    private void Start(IReadOnlyList<int> others, ReadOnlySpan<double> signed, double intercept)
    {
        Array.Clear(weights);
        (sum, weights[^1]) = (0, intercept);
        foreach (var row in others)
        {
            Add(row, signed[row]);
        }

        for (var i = 0; i < rows.Length; i++)
        {
            duals[i] = signed[rows[i]];
            Add(rows[i], duals[i]);
        }
    }

    private bool Finish(Span<double> signed)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            signed[rows[i]] = duals[i];
        }

        return true;
    }

    private void Add(int row, double amount)
    {
        exact.Codes.AddScaled(amount, row, Columns, room);
        sum += amount;
        weights[^1] = isFree ? weights[^1] : sum;
    }

    /// <summary>Solves the equations of all rows, then of those that were within their bounds, and so on, with factors in the precision T.</summary>
    private bool Solve<T>(double tolerance) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] moving = [.. Enumerable.Range(0, rows.Length)];
        SetResiduals(moving);
        for (var change = 0; change < MostChanges && moving.Length > 0; change++)
        {
            using var factor = Factor<T>(moving);
            if (factor is null)
            {
                return false;
            }

            var ones = new T[moving.Length];
            Array.Fill(ones, T.One);
            factor.Solve(ones);
            var (steps, shift) = Steps(factor, ones, moving);
            if (TakeOut(ref moving, steps))
            {
                continue;
            }

            var before = Largest(moving);
            Move(moving, steps, shift);
            if (!Refine(factor, ones, moving, before, tolerance))
            {
                return false;
            }

            Array.Clear(steps);
            if (!TakeOut(ref moving, steps))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What solves the equations of some rows, as far as their products and the factor tell.</summary>
    private (double[] Steps, double Shift) Steps<T>(Cholesky<T> factor, T[] ones, int[] moving) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var solution = Array.ConvertAll(moving, i => T.CreateTruncating(residuals[i]));
        factor.Solve(solution);
        var steps = Array.ConvertAll(solution, double.CreateTruncating);
        var shift = isFree ? (steps.Sum() + sum) / ones.Sum(double.CreateTruncating) : 0;
        for (var j = 0; j < steps.Length; j++)
        {
            steps[j] -= shift * double.CreateTruncating(ones[j]);
        }

        return (steps, shift);
    }

    private void Move(int[] moving, double[] steps, double shift)
    {
        for (var j = 0; j < moving.Length; j++)
        {
            duals[moving[j]] += steps[j];
            Add(rows[moving[j]], steps[j]);
        }

        weights[^1] += shift;
    }

    /// <summary>Moves rows to their bounds that would step beyond them, and leaves them out; the others do not step yet.</summary>
    /// <returns>Whether there are such rows.</returns>
    private bool TakeOut(ref int[] moving, double[] steps)
    {
        var inside = new List<int>(moving.Length);
        var outside = new List<(int At, double Change)>();
        for (var j = 0; j < moving.Length; j++)
        {
            var i = moving[j];
            var a = signs[i] * (duals[i] + steps[j]);
            if (a >= 0 && a <= bounds[i])
            {
                inside.Add(i);
            }
            else
            {
                outside.Add((i, (signs[i] * Math.Clamp(a, 0, bounds[i])) - duals[i]));
            }
        }

        if (outside.Count == 0)
        {
            return false;
        }

        moving = [.. inside];
        foreach (var (at, change) in outside)
        {
            duals[at] = signs[at] * Math.Clamp(signs[at] * (duals[at] + change), 0, bounds[at]);
            Add(rows[at], change);
        }

        foreach (var i in moving)
        {
            foreach (var (at, change) in outside)
            {
                residuals[i] -= (Product(i, at) + (isFree ? 0 : 1)) * change;
            }
        }

        return true;
    }

    private void SetResiduals(int[] moving)
    {
        foreach (var i in moving)
        {
            residuals[i] = signs[i] - exact.Codes.Dot(rows[i], Columns, room) - weights[^1] - (ridges[i] * duals[i]);
        }
    }

    /// <summary>Solves with the codes what the products' rounding has left of the equations.</summary>
    /// <param name="factor">The factor.</param>
    /// <param name="ones">What it makes of ones.</param>
    /// <param name="moving">The rows.</param>
    /// <param name="before">By what their equations were off before the step that was made.</param>
    /// <param name="tolerance">By what they may be.</param>
    private bool Refine<T>(Cholesky<T> factor, T[] ones, int[] moving, double before, double tolerance) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var round = 0; ; round++)
        {
            SetResiduals(moving);
            var largest = Largest(moving);
            if (largest <= tolerance || round == MostRefinements || !(largest < Gain * before))
            {
                return largest <= tolerance || (typeof(T) == typeof(double) && largest <= Enough);
            }

            var (steps, shift) = Steps(factor, ones, moving);
            Move(moving, steps, shift);

            // The next step gains about as much as the last; where that is far more than enough it is not measured.
            if (Margin * largest * (largest / before) <= tolerance)
            {
                return true;
            }

            before = largest;
        }
    }

    /// <summary>By what the equations are off.</summary>
    private double Largest(int[] moving)
    {
        var largest = isFree ? Math.Abs(sum) : 0;
        foreach (var i in moving)
        {
            largest = Math.Max(largest, Math.Abs(residuals[i]));
        }

        return largest;
    }

    private double Product(int i, int j) => i < j ? gram.Row(j)[i] : gram.Row(i)[j];

    private Cholesky<T>? Factor<T>(int[] moving) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var raise = Raise * moving.Average(i => gram.Row(i)[i]);
        var penalty = T.CreateTruncating(isFree ? 0 : 1);
        return Cholesky<T>.Of(moving.Length, (j, target) =>
        {
            var i = moving[j];
            var products = gram.Row(i);
            for (var l = 0; l <= j; l++)
            {
                target[l] = T.CreateTruncating(products[moving[l]]) + penalty;
            }

            target[j] += T.CreateTruncating(ridges[i] + raise);
        });
    }
}
