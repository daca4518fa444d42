using System.Globalization;

namespace OnnxTransfer.Heads;

/// <summary>By what C is multiplied in each row: the sample's weight times its class's.</summary>
internal static class RowWeights
{
    /// <summary>N weights; null where all are 1.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: not one weight per row, a weight that is negative or not finite, a class that is not there.
    /// <see cref="FailureKind.Data"/>: weights that are all 0, a class whose rows all weigh nothing.
    /// </exception>
    public static double[]? Of(int[] truth, IReadOnlyList<string> labels, HeadOptions options)
    {
        if (options is { SampleWeights: null, ClassWeights: null, BalanceClasses: false })
        {
            return null;
        }

        var samples = OfSamples(truth.Length, options);
        var byClass = OfClasses(truth, labels, options);
        var weights = new double[truth.Length];
        var sums = new double[labels.Count];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (samples?[i] ?? 1) * byClass[truth[i]];
            sums[truth[i]] += weights[i];
        }

        return Array.FindIndex(sums, static sum => !(sum > 0)) is var empty and >= 0
            ? throw new OnnxTransferException(FailureKind.Data, $"All codes of the class '{labels[empty]}' weigh nothing; give them weight or leave the class out.")
            : weights;
    }

    /// <summary>The weights of the samples alone; null where all are 1.</summary>
    /// <exception cref="OnnxTransferException">As <see cref="Of"/>, but for what it says of classes.</exception>
    public static double[]? OfSamples(int rows, HeadOptions options)
    {
        if (options.SampleWeights is null)
        {
            return null;
        }

        double[] weights = [.. options.SampleWeights];
        if (weights.Length != rows)
        {
            throw Usage($"There are {rows} codes but {weights.Length} sample weights; give one per code.");
        }

        if (Array.FindIndex(weights, static weight => !(weight >= 0 && double.IsFinite(weight))) is var wrong and >= 0)
        {
            throw Usage($"The sample weight of code {wrong} (counted from 0) is {weights[wrong].ToString(CultureInfo.InvariantCulture)}; give a number of at least 0.");
        }

        return Array.TrueForAll(weights, static weight => weight == 0)
            ? throw new OnnxTransferException(FailureKind.Data, "All sample weights are 0, so no code counts; give numbers above 0 to those that do.")
            : weights;
    }

    private static double[] OfClasses(int[] truth, IReadOnlyList<string> labels, HeadOptions options)
    {
        var weights = new double[labels.Count];
        Array.Fill(weights, 1);
        foreach (var (label, weight) in options.ClassWeights ?? new Dictionary<string, double>())
        {
            var k = labels.ToList().IndexOf(label);
            if (k < 0 || !(weight > 0 && double.IsFinite(weight)))
            {
                throw Usage(k < 0
                    ? $"There is a weight for the class '{label}', and no such class; the classes are {string.Join(", ", labels.Take(10))}{(labels.Count > 10 ? ", ..." : string.Empty)}."
                    : $"The weight of the class '{label}' is {weight.ToString(CultureInfo.InvariantCulture)}; give a number above 0.");
            }

            weights[k] = weight;
        }

        if (options.BalanceClasses)
        {
            var counts = new int[labels.Count];
            foreach (var k in truth)
            {
                counts[k]++;
            }

            for (var k = 0; k < weights.Length; k++)
            {
                weights[k] *= truth.Length / ((double)labels.Count * counts[k]);
            }
        }

        return weights;
    }

    private static OnnxTransferException Usage(string sentence) => new(FailureKind.Usage, sentence);
}
