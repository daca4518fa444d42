using CsCheck;

namespace OnnxTransfer.Imaging.Tests;

/// <summary>The vectors against the plain loops, at every length; and the windows against the whole.</summary>
public sealed class RowKernelsTests
{
    private static readonly Gen<ResizeFilter> Filter = Gen.Bool.Select(cubic => cubic ? ResizeFilter.Bicubic : ResizeFilter.Bilinear);

    [Test]
    public void The_horizontal_pass_equals_its_oracle_at_every_width_and_number_of_rows()
    {
        var random = new Random(3);
        foreach (var filter in new[] { ResizeFilter.Bilinear, ResizeFilter.Bicubic })
        {
            for (var from = 1; from <= 40; from++)
            {
                for (var to = 1; to <= 40; to++)
                {
                    var rows = 1 + ((from + to) % 9);
                    var weights = ResampleWeights.For(from, to, filter, 0, to);
                    var source = Bytes(random, 3 * from * rows);
                    var (expected, actual) = (new byte[3 * to * rows], new byte[3 * to * rows]);
                    for (var row = 0; row < rows; row++)
                    {
                        ScalarRowKernels.Across(source.AsSpan(3 * row * from), expected.AsSpan(3 * row * to), weights);
                    }

                    RowKernels.Across(source, 3 * from, actual, 3 * to, rows, weights);
                    Assert.That(actual.AsSpan().SequenceEqual(expected), $"{from} to {to}, {rows} rows, {filter}");
                }
            }
        }
    }

    [Test]
    public void The_vertical_pass_equals_its_oracle_at_every_length()
    {
        var random = new Random(4);
        for (var length = 1; length <= 300; length++)
        {
            var count = 1 + (length % 11);
            var rows = Bytes(random, length * count);
            var offsets = Enumerable.Range(0, count).Select(i => i * length).ToArray();
            var weights = offsets.Select(_ => random.Next(-(1 << 20), 1 << 21)).ToArray();
            var (expected, actual) = (new byte[length], new byte[length]);
            ScalarRowKernels.Down(rows, offsets, weights, expected);
            RowKernels.Down(rows, offsets, weights, actual);
            Assert.That(actual, Is.EqualTo(expected), $"length {length}");
        }
    }

    [Test]
    public void The_weights_of_an_output_sum_to_one_within_their_rounding() =>
        Gen.Select(Gen.Int[1, 500], Gen.Int[1, 500], Filter).Sample((from, to, filter) =>
        {
            var weights = ResampleWeights.For(from, to, filter, 0, to);
            for (var i = 0; i < to; i++)
            {
                Assert.That(weights.First[i] + weights.Count[i], Is.LessThanOrEqualTo(from));
                Assert.That(
                    weights.Weights.AsSpan(i * weights.Stride, weights.Count[i]).ToArray().Sum(),
                    Is.EqualTo(1 << ResampleWeights.Bits).Within(weights.Count[i]));
            }
        });

    [Test]
    public void A_window_is_cut_from_the_same_resized_image() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 50], Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[0, 1000], Gen.Enum<ResizeFilter>())
            .Sample((fromWidth, fromHeight, width, height, seed, filter) =>
            {
                var random = new Random(seed);
                var image = new RgbImage(fromWidth, fromHeight, Bytes(random, 3 * fromWidth * fromHeight));
                var whole = Resampling.Resize(image, width, height, filter);
                var (left, top) = (random.Next(width), random.Next(height));
                var (columns, rows) = (1 + random.Next(width - left), 1 + random.Next(height - top));
                var window = Resampling.ResizeWindow(image, width, height, filter, left, top, columns, rows);
                for (var y = 0; y < rows; y++)
                {
                    Assert.That(
                        window.Pixels.AsSpan(3 * y * columns, 3 * columns)
                            .SequenceEqual(whole.Pixels.AsSpan(3 * (((top + y) * width) + left), 3 * columns)));
                }
            });

    [TestCase(-1, 0, 2, 2)]
    [TestCase(0, 3, 2, 2)]
    [TestCase(0, 0, 0, 1)]
    [TestCase(1, 0, int.MaxValue, 1)]
    public void A_window_outside_the_image_is_refused(int left, int top, int columns, int rows) =>
        Assert.That(
            () => Resampling.ResizeWindow(new RgbImage(4, 4, new byte[48]), 4, 4, ResizeFilter.Bilinear, left, top, columns, rows),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
