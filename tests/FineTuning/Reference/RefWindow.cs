namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>A sliding window as the specification of Conv and the poolings has it.</summary>
internal sealed class RefWindow
{
    private readonly long[] sizes, kernel, strides, dilations, before, after;

    public RefWindow(RefNode node, long[] sizes, long[] kernel)
    {
        var axes = kernel.Length;
        (this.sizes, this.kernel) = (sizes, kernel);
        strides = node.Ints("strides") ?? [.. Enumerable.Repeat(1L, axes)];
        dilations = node.Ints("dilations") ?? [.. Enumerable.Repeat(1L, axes)];
        var pads = node.Ints("pads") ?? new long[2 * axes];
        (before, after) = (pads[..axes], pads[axes..]);
        Positions = new long[axes];
        var (auto, ceil) = (node.Text("auto_pad", "NOTSET"), node.Int("ceil_mode", 0) != 0);
        for (var i = 0; i < axes; i++)
        {
            var reach = ((kernel[i] - 1) * dilations[i]) + 1;
            if (auto.StartsWith("SAME", StringComparison.Ordinal))
            {
                Positions[i] = (sizes[i] + strides[i] - 1) / strides[i];
                var total = Math.Max(((Positions[i] - 1) * strides[i]) + reach - sizes[i], 0);
                before[i] = auto == "SAME_LOWER" ? total - (total / 2) : total / 2;
                after[i] = total - before[i];
                continue;
            }

            var room = sizes[i] + before[i] + after[i] - reach;
            Positions[i] = ((ceil ? room + strides[i] - 1 : room) / strides[i]) + 1;

            // A window that would start in the padding at the end is left out.
            Positions[i] -= ceil && (Positions[i] - 1) * strides[i] >= sizes[i] + before[i] ? 1 : 0;
        }
    }

    /// <summary>The windows along each axis.</summary>
    public long[] Positions { get; }

    /// <summary>For each position the elements of its window that lie in the map: their places in the window, and in the map.</summary>
    public IReadOnlyList<(long Element, long Place)[]> Elements() =>
        [.. Nd.Places(Positions).Select(position => Nd.Places(kernel).Select((element, i) => ((long)i, Flat(Place(position, element)))).Where(pair => pair.Item2 >= 0).ToArray())];

    /// <summary>The elements of the window at a position that lie in the map with its padding.</summary>
    public int Padded(long[] position) => Nd.Places(kernel).Select(element => Place(position, element)).Count(place =>
        Enumerable.Range(0, place.Length).All(i => place[i] >= -before[i] && place[i] < sizes[i] + after[i]));

    private long[] Place(long[] position, long[] element) =>
        [.. position.Select((p, i) => (p * strides[i]) - before[i] + (element[i] * dilations[i]))];

    private long Flat(long[] place)
    {
        var flat = 0L;
        for (var i = 0; i < place.Length; i++)
        {
            if (place[i] < 0 || place[i] >= sizes[i])
            {
                return -1;
            }

            flat = (flat * sizes[i]) + place[i];
        }

        return flat;
    }
}
