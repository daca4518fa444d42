using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class CurvatureTests
{
    [Test]
    public void Products_are_those_of_the_matrix([Values] bool isCoupled) =>
        Gen.Select(Gen.Float[-2, 2].Array[1, 40], Gen.Float[0, 3].Array[40]).Sample((direction, numbers) =>
        {
            var expected = Matrix(numbers[..direction.Length], isCoupled).Select(row => row.Zip(direction, static (h, u) => h * u).Sum()).ToArray();
            var product = (float[])direction.Clone();
            Curvature.Apply(product, numbers, isCoupled);
            return product.Zip(expected, static (p, e) => Math.Abs(p - e) < 1e-4).All(static near => near);
        });

    [Test]
    public void The_diagonal_is_that_of_the_matrix([Values] bool isCoupled) => Gen.Float[0, 3].Array[1, 40].Sample(numbers =>
    {
        var matrix = Matrix(numbers, isCoupled);
        return numbers.Select((c, k) => Math.Abs(Curvature.Diagonal(c, numbers.Sum(), isCoupled) - matrix[k][k])).All(static off => off < 1e-5);
    });

    [Test]
    public void A_row_that_bends_nowhere_gives_zero([Values(3, 8, 21)] int classes, [Values] bool isCoupled)
    {
        float[] product = [.. Enumerable.Range(1, classes).Select(static k => (float)k)];
        Curvature.Apply(product, new float[classes], isCoupled);
        Assert.That(product, Is.All.Zero);
        Assert.That(Curvature.Diagonal(0, 0, isCoupled), Is.Zero);
    }

    private static double[][] Matrix(float[] c, bool isCoupled)
    {
        var sum = c.Sum(static x => (double)x);
        return [.. c.Select((own, k) => c.Select((other, j) =>
            (k == j ? own : 0.0) - (isCoupled && sum > 0 ? (double)own * other / sum : 0)).ToArray())];
    }
}
