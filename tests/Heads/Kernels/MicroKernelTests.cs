using System.Numerics;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads.Tests;

public unsafe class MicroKernelTests
{
    [Test]
    public void All_forms_give_the_same_bits_in_float32([Values(0, 1, 2, 7, 64, 255)] int depth) => Compare<float>(depth);

    [Test]
    public void All_forms_give_the_same_bits_in_float64([Values(0, 1, 3, 16, 129)] int depth) => Compare<double>(depth);

    private static void Compare<T>(int depth) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            Assert.Ignore("needs 256-bit vectors");
        }

        var width = MicroKernel.Width<T>();
        for (var rows = 1; rows <= 12; rows++)
        {
            var a = Numbers<T>(rows * (depth + 3), 1);
            var panel = Numbers<T>(depth * width, 2);
            var expected = Numbers<T>(rows * (width + 1), 3);
            var by256 = (T[])expected.Clone();
            var by512 = (T[])expected.Clone();
            var expectedHalf = (T[])expected.Clone();
            var byHalf = (T[])expected.Clone();
            fixed (T* pa = a, pp = panel, pe = expected, p256 = by256, p512 = by512, peh = expectedHalf, ph = byHalf)
            {
                MicroKernel.MultiplyScalar(pa, depth + 3, rows, pp, depth, pe, width + 1, width);
                MicroKernel.MultiplyScalar(pa, depth + 3, rows, pp, depth, peh, width + 1, width / 2);
                MicroKernel.Multiply512(pa, depth + 3, rows, pp, depth, p512, width + 1);
                MicroKernel.MultiplyHalf(pa, depth + 3, rows, pp, depth, ph, width + 1);
                if (rows <= 6)
                {
                    MicroKernel.Multiply256(pa, depth + 3, rows, pp, depth, p256, width + 1);
                }
            }

            Assert.That(by512, Is.EqualTo(expected), $"512 bits, {rows} rows");
            Assert.That(byHalf, Is.EqualTo(expectedHalf), $"half panel, {rows} rows");
            if (rows <= 6)
            {
                Assert.That(by256, Is.EqualTo(expected), $"256 bits, {rows} rows");
            }
        }
    }

    // A spare number at the end: an empty array has no address.
    private static T[] Numbers<T>(int count, int seed) where T : INumber<T>
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count + 1).Select(_ => T.CreateTruncating(random.NextDouble() - 0.5))];
    }
}
