namespace OnnxTransfer.Heads;

/// <summary>
/// The inverse of one class's Hessian H = I + X~_A'diag(h) X~_A, A the rows on which the class's loss bends, X~ the
/// codes, less their centre, with a column for the intercept: Chapelle's Newton step (2007).
/// </summary>
/// <remarks>
/// Factored on the smaller side: D + 1 unknowns, or the rows of A by H^-1 = I - X~_A'(diag(1/h) + X~_A X~_A')^-1 X~_A, whose
/// products are kept from step to step. A free intercept has no penalty in H; its column is made large instead, so that
/// the penalty becomes small. Conjugate gradients around it mend that, and the rounding of products to float32.
/// </remarks>
/// <param name="slabs">The codes.</param>
/// <param name="column">The intercept's column: 1 where it is penalised.</param>
internal sealed unsafe class ClassHessian(RowSlabs slabs, double column) : IDisposable
{
    private readonly RowGram gram = new(slabs);
    private int[] rows = [];
    private bool byRows;
    private Cholesky<double>? factor;

    /// <summary>Whether there is a factor.</summary>
    public bool IsReady => factor is not null;

    private int Width => slabs.Codes.Columns + 1;

    /// <summary>The intercept's column for codes of a mean ||x||^2: large where the intercept is free.</summary>
    public static double Column(bool penalizeIntercept, double meanSquare) => penalizeIntercept ? 1 : 10 * Math.Sqrt(1 + meanSquare);

    /// <summary>Multiplications that <see cref="Renew"/> takes for some rows, ascending.</summary>
    public double Cost(int[] wanted)
    {
        double size = Math.Min(wanted.Length, Width), depth = Math.Max(wanted.Length, Width), known = 0;
        if (wanted.Length < Width)
        {
            known = gram.Known(wanted);
        }

        return (((size * size) - (known * known)) * depth / 2) + (size * size * size / 3);
    }

    /// <summary>Numbers that the factor and its products hold.</summary>
    public static long Room(int rows, int columns)
    {
        long size = Math.Min(rows, columns + 1);
        return size * size * 3 / 2;
    }

    /// <summary>Forgets the factor; known products stay.</summary>
    public void Forget()
    {
        factor?.Dispose();
        factor = null;
    }

    /// <summary>Factors for some rows, ascending and at least one; there is no factor where rounding forbids it.</summary>
    /// <param name="wanted">A.</param>
    /// <param name="bend">C times the second derivative in a row of A.</param>
    public void Renew(int[] wanted, Func<int, double> bend)
    {
        Forget();
        byRows = wanted.Length < Width;
        if (byRows)
        {
            gram.Change(wanted);
            rows = gram.Rows.ToArray();
            factor = Cholesky<double>.Of(rows.Length, (i, target) =>
            {
                var products = gram.Row(i);
                for (var j = 0; j < products.Length; j++)
                {
                    target[j] = products[j] + (column * column);
                }

                target[i] += 1 / bend(rows[i]);
            });
        }
        else
        {
            rows = wanted;
            factor = OfColumns(bend);
        }
    }

    /// <summary>result = H^-1 x.</summary>
    public void Solve(ReadOnlySpan<double> x, Span<double> result)
    {
        x.CopyTo(result);
        result[^1] *= column;
        if (byRows)
        {
            var (products, room) = (new double[rows.Length], slabs.Codes.Room());
            var common = column * result[^1];
            for (var i = 0; i < rows.Length; i++)
            {
                products[i] = VectorArithmetic.Dot(slabs.Codes.Row(rows[i], room), result[..^1]) + common;
            }

            factor!.Solve(products);
            for (var i = 0; i < rows.Length; i++)
            {
                VectorArithmetic.AddScaled(-products[i], slabs.Codes.Row(rows[i], room), result[..^1]);
                result[^1] -= column * products[i];
            }
        }
        else
        {
            factor!.Solve(result);
        }

        result[^1] *= column;
    }

    public void Dispose()
    {
        Forget();
        gram.Dispose();
    }

    private Cholesky<double>? OfColumns(Func<int, double> bend)
    {
        using var y = new AlignedBuffer<double>((long)rows.Length * Width);
        var room = slabs.Codes.Room();
        for (var i = 0; i < rows.Length; i++)
        {
            var code = slabs.Codes.Row(rows[i], room);
            var target = y.Start + i;
            var root = Math.Sqrt(bend(rows[i]));
            for (var d = 0; d < code.Length; d++)
            {
                target[(long)d * rows.Length] = root * code[d];
            }

            target[(long)code.Length * rows.Length] = root * column;
        }

        return Cholesky<double>.Of(y, Width, rows.Length, 1, 1);
    }
}
