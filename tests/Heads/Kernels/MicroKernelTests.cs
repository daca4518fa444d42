using System.Numerics;

namespace OnnxTransfer.Heads.Tests;

/// <summary>Every form against plain loops, bit by bit, in memory that ends where the numbers end.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public unsafe class MicroKernelTests<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly Form[] Forms =
    [
        new("chosen", MicroKernel.Height, MicroKernel.Width<T>(), MicroKernel.Multiply),
        new("chosen, half a panel", MicroKernel.HalfHeight, MicroKernel.Width<T>() / 2, MicroKernel.MultiplyHalf),
        new("512 bits", 12, MicroKernel.Width<T>(), MicroKernel.Multiply512),
        new("256 bits", 6, MicroKernel.Width<T>(), MicroKernel.Multiply256),
        new("256 bits, half a panel", 12, MicroKernel.Width<T>() / 2, MicroKernel.MultiplyHalf256),
        new("128 bits, 32 registers", 6, MicroKernel.Width<T>(), MicroKernel.Multiply128),
        new("128 bits, 16 registers", 13, MicroKernel.Width<T>(), MicroKernel.MultiplyTwice128),
        new("128 bits, half a panel", 13, MicroKernel.Width<T>() / 2, HalfOf128),
        new("no vectors", 13, MicroKernel.Width<T>(), NoVectors),
        new("no vectors, half a panel", 13, MicroKernel.Width<T>() / 2, NoVectorsHalf),
    ];

    private delegate void Product(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc);

    private static IEnumerable<string> Names => Forms.Select(static form => form.Name);

    [Test]
    public void Every_depth_gives_the_bits_of_plain_loops([ValueSource(nameof(Names))] string name, [Values] bool atEnd)
    {
        var form = Forms.Single(form => form.Name == name);
        using var memory = new Memory();
        for (var depth = 0; depth <= 256; depth++)
        {
            // Strides without a gap, and odd ones.
            memory.Check(form, 1 + (depth % form.Height), depth, depth + (depth % 3), form.Width + (depth % 2), atEnd, 0);
        }
    }

    [Test]
    public void Zeros_subnormals_infinities_and_NaN_go_where_plain_loops_put_them([ValueSource(nameof(Names))] string name, [Values] bool finite)
    {
        var form = Forms.Single(form => form.Name == name);
        using var memory = new Memory();
        for (var rows = 1; rows <= form.Height; rows++)
        {
            memory.Check(form, rows, 17, 19, form.Width + 1, true, finite ? 2 : 40, finite);
            memory.Check(form, rows, 90, 90, form.Width, false, finite ? 2 : 400, finite);
        }
    }

    [Test]
    public void Subnormal_sums_are_not_flushed([ValueSource(nameof(Names))] string name)
    {
        var form = Forms.Single(form => form.Name == name);
        T[] a = [T.CreateChecked(0.5), T.CreateChecked(0.5)];
        var panel = Enumerable.Repeat(T.Epsilon * T.CreateChecked(6), 2 * form.Width).ToArray();
        var c = Enumerable.Repeat(T.Epsilon, form.Width).ToArray();
        fixed (T* pa = a, pp = panel, pc = c)
        {
            form.Product(pa, 2, 1, pp, 2, pc, form.Width);
        }

        Assert.That(c, Is.All.EqualTo(T.Epsilon * T.CreateChecked(7)));
    }

    private static void HalfOf128(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc) =>
        MicroKernel.MultiplyHalf128(a, lda, rows, panel, MicroKernel.Width<T>() / 2, depth, c, ldc);

    private static void NoVectors(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc) =>
        MicroKernel.MultiplyScalar(a, lda, rows, panel, depth, c, ldc, MicroKernel.Width<T>());

    private static void NoVectorsHalf(T* a, nint lda, int rows, T* panel, int depth, T* c, nint ldc) =>
        MicroKernel.MultiplyScalar(a, lda, rows, panel, depth, c, ldc, MicroKernel.Width<T>() / 2);

    private sealed record Form(string Name, int Height, int Width, Product Product);

    private sealed class Memory : IDisposable
    {
        private readonly GuardedBuffer<T> a = new(13 * 260);
        private readonly GuardedBuffer<T> panel = new(256 * 16);
        private readonly GuardedBuffer<T> c = new(13 * 17);

        public void Check(Form form, int rows, int depth, int lda, int ldc, bool atEnd, int specials, bool finite = true)
        {
            var left = Bits.Numbers<T>(((rows - 1) * lda) + depth, 1 + depth, specials, finite);
            var right = Bits.Numbers<T>(depth * form.Width, 2 + depth, specials, finite);
            var expected = Bits.Numbers<T>(((rows - 1) * ldc) + form.Width, 3 + depth, specials, finite);
            var result = c.Put(expected, atEnd);
            form.Product(a.Put(left, atEnd), lda, rows, panel.Put(right, atEnd), depth, result, ldc);
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < form.Width; column++)
                {
                    var sum = T.Zero;
                    for (var i = 0; i < depth; i++)
                    {
                        var (x, y) = (left[(row * lda) + i], right[(i * form.Width) + column]);
                        sum = MicroKernel.IsFused ? T.FusedMultiplyAdd(x, y, sum) : (x * y) + sum;
                    }

                    expected[(row * ldc) + column] += sum;
                }
            }

            // The whole of C: what lies between its rows is not written.
            var difference = Bits.Difference<T>(expected, new ReadOnlySpan<T>(result, expected.Length));
            Assert.That(difference, Is.EqualTo(-1), $"{rows} rows, depth {depth}, C's rows {ldc} apart");
        }

        public void Dispose()
        {
            a.Dispose();
            panel.Dispose();
            c.Dispose();
        }
    }
}
