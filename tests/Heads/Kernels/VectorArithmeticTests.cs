namespace OnnxTransfer.Heads.Tests;

/// <summary>Every function at every length against plain loops, bit by bit, in memory that ends where the numbers end.</summary>
public unsafe class VectorArithmeticTests
{
    private const int Longest = 256;

    [Test]
    public void Dot_products_add_eight_partial_sums_in_a_fixed_order([Values] bool atEnd, [Values] bool finite) =>
        ForEveryLength(finite, (xs, ys, length, room) =>
        {
            var x = room.X.Put(xs, atEnd);
            room.Y.Put(ys, atEnd);
            Same([PlainDot(xs, ys)], [VectorArithmetic.Dot(new ReadOnlySpan<double>(x, length), room.Y.GetSpan())]);
            var narrow = Narrow(xs);
            var codes = room.Codes.Put(narrow, atEnd);
            Same([PlainDot(Widen(narrow), ys)], [VectorArithmetic.Dot(new ReadOnlySpan<float>(codes, length), room.Y.GetSpan())]);
            Same([PlainDot(Widen(narrow), Widen(narrow))], [VectorArithmetic.SquaredNorm(new ReadOnlySpan<float>(codes, length))]);
        });

    [Test]
    public void Scaled_sums_are_those_of_plain_loops([Values] bool atEnd, [Values] bool finite, [Values(-0.3, 1, double.Epsilon)] double a) =>
        ForEveryLength(finite, (xs, ys, length, room) =>
        {
            var y = new Span<double>(room.Y.Put(ys, atEnd), length);
            VectorArithmetic.AddScaled(a, new ReadOnlySpan<double>(room.X.Put(xs, atEnd), length), y);
            Same([.. ys.Select((value, i) => value + (a * xs[i]))], y);
            var narrow = Narrow(xs);
            y = new Span<double>(room.Y.Put(ys, atEnd), length);
            VectorArithmetic.AddScaled(a, new ReadOnlySpan<float>(room.Codes.Put(narrow, atEnd), length), y);
            Same([.. ys.Select((value, i) => value + (a * narrow[i]))], y);
        });

    [Test]
    public void Widened_sums_are_those_of_plain_loops([Values] bool atEnd, [Values] bool finite) =>
        ForEveryLength(finite, (xs, ys, length, room) =>
        {
            var y = new Span<double>(room.Y.Put(ys, atEnd), length);
            VectorArithmetic.AddWidened(new ReadOnlySpan<double>(room.X.Put(xs, atEnd), length), y);
            Same([.. ys.Select((value, i) => value + xs[i])], y);
            var narrow = Narrow(xs);
            y = new Span<double>(room.Y.Put(ys, atEnd), length);
            VectorArithmetic.AddWidened(new ReadOnlySpan<float>(room.Codes.Put(narrow, atEnd), length), y);
            Same([.. ys.Select((value, i) => value + narrow[i])], y);
        });

    [Test]
    public void Differences_are_those_of_plain_loops_in_the_precision_of_the_result(
        [Values] bool atEnd, [Values] bool finite, [Values] bool fromZeros) =>
        ForEveryLength(finite, (xs, ys, length, room) =>
        {
            var (x, y) = (Narrow(xs), Narrow(ys));
            var codes = new ReadOnlySpan<float>(room.Codes.Put(x, atEnd), length);
            var less = fromZeros ? [] : new ReadOnlySpan<float>(room.Centre.Put(y, atEnd), length);
            var wide = new Span<double>(room.Y.Put(ys, atEnd), length);
            VectorArithmetic.Subtract(codes, less, wide);
            Same([.. x.Select((value, i) => value - (fromZeros ? 0 : (double)y[i]))], wide);
            var narrow = new Span<float>(room.Differences.Put(x, atEnd), length);
            VectorArithmetic.Subtract(codes, less, narrow);
            Same([.. x.Select((value, i) => value - (fromZeros ? 0 : y[i]))], narrow);
        });

    [Test]
    public void So_are_differences_from_scaled_codes_rounded_once(
        [Values] bool atEnd, [Values] bool finite, [Values] bool fromZeros, [Values(-0.3, 1, double.Epsilon)] double a) =>
        ForEveryLength(finite, (xs, ys, length, room) =>
        {
            var (x, y) = (Narrow(xs), Narrow(ys));
            var codes = new ReadOnlySpan<float>(room.Codes.Put(x, atEnd), length);
            var less = fromZeros ? [] : new ReadOnlySpan<float>(room.Centre.Put(y, atEnd), length);
            double[] expected = [.. x.Select((value, i) => (a * value) - (fromZeros ? 0 : y[i]))];
            var wide = new Span<double>(room.Y.Put(ys, atEnd), length);
            VectorArithmetic.SubtractFromScaled(a, codes, less, wide);
            Same(expected, wide);
            var narrow = new Span<float>(room.Differences.Put(x, atEnd), length);
            VectorArithmetic.SubtractFromScaled(a, codes, less, narrow);
            Same(Narrow(expected), narrow);
        });

