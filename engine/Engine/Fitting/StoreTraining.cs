using System.Globalization;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>Heads trained from what lies on disk: a store, or plain arrays.</summary>
public static class StoreTraining
{
    /// <summary>Trains on a column of a store, or on several joined: <see cref="Codes.Join"/>.</summary>
    /// <param name="store">The store's folder.</param>
    /// <param name="taps">The columns' taps; null: the only one.</param>
    /// <param name="poolings">Their poolings; null: the only one.</param>
    /// <param name="part">
    /// <c>train</c>, <c>test</c> or <c>val</c>: the rows that their set gave to that part; where it gives none at all, every row
    /// is for training. <c>all</c>: every row.
    /// </param>
    /// <param name="options">How.</param>
    /// <param name="calibration">How its probabilities are calibrated; null: the default of <see cref="LinearHead.Calibrate"/>.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="OnnxTransferException">Usage: no such column; Data: labels are missing, or no row in that part.</exception>
    public static TrainedHead OnStore(
        string store, IReadOnlyList<string>? taps, IReadOnlyList<Pooling>? poolings, string part, HeadOptions options, CalibrationMethod? calibration = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(part);
        using var codes = Codes.Open(store);
        var columns = codes.Join(taps, poolings);
        var rows = RowsOf(codes, part);
        if (rows.Length == 0)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{store} has no image in its {part} part; choose another with --part.");
        }

        var labels = Array.ConvertAll(rows, row => codes.Labels[row]);
        var matrix = codes.Read(columns, rows);
        var head = LinearHead.Train(matrix, labels, options, cancellation);
        return new TrainedHead(head.Calibrate(matrix, labels, calibration, options, cancellation), codes.Header, columns);
    }

    /// <summary>
    /// Trains on plain arrays: codes N x D, and N whole numbers from 0, the classes; or an N x K matrix of 0 and 1, which makes a
    /// multi-label head of K labels. Classes and labels are named by their numbers. Codes of float32 are mapped, and may be more
    /// than fits into memory (<see cref="MappedCodes"/>).
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// Data: the files, or their sizes. Usage: options that the labels do not allow, such as a calibration of a multi-label head.
    /// </exception>
    public static TrainedHead OnArrays(
        string codes, string labels, HeadOptions options, CalibrationMethod? calibration = null, CancellationToken cancellation = default)
    {
        using var mapped = Npy.MapCodes(codes);
        return Npy.ReadShape(labels).Count == 2
            ? OnLabelSets(mapped.Matrix, labels, options, calibration, cancellation)
            : OnClasses(mapped.Matrix, codes, labels, options, calibration, cancellation);
    }

    /// <summary>The rows of a part, as <see cref="OnStore"/> says.</summary>
    internal static int[] RowsOf(Codes codes, string part)
    {
        var every = part == "all" || (part == "train" && codes.Splits.All(split => split is null));
        return [.. Enumerable.Range(0, codes.Ids.Count).Where(row => every || codes.Splits[row] == part)];
    }

    private static TrainedHead OnLabelSets(
        CodeMatrix matrix, string labels, HeadOptions options, CalibrationMethod? calibration, CancellationToken cancellation)
    {
        if (calibration is not (null or CalibrationMethod.None))
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"{labels} is a matrix, and the probabilities of a multi-label head are the sigmoids of its scores; leave the calibration out.");
        }

        var (sets, count) = Npy.ReadLabelSets(labels);
        return new TrainedHead(LinearHead.TrainMultiLabel(matrix, sets, Numbered(count), options, cancellation), null, []);
    }

    private static TrainedHead OnClasses(
        CodeMatrix matrix, string codes, string labels, HeadOptions options, CalibrationMethod? calibration, CancellationToken cancellation)
    {
        var classes = Npy.ReadLabels(labels);
        if (classes.FirstOrDefault(label => label < 0) is var negative and < 0)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{labels} has the label {negative}; labels are whole numbers from 0.");
        }

        if (classes.Length == 0)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{labels} has no label; give one for each row of {codes}.");
        }

        if (classes.Max() is var largest && largest >= classes.Length)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"{labels} has the label {largest} among {classes.Length:N0}: some class has no image; number the classes from 0 without gaps.");
        }

        var names = Numbered(largest + 1);
        var head = LinearHead.Train(matrix, classes, names, options, cancellation);
        return new TrainedHead(head.Calibrate(matrix, [.. classes.Select(k => names[k])], calibration, options, cancellation), null, []);
    }

    private static string[] Numbered(int count) => [.. Enumerable.Range(0, count).Select(k => k.ToString(CultureInfo.InvariantCulture))];
}
