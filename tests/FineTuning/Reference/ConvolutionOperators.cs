namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Convolutions over any number of spatial axes.</summary>
internal static class ConvolutionOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All = [("Conv", Conv), ("ConvTranspose", ConvTranspose)];

    private static Nd[] Conv(RefNode node)
    {
        var (x, w) = (node[0], node[1]);
        var window = new RefWindow(node, x.Dims[2..], w.Dims[2..]);
        long[] dims = [x.Dims[0], w.Dims[0], .. window.Positions];
        var (elements, y) = (window.Elements(), new List<double>());
        var (map, kernel, each) = (Product(x.Dims[2..]), Product(w.Dims[2..]), w.Dims[0] / node.Int("group", 1));
        foreach (var at in Nd.Places(dims[..2]))
        {
            var (image, filter) = ((at[0] * x.Dims[1]) + (at[1] / each * w.Dims[1]), at[1] * w.Dims[1]);
            foreach (var pairs in elements)
            {
                var sum = node.Has(2) ? node[2].Floats[at[1]] : 0;
                for (var channel = 0L; channel < w.Dims[1]; channel++)
                {
                    foreach (var (element, place) in pairs)
                    {
                        sum += w.Floats[((filter + channel) * kernel) + element] * x.Floats[((image + channel) * map) + place];
                    }
                }

                y.Add(sum);
            }
        }

        return [Nd.Of([.. y], dims)];
    }

    // Each element of x is spread over the window that would lead to it.
    private static Nd[] ConvTranspose(RefNode node)
    {
        var (x, w, axes) = (node[0], node[1], node[0].Rank - 2);
        var group = node.Int("group", 1);
        var strides = node.Ints("strides") ?? [.. Enumerable.Repeat(1L, axes)];
        var dilations = node.Ints("dilations") ?? [.. Enumerable.Repeat(1L, axes)];
        var pads = node.Ints("pads") ?? new long[2 * axes];
        var more = node.Ints("output_padding") ?? new long[axes];
        long[] sizes = [.. Enumerable.Range(0, axes).Select(i =>
            (strides[i] * (x.Dims[i + 2] - 1)) + more[i] + ((w.Dims[i + 2] - 1) * dilations[i]) + 1 - pads[i] - pads[i + axes])];
        long[] dims = [x.Dims[0], w.Dims[1] * group, .. sizes];
        var y = Nd.Of(new double[dims.Aggregate(1L, (product, dim) => product * dim)], dims);
        foreach (var at in Nd.Places(x.Dims))
        {
            foreach (var element in Nd.Places(w.Dims[1..]))
            {
                long[] place = [.. Enumerable.Range(0, axes).Select(i => (at[i + 2] * strides[i]) - pads[i] + (element[i + 1] * dilations[i]))];
                if (place.Zip(sizes).All(pair => pair.First >= 0 && pair.First < pair.Second))
                {
                    var channel = (at[1] / (x.Dims[1] / group) * w.Dims[1]) + element[0];
                    y.Floats[y.At([at[0], channel, .. place])] += x.Floats[x.At(at)] * w.Floats[w.At([at[1], .. element])];
                }
            }
        }

        return [y];
    }

    private static long Product(long[] dims) => dims.Aggregate(1L, (product, dim) => product * dim);
}
