using System.Numerics;

namespace OnnxTransfer.FineTuning;

/// <summary>What a checkpoint holds of a <see cref="WeightAverage"/>.</summary>
/// <param name="Parameters">The averages of the parameters, by name.</param>
/// <param name="Statistics">The averages of the running statistics, by name.</param>
/// <param name="Updates">t, how often weights were added.</param>
internal sealed record AverageState(
    IReadOnlyDictionary<string, float[]> Parameters, IReadOnlyDictionary<string, float[]> Statistics, long Updates);

/// <summary>
/// The exponential moving average of the weights (Polyak and Juditsky 1992), which is often better than the last of them:
/// a += (1 - d) (w - a) with d = min(decay, (1 + t) / (10 + t)), so that the first weights are soon forgotten (TensorFlow's
/// warm-up). Running statistics are averaged along.
/// </summary>
internal sealed class WeightAverage
{
    private readonly double decay;
    private readonly Dictionary<string, float[]> parameters;
    private readonly Dictionary<string, float[]> statistics;

    /// <summary>Starts at the weights of a state.</summary>
    /// <param name="decay">The share of the average that an update keeps in the end: from 0 to below 1.</param>
    /// <param name="start">The weights before training.</param>
    public WeightAverage(double decay, TrainingState start)
        : this(decay, new AverageState(start.Parameters, start.Statistics, 0))
    {
    }

    /// <summary>Goes on from a checkpoint.</summary>
    public WeightAverage(double decay, AverageState state)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decay);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(decay, 1);
        ArgumentNullException.ThrowIfNull(state);
        this.decay = decay;
        (parameters, statistics, Updates) = (Copy(state.Parameters), Copy(state.Statistics), state.Updates);
    }

    /// <summary>t, how often weights were added.</summary>
    public long Updates { get; private set; }

    /// <summary>Adds the weights after an update.</summary>
    public void Add(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var share = (float)(1 - DecayAt(decay, Updates));
        foreach (var (averages, values) in new[] { (parameters, state.Parameters), (statistics, state.Statistics) })
        {
            foreach (var (name, average) in averages)
            {
                Approach(average, values[name], share);
            }
        }

        Updates++;
    }

    /// <summary>A copy of the averages.</summary>
    public AverageState State() => new(Copy(parameters), Copy(statistics), Updates);

    /// <summary>d of the update with number <paramref name="t"/>, from 0.</summary>
    public static double DecayAt(double decay, long t) => Math.Min(decay, (1.0 + t) / (10.0 + t));

    private static void Approach(float[] average, float[] values, float share)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, average.Length);
        var i = 0;
        for (; i <= average.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var at = new Vector<float>(average, i);
            (at + (share * (new Vector<float>(values, i) - at))).CopyTo(average, i);
        }

        for (; i < average.Length; i++)
        {
            average[i] += share * (values[i] - average[i]);
        }
    }

    private static Dictionary<string, float[]> Copy(IReadOnlyDictionary<string, float[]> values) =>
        values.ToDictionary(static value => value.Key, static value => (float[])value.Value.Clone(), StringComparer.Ordinal);
}
