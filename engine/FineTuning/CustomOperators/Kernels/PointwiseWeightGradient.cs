using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OnnxTransfer.Heads;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The gradient of kernels of one element: dw[k, c] = sum over images and positions of dy[k] x[c]. Inputs: dy [N, K, H, W], x [N, C, H, W],
/// C a multiple of eight. Images are summed in four groups, each a piece of work, and the groups in their order.
/// </summary>
internal static unsafe class PointwiseWeightGradient
{
    private const int Lanes = Transposition.Lanes, Width = TileProduct.Width, Groups = 4;

    // Positions of a panel: it stays in the first cache while all filters pass.
    private const int Depth = 256;

    // Channels of a piece of work.
    private const int Block = 16 * Width;

    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("PointwiseWeightGradient", 2, 0, 1, static _ => static call =>
    {
        var (dy, x) = (call.Input(0), call.Input(1));
        var (images, filters, channels, places) = (x[0], dy[1], x[1], x[2] * x[3]);
        var dw = call.Output(0, filters, channels, 1, 1);
        var (groups, blocks, row) = (Math.Min(Groups, images), (channels + Block - 1) / Block, (channels + Width - 1) / Width * Width);
        using var sums = Scratch.Rent((long)groups * filters * row);
        call.Parallel(groups * blocks, piece =>
        {
            var (group, first) = (piece / blocks, piece % blocks * Block);
            var count = Math.Min(Block, channels - first);
            var sum = sums.Start + ((long)group * filters * row) + first;
            for (var filter = 0; filter < filters; filter++)
            {
                new Span<float>(sum + ((long)filter * row), Math.Min(Block, row - first)).Clear();
            }

            using var panels = Scratch.Rent(Depth * Block);
            for (var image = group * images / groups; image < (group + 1) * images / groups; image++)
            {
                for (var place = 0; place < places; place += Depth)
                {
                    var depth = Math.Min(Depth, places - place);
                    Pack(x.Data + ((((long)image * channels) + first) * places) + place, places, count, depth, panels.Start);
                    Multiply(dy.Data + ((long)image * filters * places) + place, places, filters, panels.Start, count, depth, sum, row);
                }
            }
        });
        call.Parallel((filters + Width - 1) / Width, piece =>
        {
            for (var filter = piece * Width; filter < Math.Min((piece + 1) * Width, filters); filter++)
            {
                for (var channel = 0; channel < channels; channel += Lanes)
                {
                    var total = Vector256<float>.Zero;
                    for (var group = 0; group < groups; group++)
                    {
                        total += Vector256.Load(sums.Start + ((((long)group * filters) + filter) * row) + channel);
                    }

                    total.Store(dw.Data + ((long)filter * channels) + channel);
                }
            }
        });
    });

    // Panels of sixteen channels, [position, 16]; channels that are not there are 0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* x, nint plane, int channels, int depth, float* panels)
    {
        var pixels = stackalloc int[Lanes];
        for (var i = 0; i < Lanes; i++)
        {
            pixels[i] = i * Width;
        }

        for (var channel = 0; channel < channels; channel += Lanes)
        {
            var from = x + (channel * plane);
            var to = panels + ((nint)channel / Width * Width * depth) + (channel % Width);
            for (var place = 0; place < depth; place = Transposition.Next(place, depth))
            {
                Transposition.Gather(from + place, plane, depth - place, to + (place * Width), pixels);
            }

            for (var place = 0; channel + Lanes == channels && channel % Width == 0 && place < depth; place++)
            {
                Vector256<float>.Zero.Store(to + Lanes + (place * Width));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* dy, nint plane, int filters, float* panels, int channels, int depth, float* sums, nint row)
    {
        for (var channel = 0; channel < channels; channel += Width)
        {
            for (var filter = 0; filter < filters; filter += MicroKernel.Height)
            {
                MicroKernel.Multiply(
                    dy + (filter * plane), plane, Math.Min(MicroKernel.Height, filters - filter), panels + ((nint)channel * depth), depth,
                    sums + (filter * row) + channel, row);
            }
        }
    }
}
