using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Codes of images in the plane, by principal components and by t-SNE.</summary>
/// <param name="Points">The images, or a stratified sample of them where there are more than <see cref="MostPoints"/>.</param>
/// <param name="Images">How many there are.</param>
/// <param name="FirstShare">The first component's share of the variance.</param>
/// <param name="SecondShare">The second's.</param>
public sealed record CodeMap(IReadOnlyList<MapPoint> Points, int Images, double FirstShare, double SecondShare)
{
    /// <summary>Points at most.</summary>
    public const int MostPoints = 1500;

    /// <summary>Images below which there is no map.</summary>
    public const int FewestImages = 8;

    private const int Components = 30;

    /// <summary>The map of standardised codes; null where there are too few.</summary>
    /// <param name="codes">N x D.</param>
    /// <param name="ids">The N images.</param>
    /// <param name="classes">Their classes.</param>
    /// <param name="heldOut">Whether each was right while it was held out.</param>
    /// <param name="seed">Of sample and components.</param>
    /// <param name="cancellation">Stops.</param>
    public static CodeMap? Of(
        CodeMatrix codes, IReadOnlyList<string> ids, IReadOnlyList<int> classes, IReadOnlyList<bool?> heldOut, int seed,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(heldOut);
        if (codes.Rows < FewestImages)
        {
            return null;
        }

        var rows = Sample(classes, seed);
        var components = PrincipalComponents.Of(StandardColumns.Of(codes).Apply(codes, rows), Components, seed, cancellation);
        var placed = NeighbourEmbedding.Place(components, rows.Length, cancellation);
        return new CodeMap(
            [
                .. rows.Select((row, i) => new MapPoint(
                    ids[row], classes[row], heldOut[row] is false,
                    components.Scores[i * components.Count], components.Count > 1 ? components.Scores[(i * components.Count) + 1] : 0,
                    placed[2 * i], placed[(2 * i) + 1])),
            ],
            codes.Rows, components.Shares[0], components.Count > 1 ? components.Shares[1] : 0);
    }

    /// <summary>Of every class the same share, at least one image.</summary>
    private static int[] Sample(IReadOnlyList<int> classes, int seed)
    {
        if (classes.Count <= MostPoints)
        {
            return [.. Enumerable.Range(0, classes.Count)];
        }

        var order = Enumerable.Range(0, classes.Count).ToArray();
        new Random(seed).Shuffle(order);
        var share = (double)MostPoints / classes.Count;
        return
        [
            .. order.GroupBy(row => classes[row])
                .SelectMany(ofClass => ofClass.Take(Math.Max(1, (int)(share * ofClass.Count()))))
                .Take(MostPoints)
                .Order(),
        ];
    }
}

/// <summary>An image of a <see cref="CodeMap"/>.</summary>
/// <param name="Image">Its id.</param>
/// <param name="Class">Its class.</param>
/// <param name="IsWrong">Whether it was taken for another while it was held out.</param>
/// <param name="First">Its first principal component.</param>
/// <param name="Second">The second.</param>
/// <param name="X">Its place by t-SNE.</param>
/// <param name="Y">The other coordinate.</param>
public sealed record MapPoint(string Image, int Class, bool IsWrong, double First, double Second, double X, double Y);
