using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace OnnxTransfer.Heads;

/// <summary>
/// The leading eigenvectors q_j and eigenvalues l_j of A = X~'X~, X~ the codes with a column of ones, and the mean t of
/// the other eigenvalues. They make (I + h A)^-1 cheap to apply for every h: a preconditioner for all classes, all C and
/// all folds (a spectral, or Nystroem, preconditioner: Frangella, Tropp and Udell, 2023).
/// </summary>
/// <remarks>Found by randomised subspace iteration (Halko, Martinsson and Tropp, 2011): a few passes over the codes, whose
/// columns are the vectors of the subspace. The start is a fixed hash, so the result is the same every time.</remarks>
internal sealed class SpectralBasis
{
    private const int MostVectors = 32;
    private const int PowerIterations = 2;

    private readonly double[] vectors;
    private readonly double[] values;
    private readonly double rest;

    private SpectralBasis(double[] vectors, double[] values, double rest, float[] squaredNorms, int rows, double trace)
    {
        (this.vectors, this.values, this.rest) = (vectors, values, rest);
        (SquaredNorms, Rows, MeanSquare) = (squaredNorms, rows, (trace / rows) - 1);
    }

    /// <summary>How many codes it is of.</summary>
    public int Rows { get; }

    /// <summary>The mean of ||x||^2 over the codes, less their centre.</summary>
    public double MeanSquare { get; }

    /// <summary>||x_i||^2 + 1 of the codes, less their centre, by row.</summary>
    public float[] SquaredNorms { get; }

    /// <summary>The basis of some codes.</summary>
    public static SpectralBasis Of(RowSlabs slabs, int threads, CancellationToken cancellation)
    {
        var width = slabs.Codes.Columns + 1;
        var count = Math.Min(MostVectors, Math.Min(width, slabs.Rows));
        var (vectors, values) = Spectrum(slabs, count, width, threads, cancellation);
        return Of(slabs, vectors, values, threads);
    }

    /// <summary>For chosen rows the spectrum of all: with C divided by their share, it is about that of their sum.</summary>
    public SpectralBasis Select(int[] rows) => new(vectors, values, rest, Array.ConvertAll(rows, row => SquaredNorms[row]), Rows, (MeanSquare + 1) * Rows);

    /// <summary>The codes' lengths alone, a basis without vectors: for solvers that need no more, and one pass instead of four.</summary>
    public static SpectralBasis OfLengths(RowSlabs slabs, int threads) => Of(slabs, [], [], threads);

    private static SpectralBasis Of(RowSlabs slabs, double[] vectors, double[] values, int threads)
    {
        var squaredNorms = SquaredNormsOf(slabs, threads);
        var trace = 0.0;
        foreach (var row in slabs.AllRows())
        {
            trace += squaredNorms[row];
        }

        if (!double.IsFinite(trace))
        {
            throw TooLarge();
        }

        var others = Math.Max(1, slabs.Codes.Columns + 1 - values.Length);
        return new SpectralBasis(vectors, values, Math.Max(0, trace - values.Sum()) / others, squaredNorms, slabs.Rows, trace);
    }

    private static OnnxTransferException TooLarge() => new(
        FailureKind.Mathematics, "The products of the codes are not finite: the codes are too large; standardise or scale them.");

    private static (double[] Vectors, double[] Values) Spectrum(
        RowSlabs slabs, int count, int width, int threads, CancellationToken cancellation)
    {
        using var pass = new CodePass<float>(slabs, count, threads);
        var subspace = new double[count * width];
        for (var i = 0; i < subspace.Length; i++)
        {
            subspace[i] = (Hash.Mix((ulong)i) >> 11) * (2.0 / (1UL << 53)) - 1;
        }

        var image = new double[count * width];
        for (var iteration = 0; iteration <= PowerIterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            Orthonormalize(subspace, count, width);
            pass.Run(subspace, static (_, _, _, _, _) => { }, image);
            if (iteration < PowerIterations)
            {
                (subspace, image) = (image, subspace);
            }
        }

        if (!Array.TrueForAll(image, double.IsFinite))
        {
            throw TooLarge();
        }

        var small = new DenseMatrix(count);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                small[i, j] = small[j, i] = VectorArithmetic.Dot(subspace.AsSpan(i * width, width), image.AsSpan(j * width, width));
            }
        }

        var eigen = small.Evd(Symmetricity.Symmetric);
        var values = eigen.EigenValues.Select(value => Math.Max(0, value.Real)).ToArray();
        var vectors = new double[count * width];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                VectorArithmetic.AddScaled(eigen.EigenVectors[j, i], subspace.AsSpan(j * width, width), vectors.AsSpan(i * width, width));
            }
        }

        return (vectors, values);
    }

    /// <summary>result = (I + h A)^-1 x, in the approximation A = sum_j l_j q_j q_j' + t (I - sum_j q_j q_j').</summary>
    public void Solve(double h, ReadOnlySpan<double> x, Span<double> result)
    {
        var others = 1 / (1 + (h * rest));
        result.Clear();
        VectorArithmetic.AddScaled(others, x, result);
        for (var j = 0; j < values.Length; j++)
        {
            var vector = vectors.AsSpan(j * x.Length, x.Length);
            VectorArithmetic.AddScaled(((1 / (1 + (h * values[j]))) - others) * VectorArithmetic.Dot(vector, x), vector, result);
        }
    }

    /// <summary>result += h A x, in the same approximation.</summary>
    public void AddProduct(double h, ReadOnlySpan<double> x, Span<double> result)
    {
        VectorArithmetic.AddScaled(h * rest, x, result);
        for (var j = 0; j < values.Length; j++)
        {
            var vector = vectors.AsSpan(j * x.Length, x.Length);
            VectorArithmetic.AddScaled(h * (values[j] - rest) * VectorArithmetic.Dot(vector, x), vector, result);
        }
    }

    private static float[] SquaredNormsOf(RowSlabs slabs, int threads)
    {
        var squaredNorms = new float[slabs.Codes.Rows];
        Workers.For(slabs.Count, threads, (slab, _) =>
        {
            var (room, code) = (slabs.Codes.Room(), new double[slabs.Codes.Columns]);
            foreach (var (first, rows) in slabs.Chunks(slab))
            {
                for (var row = first; row < first + rows; row++)
                {
                    VectorArithmetic.Subtract<double>(slabs.Codes.Row(row, room), default, code);
                    squaredNorms[row] = (float)(1 + VectorArithmetic.Dot(code, code));
                }
            }
        });
        return squaredNorms;
    }

    /// <summary>Gram and Schmidt, twice over for orthogonality to working precision; dependent rows become zero.</summary>
    private static void Orthonormalize(double[] rows, int count, int width)
    {
        for (var i = 0; i < count; i++)
        {
            var row = rows.AsSpan(i * width, width);
            var before = VectorArithmetic.Dot(row, row);
            for (var round = 0; round < 2; round++)
            {
                for (var j = 0; j < i; j++)
                {
                    var other = rows.AsSpan(j * width, width);
                    VectorArithmetic.AddScaled(-VectorArithmetic.Dot(row, other), other, row);
                }
            }

            var square = VectorArithmetic.Dot(row, row);
            var scale = square > 1e-20 * before ? 1 / Math.Sqrt(square) : 0;
            foreach (ref var value in row)
            {
                value *= scale;
            }
        }
    }
}
