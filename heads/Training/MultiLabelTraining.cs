using System.Globalization;

namespace OnnxTransfer.Heads;

/// <summary>From codes with any number of labels each to a head of one binary problem per label.</summary>
internal static class MultiLabelTraining
{
    /// <summary>Checks, and trains from the weights of <paramref name="start"/> on where there is one.</summary>
    public static LinearHead Train(
        CodeMatrix codes, IReadOnlyList<IReadOnlyList<string>> labels, HeadOptions options, LinearHead? start, CancellationToken cancellation)
    {
        CheckOptions(options);
        if (labels.Count != codes.Rows)
        {
            throw Usage($"There are {codes.Rows} codes but {labels.Count} sets of labels; give one set per code, an empty one where nothing is true.");
        }

        string[] names = [.. labels.SelectMany(static of => of).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (names.Length == 0)
        {
            throw Data("No code has a label, so there is nothing to learn; give at least one label to some of the codes.");
        }

        HeadTraining.CheckCodes(codes, names.Length);
        var (positives, starts) = Positives(labels, names);
        var weights = options.SampleWeights is { } given ? Weights(given, codes.Rows) : null;
        var targets = new Targets(names.Length, positives, starts, weights);
        CheckSides(targets, names);
        var head = HeadTraining.Train(codes, targets, names, options, start, cancellation);
        return new LinearHead(head.Labels, head.Weights, head.Width, head.Loss, head.C, head.Certificate)
        {
            Normalized = head.Normalized,
            Standardized = head.Standardized,
            IsMultiLabel = true,
        };
    }

    private static void CheckOptions(HeadOptions options)
    {
        options.Check();
        var wrong = options switch
        {
            { Loss: not (HeadLoss.Logistic or HeadLoss.SquaredHinge or HeadLoss.Hinge or HeadLoss.Ridge) } =>
                $"The head {options.Loss.ToText()} takes exactly one label per code; for several choose "
                + $"{HeadLoss.Logistic.ToText()}, {HeadLoss.SquaredHinge.ToText()}, {HeadLoss.Hinge.ToText()} or {HeadLoss.Ridge.ToText()}",
            { C: null } => "A multi-label head takes a given C, as cross-validation chooses C for heads of one label per code; give a number above 0, such as 1",
            { ClassWeights: not null } or { BalanceClasses: true } =>
                "Weights of classes are for heads of one label per code, as they weigh the rows of a class; leave them out or give sample weights",
            _ => null,
        };
        if (wrong is not null)
        {
            throw Usage(wrong + ".");
        }
    }

    /// <summary>The indices of every row's labels, ascending and each once, and where each row's start.</summary>
    private static (int[] Positives, int[] Starts) Positives(IReadOnlyList<IReadOnlyList<string>> labels, string[] names)
    {
        var index = names.Select(static (name, k) => (name, k)).ToDictionary(static of => of.name, static of => of.k, StringComparer.Ordinal);
        var positives = new List<int>(labels.Count);
        var starts = new int[labels.Count + 1];
        for (var i = 0; i < labels.Count; i++)
        {
            positives.AddRange(labels[i].Select(label => index[label]).Distinct().Order());
            starts[i + 1] = positives.Count;
        }

        return ([.. positives], starts);
    }

    private static double[] Weights(IReadOnlyList<double> given, int rows)
    {
        if (given.Count != rows)
        {
            throw Usage($"There are {rows} codes but {given.Count} sample weights; give one per code.");
        }

        double[] weights = [.. given];
        return Array.FindIndex(weights, static weight => !(weight >= 0 && double.IsFinite(weight))) is var wrong and >= 0
            ? throw Usage($"The sample weight of code {wrong} (counted from 0) is {weights[wrong].ToString(CultureInfo.InvariantCulture)}; give a number of at least 0.")
            : weights;
    }

    /// <summary>Refuses a label that all codes with weight have, or none: its intercept would grow for ever.</summary>
    private static void CheckSides(Targets targets, string[] names)
    {
        var (with, without) = (new int[names.Length], new int[names.Length]);
        var signs = new double[names.Length];
        for (var i = 0; i < targets.Rows; i++)
        {
            targets.Signs(i, signs);
            for (var k = 0; k < signs.Length && targets.Weight(i) > 0; k++)
            {
                (signs[k] > 0 ? with : without)[k]++;
            }
        }

        for (var k = 0; k < names.Length; k++)
        {
            if (with[k] == 0 || without[k] == 0)
            {
                var which = with[k] == 0 ? "No" : "Every";
                throw Data($"{which} code that counts has the label '{names[k]}', so there is nothing to tell apart; add codes or leave the label out.");
            }
        }
    }

    private static OnnxTransferException Usage(string sentence) => new(FailureKind.Usage, sentence);

    private static OnnxTransferException Data(string sentence) => new(FailureKind.Data, sentence);
}
