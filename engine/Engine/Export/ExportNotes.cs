using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>What the person who exports knows about the data, for the model's provenance; all of it may be left out.</summary>
public sealed record ExportNotes
{
    /// <summary>What the set of photos is called: the name of its folder or list, not its path.</summary>
    public string? Dataset { get; init; }

    /// <summary>Images that the head was trained on.</summary>
    public int? TrainImages { get; init; }

    /// <summary>Images that it was tested with.</summary>
    public int? TestImages { get; init; }

    /// <summary>The share of the test images predicted right, 0 to 1.</summary>
    public double? TestAccuracy { get; init; }

    /// <summary>The 95 % interval of that share.</summary>
    public Interval? TestAccuracyInterval { get; init; }
}
