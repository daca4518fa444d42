namespace OnnxTransfer.Study;

/// <summary>What to do with a network and a set: the four cells of the table of small and large, similar and different.</summary>
public enum AdviceKind
{
    /// <summary>Small and similar: a head on the codes of the top.</summary>
    HeadOnTop,

    /// <summary>Small and different: a head on an earlier layer.</summary>
    HeadOnEarlierLayer,

    /// <summary>Large and similar: fine-tune the last stages, as the earlier ones fit already.</summary>
    FineTuneLastStages,

    /// <summary>Large and different: start with the pretrained weights and fine-tune all of them.</summary>
    FineTuneAll,
}

/// <summary>How advice is spelled.</summary>
public static class AdviceKindNames
{
    /// <summary>"head on top", "head on an earlier layer", "fine-tune the last stages", "fine-tune all".</summary>
    public static string ToText(this AdviceKind kind) => kind switch
    {
        AdviceKind.HeadOnTop => "head on top",
        AdviceKind.HeadOnEarlierLayer => "head on an earlier layer",
        AdviceKind.FineTuneLastStages => "fine-tune the last stages",
        _ => "fine-tune all",
    };

    /// <summary>
    /// The cell of a placement. A small set that is different stays at the top where that is better than every earlier layer by more
    /// than chance, and one that is similar goes to the earlier layer that is better than the top by more than chance: what was measured on
    /// the set goes before the rule of thumb.
    /// </summary>
    internal static AdviceKind Of(Placement placement, Depth depth) => (placement.Size, placement.Similarity) switch
    {
        (DataSize.Large, DataSimilarity.Similar) => AdviceKind.FineTuneLastStages,
        (DataSize.Large, _) => AdviceKind.FineTuneAll,
        (_, DataSimilarity.Different) when !depth.TopWins => AdviceKind.HeadOnEarlierLayer,
        (_, DataSimilarity.Similar) when depth.EarlierWins => AdviceKind.HeadOnEarlierLayer,
        _ => AdviceKind.HeadOnTop,
    };
}
