namespace OnnxTransfer.Heads;

/// <summary>One image judged: its true and its predicted class, and how sure the prediction was.</summary>
/// <param name="Truth">The index of the true class.</param>
/// <param name="Predicted">The index of the predicted class.</param>
/// <param name="TruthProbability">The probability given to the true class; NaN where there are no probabilities.</param>
/// <param name="Confidence">The probability given to the predicted class; NaN where there are no probabilities.</param>
public readonly record struct Outcome(int Truth, int Predicted, double TruthProbability, double Confidence)
{
    // The distance from 1 to the next float64: what a probability that rounding made 0 counts as.
    private const double LeastProbability = 2.220446049250313e-16;

    /// <summary>
    /// -log of the true class's probability; a probability below 2^-52 counts as 2^-52, as in scikit-learn, so that one image
    /// cannot make a mean infinite.
    /// </summary>
    public double Loss => -Math.Log(Math.Max(TruthProbability, LeastProbability));

    /// <summary>The outcome of a row of scores, whose softmax the probabilities are; the scores are overwritten by them.</summary>
    internal static Outcome OfScores(int truth, Span<double> scores)
    {
        var predicted = First.OfLargest<double>(scores);
        SoftmaxLoss.Probabilities(scores);
        return new Outcome(truth, predicted, scores[truth], scores[predicted]);
    }
}