    [Test]
    public void Standardised_numbers_are_those_of_plain_loops([Values] bool atEnd, [Values] bool finite, [Values(-0.3, 1)] double a) =>
        ForEveryLength(finite, (xs, ys, length, room) =>
        {
            var x = Narrow(ys);
            var found = new Span<float>(room.Differences.Put(x, atEnd), length);
            var means = new ReadOnlySpan<double>(room.X.Put(xs, atEnd), length);
            var scales = new ReadOnlySpan<double>(room.Y.Put(ys, atEnd), length);
            VectorArithmetic.Standardize(a, new ReadOnlySpan<float>(room.Codes.Put(x, atEnd), length), means, scales, found);
            Same([.. x.Select((value, i) => (float)(((a * value) - xs[i]) * ys[i]))], found);
        });

    [Test]
    public void One_number_that_is_not_finite_is_seen_wherever_it_is([Values(float.NaN, float.PositiveInfinity, float.NegativeInfinity)] float bad)
    {
        using var memory = new GuardedBuffer<float>(Longest);
        for (var length = 0; length <= 70; length++)
        {
            var numbers = Bits.Numbers<float>(length, length, 3).Select(static (value, i) => i % 5 == 0 ? float.MaxValue : value).ToArray();
            foreach (var atEnd in (bool[])[false, true])
            {
                Assert.That(VectorArithmetic.AllFinite(new ReadOnlySpan<float>(memory.Put(numbers, atEnd), length)));
                for (var place = 0; place < length; place++)
                {
                    var start = memory.Put(numbers, atEnd);
                    start[place] = bad;
                    Assert.That(VectorArithmetic.AllFinite(new ReadOnlySpan<float>(start, length)), Is.False, $"{place} of {length}");
                }
            }
        }
    }

    [Test]
    public void A_second_vector_that_is_too_short_is_refused()
    {
        double[] two = [1, 2], three = [1, 2, 3];
        float[] codes = [1, 2, 3];
        Assert.Multiple(() =>
        {
            Assert.That(() => VectorArithmetic.Dot(three, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.Dot(codes, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.AddScaled(1, three, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.AddScaled(1, codes, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.AddWidened<float>(codes, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.Subtract<double>(codes, codes, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.Subtract<float>(codes, codes.AsSpan(1), codes), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.SubtractFromScaled<double>(1, codes, codes, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.SubtractFromScaled<float>(1, codes, codes.AsSpan(1), codes), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => VectorArithmetic.Standardize(1, codes, three, two, codes), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private static double PlainDot(double[] x, double[] y)
    {
        var whole = x.Length / 8 * 8;
        var sums = new double[8];
        for (var i = 0; i < whole; i++)
        {
            sums[i % 8] += x[i] * y[i];
        }

        var sum = (sums[0] + sums[4] + (sums[1] + sums[5])) + (sums[2] + sums[6] + (sums[3] + sums[7]));
        for (var i = whole; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    private static void ForEveryLength(bool finite, Action<double[], double[], int, Room> check)
    {
        using var room = new Room();
        for (var length = 0; length <= Longest; length++)
        {
            // Few infinities in long vectors, or every sum would be NaN.
            var period = finite ? 3 : 20 + (4 * length);
            check(Bits.Numbers<double>(length, length, period, finite), Bits.Numbers<double>(length, -length - 1, period, finite), length, room);
        }
    }

    private static void Same<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> found) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> =>
        Assert.That(Bits.Difference(expected, found), Is.EqualTo(-1), $"length {expected.Length}");

    private static float[] Narrow(double[] x) => Array.ConvertAll(x, static value => (float)value);

    private static double[] Widen(float[] x) => Array.ConvertAll(x, static value => (double)value);

    private sealed class Room : IDisposable
    {
        public GuardedBuffer<double> X { get; } = new(Longest);

        public GuardedBuffer<double> Y { get; } = new(Longest);

        public GuardedBuffer<float> Codes { get; } = new(Longest);

        public GuardedBuffer<float> Centre { get; } = new(Longest);

        public GuardedBuffer<float> Differences { get; } = new(Longest);

        public void Dispose()
        {
            X.Dispose();
            Y.Dispose();
            Codes.Dispose();
            Centre.Dispose();
            Differences.Dispose();
        }
    }
}
