using CsCheck;

namespace OnnxTransfer.Onnx.Tests.Shapes;

public class DimTests
{
    private static readonly Dim N = Dim.Named("N");
    private static readonly Dim M = Dim.Named("M");

    [Test]
    public void Arithmetic_is_kept_where_it_is_certain() => Assert.Multiple(() =>
    {
        Assert.That((12 * N).ToString(), Is.EqualTo("12*N"));
        Assert.That(12 * N / 4, Is.EqualTo(3 * N));
        Assert.That(12 * N / N, Is.EqualTo(Dim.Of(12)));
        Assert.That(N * M, Is.EqualTo(M * N));
        Assert.That(N + N, Is.EqualTo(2 * N));
        Assert.That(N - N, Is.EqualTo(Dim.Of(0)));
        Assert.That(N + 1, Is.EqualTo(Dim.Unknown));
        Assert.That(N / 2, Is.EqualTo(Dim.Unknown));
        Assert.That(Dim.Unknown * 0, Is.EqualTo(Dim.Of(0)));
        Assert.That(Dim.Of(long.MaxValue) * 2, Is.EqualTo(Dim.Unknown));
        Assert.That(Dim.Of(long.MinValue) / -1, Is.EqualTo(Dim.Unknown));
        Assert.That(12 * N / -1, Is.EqualTo(-12 * N));
        Assert.That(Dim.Differ(N, 3), Is.False);
        Assert.That(Dim.Differ(2 * N, 3 * N), Is.True);
    });

    [Test]
    public void What_is_known_is_right_for_every_batch()
    {
        var dim = Gen.Select(Gen.Long[-6, 6], Gen.Bool).Select((factor, symbolic) => symbolic ? Dim.Of(factor) * N : Dim.Of(factor));
        Gen.Select(dim, dim, Gen.Long[1, 5]).Sample((a, b, n) =>
            Right(a * b, At(a, n) * At(b, n), n) && Right(a + b, At(a, n) + At(b, n), n) && Right(a - b, At(a, n) - At(b, n), n)
            && (At(b, n) == 0 || Right(a / b, (double)At(a, n) / At(b, n), n)));
    }

    private static long At(Dim dim, long n) =>
        dim.Factor!.Value * (long)Math.Pow(n, dim.Symbol?.Split('*').Count(s => s == "N") ?? 0);

    private static bool Right(Dim result, double exact, long n) => !result.IsKnown || At(result, n) == exact;
}
