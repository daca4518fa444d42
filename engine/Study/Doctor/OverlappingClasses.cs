namespace OnnxTransfer.Study;

/// <summary>Pairs of classes that held-out predictions mix up.</summary>
internal static class OverlappingClasses
{
    /// <summary>Counts them.</summary>
    /// <param name="labels">The labels of the images.</param>
    /// <param name="predicted">What each was taken for while held out; null where it never was.</param>
    public static List<ClassOverlap> Find(IReadOnlyList<string> labels, IReadOnlyList<string?> predicted)
    {
        var images = new Dictionary<string, int>(StringComparer.Ordinal);
        var taken = new Dictionary<(string Of, string For), int>();
        for (var i = 0; i < labels.Count; i++)
        {
            if (predicted[i] is { } other)
            {
                images[labels[i]] = images.GetValueOrDefault(labels[i]) + 1;
                taken[(labels[i], other)] = taken.GetValueOrDefault((labels[i], other)) + 1;
            }
        }

        return [.. taken.Keys
            .Where(static pair => pair.Of != pair.For)
            .Select(static pair => string.CompareOrdinal(pair.Of, pair.For) < 0 ? pair : (Of: pair.For, For: pair.Of))
            .Distinct()
            .Select(pair =>
            {
                var (there, back) = (taken.GetValueOrDefault(pair), taken.GetValueOrDefault((pair.For, pair.Of)));
                return new ClassOverlap(
                    pair.Of, pair.For, there, back, (there + back) / (double)(images.GetValueOrDefault(pair.Of) + images.GetValueOrDefault(pair.For)));
            })
            .OrderByDescending(static overlap => overlap.Share)
            .ThenByDescending(static overlap => overlap.FirstAsSecond + overlap.SecondAsFirst)
            .ThenBy(static overlap => overlap.First, StringComparer.Ordinal)
            .ThenBy(static overlap => overlap.Second, StringComparer.Ordinal)];
    }
}
