using System.Globalization;
using System.Text.Json.Serialization;

namespace OnnxTransfer.FineTuning;

/// <summary>How a search for the learning rate goes.</summary>
internal sealed record RateFinderOptions
{
    /// <summary>The first rate, above 0.</summary>
    public double Lowest { get; init; } = 1e-6;

    /// <summary>The last rate.</summary>
    public double Highest { get; init; } = 10;

    /// <summary>The updates, at least 10.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The share of the smoothed difference that a step keeps.</summary>
    public double Smoothing { get; init; } = 0.9;

    /// <summary>The search ends where the smoothed loss is this many times the lowest.</summary>
    public double Divergence { get; init; } = 4;
}

/// <summary>A step of a search.</summary>
/// <param name="Rate">The rate.</param>
/// <param name="Loss">The loss before the update with it.</param>
/// <param name="Smoothed">
/// The difference from the loss of the start on the same batch, smoothed over the steps before, plus the mean loss of the start.
/// </param>
public sealed record RatePoint(double Rate, double Loss, double Smoothed);

/// <summary>What a search found.</summary>
/// <param name="Curve">The steps before the loss grew out of bounds.</param>
/// <param name="Steepest">The rate where the smoothed loss falls fastest by the rate's logarithm.</param>
/// <param name="TenthOfLowest">A tenth of the rate with the lowest smoothed loss.</param>
public sealed record RateRange(IReadOnlyList<RatePoint> Curve, double Steepest, double TenthOfLowest)
{
    /// <summary>The more careful of the two rules, rounded to two digits, so that a training can be given the same rate.</summary>
    [JsonIgnore]
    public double Suggested => double.Parse(Math.Min(Steepest, TenthOfLowest).ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

/// <summary>
/// The learning-rate range test (Smith 2017): the rate grows exponentially from update to update, and the loss says from
/// where on it is large enough to learn and where it is too large. As batches differ by more than a step changes, each batch's loss is
/// compared with that of the start on the same batch.
/// </summary>
internal static class RateFinder
{
    /// <summary>Runs the test on two engines made for it, which are disposed: the training's own engine and state stay as they are.</summary>
    /// <param name="newEngine">Makes an engine with a copy of the state that training starts from; one of the two stays there.</param>
    /// <param name="batches">Training batches; those of as many as there are steps are read, and fewer end the test.</param>
    /// <param name="options">How far.</param>
    /// <param name="cancellation">Ends the test.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Mathematics"/>: the loss is not finite from the start, or falls nowhere.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RateRange Find(
        Func<ITrainingEngine> newEngine, IEnumerable<TrainingBatch> batches, RateFinderOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(newEngine);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 10, nameof(options));
        using var engine = newEngine();
        using var still = newEngine();
        var curve = new List<RatePoint>();
        var (weighted, weight, lowest, starts) = (0.0, 0.0, double.PositiveInfinity, 0.0);
        foreach (var batch in batches.Take(options.Steps))
        {
            cancellation.ThrowIfCancellationRequested();
            var rate = options.Lowest * Math.Pow(options.Highest / options.Lowest, curve.Count / (options.Steps - 1.0));
            double loss = engine.Accumulate(batch).Loss;
            double start = still.Accumulate(batch).Loss;

            // The sum is divided by its weights, which begin small, as Adam's moments are.
            weighted = (options.Smoothing * weighted) + ((1 - options.Smoothing) * (loss - start));
            weight = (options.Smoothing * weight) + (1 - options.Smoothing);
            var smoothed = weighted / weight;
            var mean = (starts + start) / (curve.Count + 1);
            if (!double.IsFinite(smoothed) || mean + smoothed > options.Divergence * (mean + lowest))
            {
                break;
            }

            (lowest, starts) = (Math.Min(lowest, smoothed), starts + start);
            curve.Add(new RatePoint(rate, loss, smoothed));
            engine.Update(rate);
        }

        var level = starts / Math.Max(1, curve.Count);
        return Judge([.. curve.Select(point => point with { Smoothed = level + point.Smoothed })]);
    }

    /// <summary>The two rules on a curve.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Mathematics"/>: as for <see cref="Find"/>.</exception>
    internal static RateRange Judge(IReadOnlyList<RatePoint> curve)
    {
        if (curve.Count < 3)
        {
            throw new OnnxTransferException(
                FailureKind.Mathematics,
                $"The learning-rate test ended after {curve.Count} steps, before it could see anything; check the images and the recipe, or give a --rate.");
        }

        // Central differences: the rates are evenly spaced in their logarithms.
        var steepest = Enumerable.Range(1, curve.Count - 2).MinBy(i => curve[i + 1].Smoothed - curve[i - 1].Smoothed);
        if (curve[steepest + 1].Smoothed >= curve[steepest - 1].Smoothed)
        {
            throw new OnnxTransferException(
                FailureKind.Mathematics,
                $"The loss falls at no learning rate from {curve[0].Rate:0.#e0} to {curve[^1].Rate:0.#e0}; give a --rate, or check the labels.");
        }

        return new RateRange(curve, curve[steepest].Rate, curve.MinBy(static point => point.Smoothed)!.Rate / 10);
    }
}
