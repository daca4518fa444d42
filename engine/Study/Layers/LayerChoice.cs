namespace OnnxTransfer.Study;

/// <summary>What the rule of <see cref="Recommendation"/> takes of several layers.</summary>
/// <param name="Chosen">The layer to take.</param>
/// <param name="Best">The layer of the highest cross-validated accuracy, and of equals the cheapest.</param>
/// <param name="PValue">Of the two; 1 where they are the same.</param>
/// <param name="Unproved">The cheapest layer that only <see cref="Recommendation.Margin"/> keeps from being taken; null where there is none.</param>
public sealed record LayerChoice<T>(T Chosen, T Best, double PValue, T? Unproved)
    where T : LayerTrial
{
    /// <summary>Why no cheaper layer is taken, as the end of a sentence.</summary>
    /// <param name="name">How the sentence calls a layer.</param>
    public string WhyNoneCheaper(Func<T, string> name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Unproved is null)
        {
            return "every cheaper layer is significantly worse";
        }

        var images = Wording.Images(Unproved.HeldOut.Count(static one => one is not null));
        return $"{name(Unproved)} is cheaper and not significantly worse ({Wording.P(Recommendation.PValueOf(Unproved, Best))}), but {images} cannot rule out that it loses more than {100 * Recommendation.Margin} points";
    }
}
