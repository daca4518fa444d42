using System.Runtime.CompilerServices;

namespace OnnxTransfer.FineTuning;

/// <summary>A few rows of a map [C, H, W] with the channels of a pixel beside each other, [row, column, C], and zeros around the map.</summary>
internal sealed unsafe class MapStrip : IDisposable
{
    private const int Lanes = Transposition.Lanes;

    private readonly Scratch memory;
    private readonly int rows, columns, left, height, width, channels;
    private readonly int[] places;

    /// <summary>Room for rows, all zero.</summary>
    /// <param name="rows">Rows of the strip.</param>
    /// <param name="columns">Columns of the strip.</param>
    /// <param name="left">The column of the strip where the map begins.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="channels">A multiple of eight.</param>
    public MapStrip(int rows, int columns, int left, int height, int width, int channels)
    {
        (this.rows, this.columns, this.left, this.height, this.width, this.channels) = (rows, columns, left, height, width, channels);
        memory = Scratch.Rent((long)rows * columns * channels);
        new Span<float>(memory.Start, rows * columns * channels).Clear();
        places = new int[rows * width];
        for (var pixel = 0; pixel < places.Length; pixel++)
        {
            places[pixel] = ((pixel / width * columns) + left + (pixel % width)) * channels;
        }
    }

    /// <summary>The first number.</summary>
    public float* Start => memory.Start;

    /// <summary>The numbers of a row.</summary>
    public int Row => columns * channels;

    /// <summary>Fills the strip with the map's rows from <paramref name="top"/> on; rows that the map has not are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(float* map, int top)
    {
        var (first, end) = Inside(top);
        for (var row = 0; row < rows; row++)
        {
            if (row < first || row >= end)
            {
                new Span<float>(Start + ((long)row * Row), Row).Clear();
            }
        }

        var (plane, count) = ((nint)height * width, (end - first) * width);
        float* source = map + ((top + first) * width), target = Start + ((long)first * Row);
        fixed (int* place = places)
        {
            for (var pixel = 0; pixel < count; pixel = Transposition.Next(pixel, count))
            {
                for (var channel = 0; channel < channels; channel += Lanes)
                {
                    Transposition.Gather(source + (channel * plane) + pixel, plane, count - pixel, target + channel, place + pixel);
                }
            }
        }
    }

    /// <summary>Writes the strip to the map's rows from <paramref name="top"/> on, as far as the map has them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(float* map, int top)
    {
        var (first, end) = Inside(top);
        var (plane, count) = ((nint)height * width, (end - first) * width);
        float* target = map + ((top + first) * width), source = Start + ((long)first * Row);
        fixed (int* place = places)
        {
            for (var channel = 0; channel < channels; channel += Lanes)
            {
                for (var pixel = 0; pixel < count; pixel = Transposition.Next(pixel, count))
                {
                    Transposition.Scatter(source + channel, place + pixel, count - pixel, target + (channel * plane) + pixel, plane);
                }
            }
        }
    }

    public void Dispose() => memory.Dispose();

    // The rows of the strip that the map has.
    private (int First, int End) Inside(int top) => (Math.Clamp(-top, 0, rows), Math.Clamp(height - top, Math.Clamp(-top, 0, rows), rows));
}
