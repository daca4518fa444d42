namespace OnnxTransfer.FineTuning;

/// <summary>How good the best epoch's validation was.</summary>
/// <param name="Accuracy">Its accuracy; NaN before the first.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="Epoch">The epoch, from 0; -1 before the first.</param>
/// <param name="Waited">The epochs since then.</param>
internal sealed record BestValidation(double Accuracy, double Loss, int Epoch, int Waited)
{
    /// <summary>Before the first epoch.</summary>
    public static BestValidation None { get; } = new(double.NaN, double.NaN, -1, 0);

    /// <summary>
    /// The best after one more epoch. Of equal accuracies, which a few dozen images often have, the lower loss is better; an accuracy that
    /// is not a number never is.
    /// </summary>
    public BestValidation After(int epoch, double accuracy, double loss)
    {
        var isBetter = Epoch < 0 ? !double.IsNaN(accuracy) : accuracy > Accuracy || (accuracy == Accuracy && loss < Loss);
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
