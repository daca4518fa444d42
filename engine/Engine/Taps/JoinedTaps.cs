namespace OnnxTransfer.Engine;

/// <summary>Where the codes of a head are read: at one tap, or at several, whose codes stand one behind the other.</summary>
public sealed class JoinedTaps
{
    /// <summary>Joins taps.</summary>
    /// <param name="taps">One or more, in the order of their codes.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: none, or one twice.</exception>
    public JoinedTaps(params IReadOnlyList<Tap> taps)
    {
        ArgumentNullException.ThrowIfNull(taps);
        if (taps.Count == 0)
        {
            throw new OnnxTransferException(FailureKind.Usage, "No tap is named; give at least one.");
        }

        RequireDifferent(taps.Select(static tap => tap.Key));
        Taps = taps;
    }

    /// <summary>The taps, in the order of their codes.</summary>
    public IReadOnlyList<Tap> Taps { get; }

    /// <summary>The length of a joined code.</summary>
    public int Width => Taps.Sum(static tap => tap.Width);

    /// <summary>"layer4,layer3": the names as options take them.</summary>
    public string Names => string.Join(',', Taps.Select(static tap => tap.Point.Name));

    /// <summary>"avg,max": the pooling of each, likewise.</summary>
    public string Poolings => string.Join(',', Taps.Select(static tap => tap.Pooling.ToText()));

    /// <summary>"layer4|avg + layer3|max": how messages call it.</summary>
    public string Key => string.Join(" + ", Taps.Select(static tap => tap.Key));

    /// <summary>Each name with its pooling; of two lists of different lengths one has a single entry, which goes with all of the other.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the lengths do not go together.</exception>
    internal static IEnumerable<(TName Name, TPooling Pooling)> Pairs<TName, TPooling>(IReadOnlyList<TName> names, IReadOnlyList<TPooling> poolings)
    {
        var count = Math.Max(names.Count, poolings.Count);
        return names.Count is var n && (n == 1 || n == count) && poolings.Count is var p && (p == 1 || p == count)
            ? Enumerable.Range(0, count).Select(i => (names[n == 1 ? 0 : i], poolings[p == 1 ? 0 : i]))
            : throw new OnnxTransferException(
                FailureKind.Usage, $"{names.Count} taps and {poolings.Count} poolings do not go together; give one pooling for all taps, or one for each.");
    }

    /// <summary>Codes that stand in a row twice say nothing new, so that one named twice is a slip.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: a key is there twice.</exception>
    internal static void RequireDifferent(IEnumerable<string> keys)
    {
        if (keys.GroupBy(static key => key, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new OnnxTransferException(FailureKind.Usage, $"The codes of {twice.Key} are named twice; join different ones.");
        }
    }
}
