using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>How <see cref="LayerStudy"/> compares layers; every value has a default.</summary>
public sealed record LayerStudyOptions
{
    /// <summary>The taps by name or alias; null: <see cref="TapCatalog.Ends"/>, or all with <see cref="All"/>.</summary>
    public IReadOnlyList<string>? Taps { get; init; }

    /// <summary>Every point of <see cref="TapCatalog.Points"/>, scores too.</summary>
    public bool All { get; init; }

    /// <summary>How positions are pooled; a tap without positions is taken once.</summary>
    public IReadOnlyList<Pooling> Poolings { get; init; } = [Pooling.Average, Pooling.Maximum, Pooling.Grid2];

    /// <summary>The losses of the heads.</summary>
    public IReadOnlyList<HeadLoss> Losses { get; init; } = [HeadLoss.Softmax, HeadLoss.SquaredHinge];

    /// <summary>How heads are trained, but for their loss; C by cross-validation, on standardised codes.</summary>
    public HeadOptions Head { get; init; } = new() { Standardize = true };

    /// <summary>What the recommended layer may cost.</summary>
    public Budget Budget { get; init; } = new(null, null);

    /// <summary>The folder that keeps the codes; null: a temporary one.</summary>
    public string? Store { get; init; }

    /// <summary>How codes are extracted.</summary>
    public ExtractionOptions Extraction { get; init; } = new();

    /// <summary>The heads that layers can be compared by: those with a C.</summary>
    public static IReadOnlyList<string> Heads => [.. HeadLossNames.All.Where(static text => !HeadLossNames.Parse(text).IsClosedForm())];

    /// <summary>A head by its name.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none of that name; those that layers can be compared by are told.</exception>
    public static HeadLoss ParseLoss(string text) => HeadLossNames.All.Contains(text)
        ? HeadLossNames.Parse(text)
        : throw new OnnxTransferException(FailureKind.Usage, $"There is no head '{text}' to compare layers by; choose one of {string.Join(", ", Heads)}.");

    /// <summary>Refuses what a study cannot compare.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the value is named.</exception>
    internal void Check()
    {
        var closed = Losses.Where(static loss => loss.IsClosedForm()).Select(static loss => loss.ToText()).FirstOrDefault();
        var wrong = this switch
        {
            { Taps: not null, All: true } => "Layers are named, and all are asked for; leave one of the two out",
            { Poolings: [] } or { Losses: [] } => "A study of layers needs a pooling and a head at least; name one of each",
            { Head.C: not null } => "A study of layers chooses C by cross-validation for each; leave C out",
            { Budget.Milliseconds: not (null or > 0) } or { Budget.Megabytes: not (null or > 0) } => "A budget must be above 0 milliseconds and 0 megabytes",
            _ when closed is not null => $"The head {closed} has no C to cross-validate, so layers cannot be compared by it; choose one of {string.Join(", ", Heads)}",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new OnnxTransferException(FailureKind.Usage, wrong + ".");
        }

        foreach (var loss in Losses)
        {
            (Head with { Loss = loss }).Check();
        }
    }
}
