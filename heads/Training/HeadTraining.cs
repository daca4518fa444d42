namespace OnnxTransfer.Heads;

/// <summary>From codes and classes to a head: checks, normalisation, standardisation, the choice of C, the solve.</summary>
internal static class HeadTraining
{
    /// <summary>Trains a head on class indices, from the weights of <paramref name="start"/> on where there is one.</summary>
    public static LinearHead Train(
        CodeView codes, int[] truth, IReadOnlyList<string> labels, HeadOptions options, LinearHead? start, CancellationToken cancellation)
    {
        options.Check();
        CheckData(codes, truth, labels);
        return Train(codes, new Targets(labels.Count, truth, null, RowWeights.Of(truth, labels, options)), labels, options, start, cancellation);
    }

    /// <summary>Trains a head on what is true of the rows; codes, labels and options are checked already.</summary>
    public static LinearHead Train(
        CodeView codes, Targets targets, IReadOnlyList<string> labels, HeadOptions options, LinearHead? start, CancellationToken cancellation)
    {
        var threads = Workers.Count(options.Threads);
        var (bytes, available) = (MemoryNeed.Bytes(codes, labels.Count, options, threads), MemoryNeed.Available());
        MemoryNeed.Check(bytes, available);
        try
        {
            return Train(codes, targets, labels, options, start, threads, cancellation);
        }
        catch (OutOfMemoryException e)
        {
            throw MemoryNeed.TooLarge(bytes, available, e);
        }
    }

    private static LinearHead Train(
        CodeView codes, Targets targets, IReadOnlyList<string> labels, HeadOptions options, LinearHead? start, int threads,
        CancellationToken cancellation)
    {
        var scaled = options.Normalize ? Normalization.Apply(codes, threads) : codes;
        var standardization = options.Standardize ? Standardization.Of(scaled, threads) : null;
        var centre = options.Standardize || options.RegularizeIntercept ? null : Centre.Of(scaled);
        var used = scaled with { Centre = centre, Standardization = standardization };
        var work = used.Held(threads);

        // Standardised codes are those that are rounded to float32; others are read in float64 where that is asked for.
        var exact = options.Standardize ? work : used;
        var choice = options.C is null ? CPath.Choose(work, targets, options, cancellation) : null;
        var c = options.C ?? choice!.C;
        var known = start is null ? choice?.Weights : WarmStart.Of(start, labels, standardization, centre);
        var knownDuals = known is null ? null : start?.Duals?.On(codes, targets, labels, threads);
        var (weights, certificate, signed) = HeadSolver.Solve(
            new RowSlabs(exact, (0, exact.Rows)), new RowSlabs(work, (0, work.Rows)), targets, c, options, known, knownDuals, cancellation);
        standardization?.FoldInto(weights);
        Centre.FoldInto(centre, weights);
        if (!Array.TrueForAll(weights, double.IsFinite))
        {
            throw new OnnxTransferException(
                FailureKind.Mathematics, "The weights are not finite: the codes are too large or too small; standardise or scale them.");
        }

        return new LinearHead(labels, weights, codes.Columns, options.Loss, c, certificate)
        {
            Selection = choice is null || !options.Selection.Nested
                ? choice?.Selection
                : choice.Selection with
                {
                    Nested = NestedEstimate.OfShare(codes, [.. Enumerable.Range(0, targets.Rows).Select(targets.Truth)], labels, 1, options, cancellation),
                },
            Normalized = options.Normalize,
            Standardized = options.Standardize,
            Duals = signed is null ? null : KnownDuals.Of(codes, labels, signed, threads),
        };
    }

    /// <summary>Refuses codes and classes that no head can be trained on.</summary>
    internal static void CheckData(CodeView codes, int[] truth, IReadOnlyList<string> labels)
    {
        if (truth.Length != codes.Rows)
        {
            throw Usage($"There are {codes.Rows} codes but {truth.Length} labels; give one label per code.");
        }

        if (labels.Count < 2)
        {
            var found = labels.Count == 1 ? $"is only '{labels[0]}'" : "is none";
            throw Data($"A head tells classes apart, and there {found}; add images of another class.");
        }

        CheckNames(labels);
        var counts = new int[labels.Count];
        foreach (var k in truth)
        {
            if (k < 0 || k >= counts.Length)
            {
                throw Usage($"A class index is {k}, and there are {counts.Length} classes; indices run from 0 to {counts.Length - 1}.");
            }

            counts[k]++;
        }

        if (Array.IndexOf(counts, 0) is var empty and >= 0)
        {
            throw Data($"The class '{labels[empty]}' has no image to learn from; add some or leave the class out.");
        }

        CheckCodes(codes, labels.Count);
    }

    /// <summary>Refuses two classes of one name.</summary>
    internal static void CheckNames(IReadOnlyList<string> labels)
    {
        if (labels.GroupBy(static label => label, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } twice)
        {
            throw Usage($"The class '{twice.Key}' is named twice; give every class one name of its own.");
        }
    }

    /// <summary>Refuses codes that are too many for so many classes, or not finite.</summary>
    internal static void CheckCodes(CodeView codes, int classes)
    {
        if ((long)classes * Math.Max(codes.Rows, codes.Columns + 1L) > Array.MaxLength)
        {
            throw Data($"{classes} classes are too many for {codes.Rows} codes of {codes.Columns} numbers; leave some out.");
        }

        var room = codes.Room();
        for (var row = 0; row < codes.Rows; row++)
        {
            if (!VectorArithmetic.AllFinite(codes.Row(row, room)))
            {
                throw Data($"Code {row} (counted from 0) holds a NaN or an infinity; leave it out or extract it again.");
            }
        }
    }

    private static OnnxTransferException Usage(string sentence) => new(FailureKind.Usage, sentence);

    private static OnnxTransferException Data(string sentence) => new(FailureKind.Data, sentence);
}
