namespace OnnxTransfer.Heads;

/// <summary>
/// Codes X = U S V' as classes lie in them: the squares of the singular values, and for the indicator y of each class (1 where
/// an image is of it, else 0) its products with the columns of U. All that ridge regression of classes on codes can tell, for
/// every penalty, is a sum over these.
/// </summary>
/// <remarks>
/// Found in the smaller of N and D dimensions: X X' or X'X is brought to tridiagonal form, and class sums are rotated with it.
/// About 4/3 n^3 multiplications for n = min(N, D).
/// </remarks>
public sealed class ClassSpectrum
{
    /// <summary>The largest min(N, D): 128 MiB of numbers, and some ten seconds on two cores.</summary>
    public const int MostSide = 4096;

    private const double Rounding = 1.0 / (1L << 52);

    private readonly double[] squares;
    private readonly double[] projections;
    private readonly int[] counts;

    private ClassSpectrum(CodeMatrix codes, int[] counts, double[] squares, double[] projections)
    {
        (Rows, Columns) = (codes.Rows, codes.Columns);
        (this.counts, this.squares, this.projections) = (counts, squares, projections);
    }

    /// <summary>N, the images.</summary>
    public int Rows { get; }

    /// <summary>D, the length of a code.</summary>
    public int Columns { get; }

    /// <summary>Images of each class.</summary>
    public IReadOnlyList<int> Counts => counts;

    /// <summary>The squared singular values that are above the rounding of float64, in no order.</summary>
    public ReadOnlySpan<double> Squares => squares;

    /// <summary>Of a class: u_i'y, in the order of <see cref="Squares"/>.</summary>
    public ReadOnlySpan<double> Projections(int k) => projections.AsSpan(k * squares.Length, squares.Length);

    /// <summary>Measures codes as they are, neither centred nor standardised.</summary>
    /// <param name="codes">N x D.</param>
    /// <param name="truth">The class of every code, from 0.</param>
    /// <param name="classes">K.</param>
    /// <param name="threads">0: all of the machine; the result does not depend on it.</param>
    /// <param name="cancellation">Stops now and then.</param>
    /// <exception cref="OnnxTransferException">
    /// Usage: not a class for every code, a class that is not there, no code, or a smaller side above <see cref="MostSide"/>.
    /// Mathematics: codes are not finite.
    /// </exception>
    public static ClassSpectrum Of(CodeMatrix codes, IReadOnlyList<int> truth, int classes, int threads = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(truth);
        Check(codes, truth, classes);
        var workers = Workers.Count(threads);
        var byRows = codes.Rows < codes.Columns;
        var size = Math.Min(codes.Rows, codes.Columns);
        var counts = new int[classes];
        var sums = new double[checked(classes * size)];
        for (var row = 0; row < codes.Rows; row++)
        {
            counts[truth[row]]++;
            var sum = sums.AsSpan(truth[row] * size, size);
            if (byRows)
            {
                sum[row] = 1;
            }
            else
            {
                VectorArithmetic.AddWidened(codes.Row(row), sum);
            }
        }

        using var gram = SquareGram.Of(codes, byRows, workers);
        var tridiagonal = Tridiagonal.Of(gram, size, workers, cancellation);
        tridiagonal.Project(sums);
        var along = Transposed(sums, classes, size);
        TridiagonalSpectrum.Find(tridiagonal.Diagonal, tridiagonal.Beside, along, classes);
        return Kept(codes, counts, tridiagonal.Diagonal, along, byRows);
    }

    /// <summary>Without what is rounding; V'X'y becomes U'y where the smaller side is that of the columns.</summary>
    private static ClassSpectrum Kept(CodeMatrix codes, int[] counts, double[] values, double[] along, bool byRows)
    {
        var least = Math.Max(codes.Rows, codes.Columns) * Rounding * values.Max();
        int[] kept = [.. Enumerable.Range(0, values.Length).Where(i => values[i] > least)];
        var projections = new double[counts.Length * kept.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            var scale = byRows ? 1 : 1 / Math.Sqrt(values[kept[i]]);
            for (var k = 0; k < counts.Length; k++)
            {
                projections[(k * kept.Length) + i] = scale * along[(kept[i] * counts.Length) + k];
            }
        }

        return new ClassSpectrum(codes, counts, Array.ConvertAll(kept, i => values[i]), projections);
    }

    private static double[] Transposed(double[] numbers, int rows, int columns)
    {
        var result = new double[numbers.Length];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                result[(j * rows) + i] = numbers[(i * columns) + j];
            }
        }

        return result;
    }

    private static void Check(CodeMatrix codes, IReadOnlyList<int> truth, int classes)
    {
        var wrong = codes.Rows switch
        {
            0 => "There is no code; give one at least",
            var rows when truth.Count != rows => $"There are {codes.Rows} codes but {truth.Count} classes; give one class per code",
            _ when truth.Any(k => k < 0 || k >= classes) => $"A class index is outside 0 to {classes - 1}; number the classes from 0",
            _ when Math.Min(codes.Rows, codes.Columns) > MostSide => $"The spectrum of {codes.Rows:N0} codes of {codes.Columns:N0} numbers is too large; give at most {MostSide:N0} codes or numbers",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new OnnxTransferException(FailureKind.Usage, wrong + ".");
        }
    }
}
