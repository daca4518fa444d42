using MathNet.Numerics.LinearAlgebra.Double;

namespace OnnxTransfer.Heads.Tests;

public class ClassSpectrumTests
{
    [Test]
    public void It_is_the_singular_value_decomposition([Values(1, 5, 31, 70)] int rows, [Values(1, 8, 33, 65)] int columns)
    {
        var (codes, truth) = Problem(rows, columns);
        var spectrum = ClassSpectrum.Of(codes, truth, 3);
        var svd = DenseMatrix.Create(rows, columns, (i, j) => codes.Row(i)[j]).Svd();
        Assert.That(spectrum.Squares.ToArray().OrderDescending(), Is.EqualTo(svd.S.Select(static s => s * s)).Within(1e-10 * svd.S[0] * svd.S[0]));
        for (var k = 0; k < 3; k++)
        {
            // Vectors of U may point either way, but squares and products of two classes may not.
            for (var l = 0; l <= k; l++)
            {
                double[] products = new double[spectrum.Squares.Length], expected = new double[spectrum.Squares.Length];
                for (var i = 0; i < products.Length; i++)
                {
                    products[i] = spectrum.Projections(k)[i] * spectrum.Projections(l)[i];
                    expected[i] = Sum(svd.U.Column(i), truth, k) * Sum(svd.U.Column(i), truth, l);
                }

                Array.Sort(spectrum.Squares.ToArray(), products);
                Assert.That(products.Reverse(), Is.EqualTo(expected).Within(1e-8));
            }
        }
    }

    [Test]
    public void Threads_do_not_change_a_bit([Values(600, 520)] int rows)
    {
        var (codes, truth) = Problem(rows, 560);
        var (one, two) = (ClassSpectrum.Of(codes, truth, 3, threads: 1), ClassSpectrum.Of(codes, truth, 3, threads: 3));
        Assert.That(two.Squares.ToArray(), Is.EqualTo(one.Squares.ToArray()));
        Assert.That(two.Projections(1).ToArray(), Is.EqualTo(one.Projections(1).ToArray()));
        Assert.That(one.Squares.ToArray().Sum(), Is.EqualTo(codes.Values.ToArray().Sum(static x => (double)x * x)).Within(1e-6));
    }

    [Test]
    public void Codes_of_zeros_have_an_empty_spectrum() =>
        Assert.That(ClassSpectrum.Of(new CodeMatrix(new float[12], 4, 3), [0, 1, 0, 1], 2).Squares.Length, Is.Zero);

    [Test]
    public void Bad_input_is_told_in_a_sentence()
    {
        void Fails(FailureKind kind, CodeMatrix codes, int[] truth, params string[] words) =>
            Sentences.Fails(kind, () => ClassSpectrum.Of(codes, truth, 2), words);

        var codes = new CodeMatrix(new float[] { 1, 2, 3, 4 }, 2, 2);
        Fails(FailureKind.Usage, codes, [0], "2 codes", "1 classes");
        Fails(FailureKind.Usage, codes, [0, 2], "0 to 1");
        Fails(FailureKind.Usage, new CodeMatrix(Array.Empty<float>(), 0, 2), [], "no code");
        Fails(FailureKind.Usage, new CodeMatrix(new float[4097 * 4097], 4097, 4097), new int[4097], "4,096");
        Fails(FailureKind.Mathematics, new CodeMatrix(new float[] { 1, float.NaN, 3, 4 }, 2, 2), [0, 1], "not finite");
        Fails(FailureKind.Mathematics, new CodeMatrix(new float[] { 1, float.PositiveInfinity, 3, 4 }, 2, 2), [0, 1], "not finite");
    }

    private static double Sum(IEnumerable<double> numbers, int[] truth, int k) => numbers.Where((_, row) => truth[row] == k).Sum();

    private static (CodeMatrix Codes, int[] Truth) Problem(int rows, int columns)
    {
        var random = new Random(rows + columns);
        return (new CodeMatrix(Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextDouble()).ToArray(), rows, columns), [.. Enumerable.Range(0, rows).Select(row => row % 3)]);
    }
}
