using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OnnxTransfer.Heads;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Convolution with kernels of 3 x 3 and strides of 1 by <see cref="Winograd"/>, and the gradient of its input, which is the convolution of
/// dy with the kernels turned round. Attribute pads: the padding before and after both axes, as ONNX has it. The numbers of channels are
/// multiples of 16. Rows of tiles are pieces of work; the sums of a point run over the channels in their order.
/// </summary>
internal static unsafe class WinogradConv
{
    private const int Width = TileProduct.Width, Lanes = Transposition.Lanes;

    // The tiles of a piece: enough that transformed weights are read seldom, few enough that a piece stays in the cache of a processor.
    private const int PieceTiles = 48;

    /// <summary>y = x * w + b. Inputs: x [N, C, H, W], w [K, C, 3, 3], and b [K] or none.</summary>
    public static CustomOperator Forward { get; } = new("WinogradConv", 3, 1, 1, static attributes =>
    {
        var pads = attributes.Numbers("pads");
        return call => Run(call, call.Optional(2), pads, turned: false);
    });

    /// <summary>The gradient of x; pads are those of the convolution of dy. Inputs: dy, w.</summary>
    public static CustomOperator OfInput { get; } = new("WinogradInputGradient", 2, 0, 1, static attributes =>
    {
        var pads = attributes.Numbers("pads");
        return call => Run(call, null, pads, turned: true);
    });

    private static void Run(KernelCall call, KernelTensor? intercepts, int[] pads, bool turned)
    {
        var (x, w) = (call.Input(0), call.Input(1));
        var (images, channels, filters) = (x[0], x[1], turned ? w[1] : w[0]);
        var (height, width) = (x[2] + pads[0] + pads[2] - 2, x[3] + pads[1] + pads[3] - 2);
        var y = call.Output(0, images, filters, height, width);
        var (tileRows, tiles) = ((height + Winograd.Step - 1) / Winograd.Step, (width + Winograd.Step - 1) / Winograd.Step);
        var weightStep = Apart((long)filters * channels);
        using var weights = Scratch.Rent(Winograd.Positions * weightStep);
        call.Parallel(filters / Width, block => Transform(w.Data, filters, channels, turned, block, weights.Start, (nint)weightStep));

        var rows = images * tileRows;
        var pieceRows = Math.Min((PieceTiles + tiles - 1) / tiles, (rows + 1) / 2);
        call.Parallel((rows + pieceRows - 1) / pieceRows, piece =>
        {
            var (first, end) = (piece * pieceRows, Math.Min((piece + 1) * pieceRows, rows));
            var count = (end - first) * tiles;
            var (mapStep, resultStep) = (Apart((long)count * channels), Apart((long)count * filters));
            using var points = Scratch.Rent((Winograd.Positions * (mapStep + resultStep)) + (Winograd.Positions * Lanes));
            float* maps = points.Start, results = points.Start + (Winograd.Positions * mapStep);
            var half = results + (Winograd.Positions * resultStep);
            using (var strip = new MapStrip(Winograd.Side, (tiles * Winograd.Step) + 2, pads[1], x[2], x[3], channels))
            {
                for (var row = first; row < end; row++)
                {
                    strip.Load(x.Data + ((long)(row / tileRows) * channels * x[2] * x[3]), (row % tileRows * Winograd.Step) - pads[0]);
                    for (var tile = 0; tile < tiles; tile++)
                    {
                        var to = maps + ((long)(((row - first) * tiles) + tile) * channels);
                        for (var channel = 0; channel < channels; channel += Lanes)
                        {
                            Winograd.Map(strip.Start + (tile * Winograd.Step * channels) + channel, strip.Row, channels, to + channel, (nint)mapStep, half);
                        }
                    }
                }
            }

            for (var position = 0; position < Winograd.Positions; position++)
            {
                Multiply(maps + (position * mapStep), weights.Start + (position * weightStep), results + (position * resultStep), count, channels, filters);
            }

            using (var strip = new MapStrip(Winograd.Step, tiles * Winograd.Step, 0, height, width, filters))
            {
                for (var row = first; row < end; row++)
                {
                    for (var tile = 0; tile < tiles; tile++)
                    {
                        var from = results + ((long)(((row - first) * tiles) + tile) * filters);
                        for (var filter = 0; filter < filters; filter += Lanes)
                        {
                            var intercept = intercepts is { } given ? Vector256.Load(given.Data + filter) : default;
                            Winograd.Results(from + filter, (nint)resultStep, intercept, strip.Start + (tile * Winograd.Step * filters) + filter, strip.Row, filters, half);
                        }
                    }

                    strip.Store(y.Data + ((long)(row / tileRows) * filters * height * width), row % tileRows * Winograd.Step);
                }
            }
        });
    }

    /// <summary>
    /// The distance of one point's numbers from the next one's: not a multiple of a page, whose addresses would share a few lines of the cache.
    /// </summary>
    public static long Apart(long count) => ((count + 1023) / 1024 * 1024) + Width;

    // G w G' of sixteen filters for every channel: [point][block of 16 filters][channel][16].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transform(float* w, int filters, int channels, bool turned, int block, float* points, nint step)
    {
        const int Elements = Winograd.Kernel * Winograd.Kernel;
        var scratch = stackalloc float[(Elements + Winograd.Positions) * Lanes];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var filter = block * Width; filter < (block + 1) * Width; filter += Lanes)
            {
                var from = w + ((turned ? ((nint)channel * filters) + filter : ((nint)filter * channels) + channel) * Elements);
                var lane = turned ? Elements : (nint)channels * Elements;
                for (var element = 0; element < Elements; element++)
                {
                    var at = from + (turned ? Elements - 1 - element : element);
                    Vector256.Create(at[0], at[lane], at[2 * lane], at[3 * lane], at[4 * lane], at[5 * lane], at[6 * lane], at[7 * lane]).Store(scratch + (element * Lanes));
                }

                Winograd.Weights(scratch, points + ((((nint)block * channels) + channel) * Width) + (filter % Width), step, scratch + (Elements * Lanes));
            }
        }
    }

    // Results[tile, filter] of one point.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* maps, float* weights, float* results, int tiles, int channels, int filters)
    {
        new Span<float>(results, tiles * filters).Clear();
        for (var filter = 0; filter < filters; filter += Width)
        {
            for (var tile = 0; tile < tiles; tile += MicroKernel.Height)
            {
                MicroKernel.Multiply(
                    maps + ((nint)tile * channels), channels, Math.Min(MicroKernel.Height, tiles - tile), weights + ((nint)filter * channels), channels,
                    results + ((nint)tile * filters) + filter, filters);
            }
        }
    }
}
