namespace OnnxTransfer.Study;

/// <summary>What the data doctor found in a set of photos.</summary>
public sealed record DoctorReport
{
    /// <summary>All images that were judged while held out, the most doubtful label first.</summary>
    public required IReadOnlyList<DoubtfulLabel> Labels { get; init; }

    /// <summary>How many of <see cref="Labels"/>, from the first, are worth a look.</summary>
    public required int SuspectLabels { get; init; }

    /// <summary>Pairs that show the same picture, those across parts first, then the most alike.</summary>
    public required IReadOnlyList<NearDuplicate> Duplicates { get; init; }

    /// <summary>Pairs of classes that are taken for each other, the most mixed up first.</summary>
    public required IReadOnlyList<ClassOverlap> Overlaps { get; init; }

    /// <summary>Images unlike any other, the strangest first.</summary>
    public required IReadOnlyList<StrangeImage> Strangers { get; init; }
}

/// <summary>An image with the label it has and the one that a head which had not seen it gives.</summary>
/// <param name="Image">Its id.</param>
/// <param name="Label">The label it has.</param>
/// <param name="Suggested">The class with the highest held-out score among the others.</param>
/// <param name="Margin">The held-out score of its label less that of <paramref name="Suggested"/>; below 0: the head would give it the other.</param>
public sealed record DoubtfulLabel(string Image, string Label, string Suggested, double Margin);

/// <summary>Two images that show the same picture.</summary>
/// <param name="Image">The id of one; of the test part where one is of it.</param>
/// <param name="Other">The id of the other.</param>
/// <param name="Similarity">How much they are alike, from -1 to 1: the correlation of their grey pictures at half the size of the smaller.</param>
/// <param name="Mirrored">Whether one is the other's mirror image.</param>
/// <param name="AcrossParts">Whether one is to be learned from and the other to be tested with.</param>
/// <param name="SameLabel">Whether they have the same label.</param>
public sealed record NearDuplicate(string Image, string Other, double Similarity, bool Mirrored, bool AcrossParts, bool SameLabel);

/// <summary>Two classes that held-out predictions mix up.</summary>
/// <param name="First">The class that comes first.</param>
/// <param name="Second">The other.</param>
/// <param name="FirstAsSecond">Images of the first that were taken for the second.</param>
/// <param name="SecondAsFirst">Images of the second that were taken for the first.</param>
/// <param name="Share">Both counts over the images of both classes.</param>
public sealed record ClassOverlap(string First, string Second, int FirstAsSecond, int SecondAsFirst, double Share);

/// <summary>An image that lies far from all others.</summary>
/// <param name="Image">Its id.</param>
/// <param name="Label">Its label.</param>
/// <param name="Nearest">The id of the image nearest to it.</param>
/// <param name="Distance">The distance to its near neighbours, in units of the median image's.</param>
public sealed record StrangeImage(string Image, string Label, string Nearest, double Distance);
