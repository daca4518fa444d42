using System.Runtime.CompilerServices;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The gradient of the kernels of <see cref="WinogradConv"/>: dw = A'[sum over tiles of (G dy G') (B' x B)]A, where each tile's product is
/// that of the filters' gradients with the channels. Inputs: dy [N, K, H', W'], x [N, C, H, W]; attribute pads. Tiles are summed in their
/// order, some hundred at a time, one point a piece of work.
/// </summary>
internal static unsafe class WinogradWeightGradient
{
    private const int Width = TileProduct.Width, Lanes = Transposition.Lanes;

    // The tiles that are carried to the points before they are summed: their numbers should stay in the cache that processors share.
    private const int GroupTiles = 256;

    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("WinogradWeightGradient", 2, 0, 1, static attributes =>
    {
        var pads = attributes.Numbers("pads");
        return call =>
        {
            var (dy, x) = (call.Input(0), call.Input(1));
            var (images, filters, channels) = (x[0], dy[1], x[1]);
            var (tileRows, tiles) = ((dy[2] + Winograd.Step - 1) / Winograd.Step, (dy[3] + Winograd.Step - 1) / Winograd.Step);
            var dw = call.Output(0, filters, channels, Winograd.Kernel, Winograd.Kernel);
            var rows = images * tileRows;
            var groupRows = Math.Min((GroupTiles + tiles - 1) / tiles, rows);
            var sumStep = WinogradConv.Apart((long)filters * channels);
            var (gradientStep, mapStep) = (WinogradConv.Apart((long)groupRows * tiles * filters), WinogradConv.Apart((long)groupRows * tiles * channels));
            using var sums = Scratch.Rent(Winograd.Positions * sumStep);
            using var points = Scratch.Rent((Winograd.Positions * (gradientStep + mapStep)) + Width);
            float* maps = points.Start, gradients = points.Start + (Winograd.Positions * mapStep);
            for (var first = 0; first < rows; first += groupRows)
            {
                var (group, count) = (first, Math.Min(groupRows, rows - first));
                call.Parallel(count, row =>
                {
                    var (image, line) = ((group + row) / tileRows, (group + row) % tileRows * Winograd.Step);
                    var half = stackalloc float[Winograd.Positions * Lanes];
                    using (var strip = new MapStrip(Winograd.Side, (tiles * Winograd.Step) + 2, pads[1], x[2], x[3], channels))
                    {
                        strip.Load(x.Data + ((long)image * channels * x[2] * x[3]), line - pads[0]);
                        for (var tile = 0; tile < tiles; tile++)
                        {
                            for (var channel = 0; channel < channels; channel += Lanes)
                            {
                                var to = maps + (((((nint)channel / Width * count * tiles) + (row * tiles) + tile) * Width) + (channel % Width));
                                Winograd.Map(strip.Start + (tile * Winograd.Step * channels) + channel, strip.Row, channels, to, (nint)mapStep, half);
                            }
                        }
                    }

                    using (var strip = new MapStrip(Winograd.Step, tiles * Winograd.Step, 0, dy[2], dy[3], filters))
                    {
                        strip.Load(dy.Data + ((long)image * filters * dy[2] * dy[3]), line);
                        for (var tile = 0; tile < tiles; tile++)
                        {
                            for (var filter = 0; filter < filters; filter += Lanes)
                            {
                                var to = gradients + ((((nint)row * tiles) + tile) * filters) + filter;
                                Winograd.Gradients(strip.Start + (tile * Winograd.Step * filters) + filter, strip.Row, filters, to, (nint)gradientStep, half);
                            }
                        }
                    }
                });
                call.Parallel(Winograd.Positions, position => Multiply(
                    gradients + (position * gradientStep), maps + (position * mapStep), sums.Start + (position * sumStep), count * tiles, filters, channels, group == 0));
            }

            call.Parallel(filters / Lanes, block => TakeBack(sums.Start, (nint)sumStep, dw.Data, block * Lanes, channels));
        };
    });

    // Sums[filter, channel] += over tiles of one point.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* gradients, float* maps, float* sums, int tiles, int filters, int channels, bool first)
    {
        if (first)
        {
            new Span<float>(sums, filters * channels).Clear();
        }

        for (var channel = 0; channel < channels; channel += Width)
        {
            for (var filter = 0; filter < filters; filter += TileProduct.Height)
            {
                TileProduct.Multiply(
                    gradients + filter, filters, Math.Min(TileProduct.Height, filters - filter), maps + ((nint)channel * tiles), tiles,
                    sums + ((nint)filter * channels) + channel, channels);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeBack(float* sums, nint step, float* dw, int first, int channels)
    {
        const int Elements = Winograd.Kernel * Winograd.Kernel;
        var scratch = stackalloc float[(Elements + Winograd.Positions) * Lanes];
        for (var filter = first; filter < first + Lanes; filter++)
        {
            for (var channel = 0; channel < channels; channel += Lanes)
            {
                var place = ((nint)filter * channels) + channel;
                Winograd.KernelGradient(sums + place, step, scratch, scratch + (Elements * Lanes));
                for (var i = 0; i < Elements * Lanes; i++)
                {
                    dw[((place + (i % Lanes)) * Elements) + (i / Lanes)] = scratch[i];
                }
            }
        }
    }
}
