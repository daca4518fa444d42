using System.Buffers;

namespace OnnxTransfer.Imaging;

/// <summary>Resizing with Pillow's arithmetic, byte for byte.</summary>
public static class Resampling
{
    private const int Rounding = 1 << (ResampleWeights.Bits - 1);

    /// <summary>Resizes to <paramref name="width"/> x <paramref name="height"/>.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height, ResizeFilter filter) =>
        ResizeWindow(image, width, height, filter, 0, 0, width, height);

    /// <summary>
    /// The window of <paramref name="columns"/> x <paramref name="rows"/> at (<paramref name="left"/>,
    /// <paramref name="top"/>) of the image resized to <paramref name="width"/> x <paramref name="height"/>: the same
    /// bytes as resizing all of it and cropping, without computing what is cut away.
    /// </summary>
    public static RgbImage ResizeWindow(
        RgbImage image, int width, int height, ResizeFilter filter, int left, int top, int columns, int rows)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (left < 0 || top < 0 || columns < 1 || rows < 1 || left + columns > width || top + rows > height)
        {
            throw new ArgumentOutOfRangeException(nameof(columns), "The window must lie inside the resized image.");
        }

        if (filter == ResizeFilter.Nearest)
        {
            return Nearest(image, width, height, left, top, columns, rows);
        }

        var across = width == image.Width ? null : ResampleWeights.For(image.Width, width, filter, left, columns);
        var down = height == image.Height ? null : ResampleWeights.For(image.Height, height, filter, top, rows);
        var firstRow = down?.First[0] ?? top;
        var lastRow = down is null ? top + rows : down.First[^1] + down.Count[^1];
        var band = lastRow - firstRow;
        var output = new byte[3 * columns * rows];
        var scratch = ArrayPool<byte>.Shared.Rent(3 * columns * band);
        try
        {
            for (var y = 0; y < band; y++)
            {
                var source = image.Pixels.AsSpan(3 * (firstRow + y) * image.Width, 3 * image.Width);
                var target = scratch.AsSpan(3 * y * columns, 3 * columns);
                if (across is null)
                {
                    source.Slice(3 * left, 3 * columns).CopyTo(target);
                }
                else
                {
                    Horizontal(source, target, across);
                }
            }

            if (down is null)
            {
                scratch.AsSpan(0, output.Length).CopyTo(output);
            }
            else
            {
                Vertical(scratch, output, 3 * columns, firstRow, down);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }

        return new RgbImage(columns, rows, output);
    }

    private static void Horizontal(ReadOnlySpan<byte> source, Span<byte> target, ResampleWeights weights)
    {
        for (var x = 0; x < weights.First.Length; x++)
        {
            var taps = weights.Weights.AsSpan(x * weights.Stride, weights.Count[x]);
            var pixels = source.Slice(3 * weights.First[x], 3 * taps.Length);
            int red = Rounding, green = Rounding, blue = Rounding;
            for (var i = 0; i < taps.Length; i++)
            {
                red += pixels[3 * i] * taps[i];
                green += pixels[(3 * i) + 1] * taps[i];
                blue += pixels[(3 * i) + 2] * taps[i];
            }

            target[3 * x] = ToByte(red);
            target[(3 * x) + 1] = ToByte(green);
            target[(3 * x) + 2] = ToByte(blue);
        }
    }

    private static void Vertical(ReadOnlySpan<byte> band, Span<byte> output, int length, int firstRow, ResampleWeights weights)
    {
        var sums = ArrayPool<int>.Shared.Rent(length);
        try
        {
            for (var y = 0; y < weights.First.Length; y++)
            {
                var line = sums.AsSpan(0, length);
                line.Fill(Rounding);
                for (var i = 0; i < weights.Count[y]; i++)
                {
                    RowKernels.AddScaled(line, band.Slice((weights.First[y] - firstRow + i) * length, length), weights.Weights[(y * weights.Stride) + i]);
                }

                RowKernels.ToBytes(line, output.Slice(y * length, length), ResampleWeights.Bits);
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(sums);
        }
    }

    private static RgbImage Nearest(RgbImage image, int width, int height, int left, int top, int columns, int rows)
    {
        var output = new byte[3 * columns * rows];
        for (var y = 0; y < rows; y++)
        {
            var fromY = (int)((top + y + 0.5) * ((double)image.Height / height));
            for (var x = 0; x < columns; x++)
            {
                var fromX = (int)((left + x + 0.5) * ((double)image.Width / width));
                image.Pixels.AsSpan(3 * ((fromY * image.Width) + fromX), 3).CopyTo(output.AsSpan(3 * ((y * columns) + x)));
            }
        }

        return new RgbImage(columns, rows, output);
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> ResampleWeights.Bits, 0, 255);
}
