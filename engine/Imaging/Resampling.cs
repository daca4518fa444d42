using System.Buffers;

namespace OnnxTransfer.Imaging;

/// <summary>Resizing with Pillow's arithmetic, byte for byte.</summary>
public static class Resampling
{
    /// <summary>Resizes to <paramref name="width"/> x <paramref name="height"/>.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height, ResizeFilter filter) =>
        ResizeWindow(image, width, height, filter, 0, 0, width, height);

    /// <summary>
    /// The window of <paramref name="columns"/> x <paramref name="rows"/> at (<paramref name="left"/>,
    /// <paramref name="top"/>) of the image resized to <paramref name="width"/> x <paramref name="height"/>: the same
    /// bytes as resizing all of it and cropping, without computing what is cut away.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The window does not lie inside the resized image, or has more than 2^31 - 1 bytes.</exception>
    public static RgbImage ResizeWindow(
        RgbImage image, int width, int height, ResizeFilter filter, int left, int top, int columns, int rows)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (left < 0 || top < 0 || columns < 1 || rows < 1 || left > width - columns || top > height - rows)
        {
            throw new ArgumentOutOfRangeException(nameof(columns), "The window must lie inside the resized image.");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(3L * columns * rows, Array.MaxLength, nameof(columns));
        var output = GC.AllocateUninitializedArray<byte>(3 * columns * rows);
        ResizeWindow(image, width, height, filter, left, top, columns, rows, output, 3 * columns);
        return new RgbImage(columns, rows, output);
    }

    /// <summary>The same into rows of <paramref name="output"/>, one every <paramref name="pitch"/> bytes.</summary>
    internal static void ResizeWindow(
        RgbImage image, int width, int height, ResizeFilter filter, int left, int top, int columns, int rows, Span<byte> output, int pitch)
    {
        if (filter == ResizeFilter.Nearest)
        {
            Nearest(image, width, height, left, top, columns, rows, output, pitch);
            return;
        }

        var across = width == image.Width ? null : ResampleWeights.For(image.Width, width, filter, left, columns);
        var down = height == image.Height ? null : ResampleWeights.For(image.Height, height, filter, top, rows);
        var length = 3 * columns;
        if (down is null)
        {
            Rows(image, top, rows, left, across, length, output, pitch);
            return;
        }

        // The horizontal pass makes rows a few at a time, just before the vertical pass first needs them, in a ring that
        // holds what one output reads: memory does not grow with the image, and the rows are still in the cache.
        const int Group = RowKernels.Rows;
        var held = (down.Count.Max() + (2 * (Group - 1))) / Group * Group;
        var ring = ArrayPool<byte>.Shared.Rent(checked(held * length));
        var offsets = ArrayPool<int>.Shared.Rent(held);
        try
        {
            var start = down.First[0];
            var end = down.First[rows - 1] + down.Count[rows - 1];
            var made = start;
            for (var y = 0; y < rows; y++)
            {
                var (first, count) = (down.First[y], down.Count[y]);
                for (; made < first + count; made += Group)
                {
                    var slot = (made - start) % held * length;
                    Rows(image, made, Math.Min(Group, end - made), left, across, length, ring.AsSpan(slot), length);
                }

                for (var i = 0; i < count; i++)
                {
                    offsets[i] = (first - start + i) % held * length;
                }

                RowKernels.Down(
                    ring, offsets.AsSpan(0, count), down.Weights.AsSpan(y * down.Stride, count), output.Slice(y * pitch, length));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(ring);
            ArrayPool<int>.Shared.Return(offsets);
        }
    }

    /// <summary>Rows of the image after the horizontal pass, columns from <paramref name="left"/> on.</summary>
    private static void Rows(
        RgbImage image, int y, int rows, int left, ResampleWeights? across, int length, Span<byte> target, int pitch)
    {
        var line = 3 * image.Width;
        var source = image.Pixels.AsSpan(y * line);
        if (across is not null)
        {
            RowKernels.Across(source, line, target, pitch, rows, across);
            return;
        }

        for (var row = 0; row < rows; row++)
        {
            source.Slice((row * line) + (3 * left), length).CopyTo(target[(row * pitch)..]);
        }
    }

    private static void Nearest(
        RgbImage image, int width, int height, int left, int top, int columns, int rows, Span<byte> output, int pitch)
    {
        for (var y = 0; y < rows; y++)
        {
            var fromY = (int)((top + y + 0.5) * ((double)image.Height / height));
            for (var x = 0; x < columns; x++)
            {
                var fromX = (int)((left + x + 0.5) * ((double)image.Width / width));
                image.Pixels.AsSpan(3 * ((fromY * image.Width) + fromX), 3).CopyTo(output[((y * pitch) + (3 * x))..]);
            }
        }
    }
}
