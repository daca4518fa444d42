using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class PredictorTests
{
    private static readonly (int Rows, int Columns, int Classes)[] Sizes = [(40, 7, 3), (300, 60, 12), (30, 50, 4), (12, 200, 2), (33, 33, 5), (2, 3, 2), (2, 1, 2), (50, 1, 3), (110, 100, 3)];

    // Of a single column, and of two codes alone, shrinkage is all or nothing.
    private static IEnumerable<(int Rows, int Columns, int Classes)> SizesOfSpread => Sizes.Where(static size => size is { Item1: > 2, Item2: > 1 });

    [Test]
    public void Logme_is_that_of_whole_matrices([ValueSource(nameof(Sizes))] (int Rows, int Columns, int Classes) size, [Values(0.1, 1, 4)] double apart)
    {
        var (codes, truth) = GuessOracle.Problem(size.Rows, size.Columns, size.Classes, apart);
        Assert.That(LogMe.Of(ClassSpectrum.Of(codes, truth, size.Classes)), Is.EqualTo(GuessOracle.LogMe(codes, truth)).Within(1e-7));
    }

    [Test]
    public void The_h_score_is_that_of_whole_matrices([ValueSource(nameof(SizesOfSpread))] (int Rows, int Columns, int Classes) size, [Values(0.1, 1, 4)] double apart)
    {
        var (codes, truth) = GuessOracle.Problem(size.Rows, size.Columns, size.Classes, apart);
        Assert.That(HScore.Of(ClassSpectrum.Of(codes, truth, size.Classes), codes), Is.EqualTo(GuessOracle.HScore(codes, truth)).Within(1e-7));
    }

    [Test]
    public void The_order_of_images_and_the_names_of_classes_do_not_count([Values(20, 90)] int columns)
    {
        var (codes, truth) = GuessOracle.Problem(60, columns, 4);
        int[] order = [.. Enumerable.Range(0, 60).Select(i => i * 7 % 60)];
        var (logMe, hScore) = Guess(codes, truth, 4);
        var (other, otherScore) = Guess(codes.Select(order), Array.ConvertAll(order, row => 3 - truth[row]), 4);
        Assert.That((other, otherScore), Is.EqualTo((logMe, hScore)).Using<(double, double)>(Close));
    }

    [Test]
    public void Turned_codes_are_as_good([Values(20, 90)] int columns)
    {
        var (codes, truth) = GuessOracle.Problem(60, columns, 4);
        var turn = DenseMatrix.CreateRandom(columns, columns, new MathNet.Numerics.Distributions.Normal(0, 1, new Random(5))).QR().Q;
        Assert.That(Guess(Codes(GuessOracle.Matrix(codes) * turn), truth, 4), Is.EqualTo(Guess(codes, truth, 4)).Using<(double, double)>((one, two) => Close(one, two, 1e-5)));
    }

    [Test]
    public void Columns_that_are_repeated_or_zero_are_no_danger()
    {
        var (codes, truth) = GuessOracle.Problem(60, 10, 4);
        var wide = GuessOracle.Matrix(codes).Append(DenseMatrix.Create(60, 12, 0)).Append(GuessOracle.Matrix(codes));
        var (logMe, hScore) = Guess(Codes(wide), truth, 4);
        Assert.That(logMe, Is.EqualTo(GuessOracle.LogMe(Codes(wide), truth)).Within(1e-6));
        Assert.That(hScore, Is.EqualTo(GuessOracle.HScore(Codes(wide), truth)).Within(1e-6));
    }

    [Test]
    public void Classes_that_lie_further_apart_are_guessed_to_be_told_apart_better([Values(10, 200)] int columns)
    {
        var guesses = new[] { 0.1, 0.5, 2, 8 }.Select(apart => GuessOracle.Problem(100, columns, 4, apart)).Select(of => Guess(of.Codes, of.Truth, 4)).ToList();
        Assert.That(guesses.Select(static guess => guess.LogMe), Is.Ordered);
        Assert.That(guesses.Select(static guess => guess.HScore), Is.Ordered.And.All.InRange(0, 3));
    }

    [Test]
    public void A_single_column_is_its_own_target()
    {
        var codes = new CodeMatrix(new float[] { 0, 2, 4, 6 }, 4, 1);
        // Means 1 and 5 about 3: 4 of a variance of 5.
        Assert.That(HScore.Of(ClassSpectrum.Of(codes, [0, 0, 1, 1], 2), codes), Is.EqualTo(4.0 / 5).Within(1e-12));
    }

    [Test]
    public void One_class_has_nothing_to_tell_apart()
    {
        var (codes, _) = GuessOracle.Problem(20, 5, 1);
        var (logMe, hScore) = Guess(codes, new int[20], 1);
        Assert.That(hScore, Is.Zero.Within(1e-12));
        Assert.That(logMe, Is.EqualTo(GuessOracle.LogMe(codes, new int[20])).Within(1e-7));
    }

    [Test]
    public void Codes_of_another_size_are_refused()
    {
        var (codes, truth) = GuessOracle.Problem(20, 5, 2);
        var spectrum = ClassSpectrum.Of(codes, truth, 2);
        Assert.That(() => HScore.Of(spectrum, GuessOracle.Problem(20, 6, 2).Codes), Throws.ArgumentException);
    }

    private static (double LogMe, double HScore) Guess(CodeMatrix codes, int[] truth, int classes)
    {
        var spectrum = ClassSpectrum.Of(codes, truth, classes);
        return (LogMe.Of(spectrum), HScore.Of(spectrum, codes));
    }

    private static CodeMatrix Codes(Matrix<double> x) => new(x.ToRowMajorArray().Select(static value => (float)value).ToArray(), x.RowCount, x.ColumnCount);

    private static bool Close((double, double) one, (double, double) two) => Close(one, two, 1e-9);

    private static bool Close((double LogMe, double HScore) one, (double LogMe, double HScore) two, double within) =>
        Math.Abs(one.LogMe - two.LogMe) <= within && Math.Abs(one.HScore - two.HScore) <= within;
}
