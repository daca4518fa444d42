namespace OnnxTransfer.FineTuning;

/// <summary>How good the best validation was: of an epoch, or of the weights that training began with.</summary>
/// <param name="Accuracy">Its accuracy; NaN before the first.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="Epoch">The epoch, from 0; -1: the start.</param>
/// <param name="Waited">The epochs since then.</param>
internal sealed record BestValidation(double Accuracy, double Loss, int Epoch, int Waited)
{
    /// <summary>The epoch of the start.</summary>
    public const int Start = -1;

    /// <summary>Before the first validation.</summary>
    public static BestValidation None { get; } = new(double.NaN, double.NaN, Start, 0);

    /// <summary>Whether there was a validation with an accuracy.</summary>
    public bool IsKnown => !double.IsNaN(Accuracy);

    /// <summary>
    /// The best after one more epoch, or after the start. Of equal accuracies, which a few dozen images often have, the lower loss is better; an accuracy that
    /// is not a number never is.
    /// </summary>
    public BestValidation After(int epoch, double accuracy, double loss)
    {
        var isBetter = !IsKnown ? !double.IsNaN(accuracy) : accuracy > Accuracy || (accuracy == Accuracy && loss < Loss);
        return isBetter ? new BestValidation(accuracy, loss, epoch, 0) : this with { Waited = Waited + 1 };
    }
}

/// <summary>When training ends because the validation no longer gets better (Prechelt 1998).</summary>
/// <param name="Patience">The epochs without a better one that are borne; 0: training never ends early.</param>
internal sealed record EarlyStopping(int Patience)
{
    /// <summary>Whether training ends here.</summary>
    public bool IsOver(BestValidation best)
    {
        ArgumentNullException.ThrowIfNull(best);
        return Patience > 0 && best.Waited >= Patience;
    }
}
