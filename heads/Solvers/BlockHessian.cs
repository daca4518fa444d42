namespace OnnxTransfer.Heads;

/// <summary>
/// The inverse of one class's Hessian H = I + h X~_A'X~_A, A the rows on which the class's loss bends (by the same
/// amount, as the squared hinge does), X~ the codes, less their centre, with a column for the intercept: Chapelle's Newton step (2007).
/// </summary>
/// <remarks>
/// Factored on the smaller side: D + 1 unknowns, or the rows of A by H^-1 = I - X~_A'(I/h + X~_A X~_A')^-1 X~_A. A free
/// intercept has no penalty in H; its column is made large instead, so that the penalty becomes small. Conjugate
/// gradients around it mend that.
/// </remarks>
internal sealed unsafe class BlockHessian : IDisposable
{
    private readonly CodeMatrix codes;
    private readonly float[]? centre;
    private readonly int[] rows;
    private readonly double column;
    private readonly bool byRows;
    private readonly Cholesky factor;

    private BlockHessian(CodeMatrix codes, float[]? centre, int[] rows, double column, bool byRows, Cholesky factor) =>
        (this.codes, this.centre, this.rows, this.column, this.byRows, this.factor) = (codes, centre, rows, column, byRows, factor);

    /// <summary>Multiplications that <see cref="Of"/> takes for so many rows.</summary>
    public static double Cost(int rows, int columns)
    {
        double size = Math.Min(rows, columns + 1), depth = Math.Max(rows, columns + 1);
        return (size * size * depth / 2) + (size * size * size / 6);
    }

    /// <summary>Numbers that the factor holds.</summary>
    public static long Room(int rows, int columns)
    {
        long size = Math.Min(rows, columns + 1);
        return size * size;
    }

    /// <summary>Factors; null where rounding forbids it.</summary>
    /// <param name="codes">All codes.</param>
    /// <param name="centre">What is taken off every code; null where nothing is.</param>
    /// <param name="rows">A, not empty.</param>
    /// <param name="h">C times the second derivative on A.</param>
    /// <param name="column">The intercept's column: 1 where it is penalised.</param>
    public static BlockHessian? Of(CodeMatrix codes, float[]? centre, int[] rows, double h, double column)
    {
        var width = codes.Columns + 1;
        var byRows = rows.Length < width;
        using var y = new AlignedBuffer<double>((long)rows.Length * width);
        for (var i = 0; i < rows.Length; i++)
        {
            var code = codes.Row(rows[i]);
            var target = byRows ? y.Start + ((long)i * width) : y.Start + i;
            long stride = byRows ? 1 : rows.Length;
            for (var d = 0; d < code.Length; d++)
            {
                target[d * stride] = centre is null ? code[d] : (double)code[d] - centre[d];
            }

            target[code.Length * stride] = column;
        }

        var factor = byRows
            ? Cholesky.Of(y, rows.Length, width, 1 / h, 1)
            : Cholesky.Of(y, width, rows.Length, 1, h);
        return factor is null ? null : new BlockHessian(codes, centre, rows, column, byRows, factor);
    }

    /// <summary>result = H^-1 x.</summary>
    public void Solve(ReadOnlySpan<double> x, Span<double> result)
    {
        x.CopyTo(result);
        result[^1] *= column;
        if (byRows)
        {
            var products = new double[rows.Length];
            var common = (column * result[^1]) - (centre is null ? 0 : VectorArithmetic.Dot(centre, result[..^1]));
            for (var i = 0; i < rows.Length; i++)
            {
                products[i] = VectorArithmetic.Dot(codes.Row(rows[i]), result[..^1]) + common;
            }

            factor.Solve(products);
            for (var i = 0; i < rows.Length; i++)
            {
                VectorArithmetic.AddScaled(-products[i], codes.Row(rows[i]), result[..^1]);
                result[^1] -= column * products[i];
            }

            if (centre is not null)
            {
                VectorArithmetic.AddScaled(products.Sum(), centre, result[..^1]);
            }
        }
        else
        {
            factor.Solve(result);
        }

        result[^1] *= column;
    }

    public void Dispose() => factor.Dispose();
}
