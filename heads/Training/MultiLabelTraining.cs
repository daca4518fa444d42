namespace OnnxTransfer.Heads;

/// <summary>From codes with any number of labels each to a head of one binary problem per label.</summary>
internal static class MultiLabelTraining
{
    /// <summary>Trains on labels; those that occur, in ordinal order, are the head's.</summary>
    public static LinearHead Train(
        CodeMatrix codes, IReadOnlyList<IReadOnlyList<string>> labels, HeadOptions options, LinearHead? start, CancellationToken cancellation)
    {
        string[] names = [.. labels.SelectMany(static of => of).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var index = names.Select(static (name, k) => (name, k)).ToDictionary(static of => of.name, static of => of.k, StringComparer.Ordinal);
        int[][] sets = [.. labels.Select(of => of.Select(label => index[label]).ToArray())];
        return Train(codes, sets, names, options, start, cancellation);
    }

    /// <summary>Checks, and trains on sets of indices, from the weights of <paramref name="start"/> on where there is one.</summary>
    public static LinearHead Train(
        CodeMatrix codes, IReadOnlyList<IReadOnlyList<int>> sets, IReadOnlyList<string> names, HeadOptions options, LinearHead? start,
        CancellationToken cancellation)
    {
        CheckOptions(options);
        if (sets.Count != codes.Rows)
        {
            throw Usage($"There are {codes.Rows} codes but {sets.Count} sets of labels; give one set per code, an empty one where nothing is true.");
        }

        if (sets.All(static set => set.Count == 0))
        {
            throw Data("No code has a label, so there is nothing to learn; give at least one label to some of the codes.");
        }

        var view = new CodeView(codes);
        HeadTraining.CheckNames(names);
        HeadTraining.CheckCodes(view, names.Count);
        var (positives, starts) = Positives(sets, names.Count);
        var targets = new Targets(names.Count, positives, starts, RowWeights.OfSamples(codes.Rows, options));
        CheckSides(targets, names);
        var head = HeadTraining.Train(view, targets, names, options, start, cancellation);
        return new LinearHead(head.Labels, head.Weights, head.Width, head.Loss, head.C, head.Certificate)
        {
            Normalized = head.Normalized,
            Standardized = head.Standardized,
            Duals = head.Duals,
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
    private static (int[] Positives, int[] Starts) Positives(IReadOnlyList<IReadOnlyList<int>> sets, int labels)
    {
        var positives = new List<int>(sets.Count);
        var starts = new int[sets.Count + 1];
        for (var i = 0; i < sets.Count; i++)
        {
            positives.AddRange(sets[i].Distinct().Order());
            if (positives.Count > starts[i] && (positives[starts[i]] < 0 || positives[^1] >= labels))
            {
                throw Usage($"A label of code {i} (counted from 0) is none of the {labels}; indices run from 0 to {labels - 1}.");
            }

            starts[i + 1] = positives.Count;
        }

        return ([.. positives], starts);
    }

    /// <summary>Refuses a label that all codes with weight have, or none: its intercept would grow for ever.</summary>
    private static void CheckSides(Targets targets, IReadOnlyList<string> names)
    {
        var (with, without) = (new int[names.Count], new int[names.Count]);
        var signs = new double[names.Count];
        for (var i = 0; i < targets.Rows; i++)
        {
            targets.Signs(i, signs);
            for (var k = 0; k < signs.Length && targets.Weight(i) > 0; k++)
            {
                (signs[k] > 0 ? with : without)[k]++;
            }
        }

        for (var k = 0; k < names.Count; k++)
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
