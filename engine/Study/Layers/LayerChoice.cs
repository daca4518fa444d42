namespace OnnxTransfer.Study;

/// <summary>What the rule of <see cref="Recommendation"/> takes of several layers.</summary>
/// <param name="Chosen">The layer to take.</param>
/// <param name="Best">The layer of the highest cross-validated accuracy, and of equals the cheapest.</param>
/// <param name="PValue">Of the two; 1 where they are the same.</param>
/// <param name="Unproved">The cheapest layer that is not significantly worse than the best, and may lose more than <see cref="Recommendation.Margin"/> for all that the images tell; null where there is none.</param>
public sealed record LayerChoice<T>(T Chosen, T Best, double PValue, T? Unproved)
    where T : LayerTrial;
