namespace OnnxTransfer.Datasets;

/// <summary>One image of a set, with what is known about it.</summary>
/// <param name="Id">
/// Its name in the set: the path relative to the set's folder with '/' between the parts, or for a record of an IDX file
/// <c>t10k/000123</c>. Unique in its set; the ordinal order of the ids is the order of the set.
/// </param>
/// <param name="Label">Its class, always a string ("007" stays "007"); null where it is not known.</param>
/// <param name="Content">Where its pixels come from.</param>
public sealed record LabelledImage(string Id, string? Label, IImageContent Content)
{
    /// <summary>The part that it was given to: "train", "test" or "val"; null where the set says nothing.</summary>
    public string? Split { get; init; }

    /// <summary>
    /// What it shares with other images so closely that they must not be torn apart by a split: the same person, object
    /// or burst of photos; null where it stands alone.
    /// </summary>
    public string? Group { get; init; }
}
