namespace OnnxTransfer.Heads;

/// <content>Growing and unlearning: the next training starts at this head's weights.</content>
public sealed partial class LinearHead
{
    /// <summary>
    /// The head of other codes and labels, with this one's loss, C, normalisation and standardisation: the solve starts at this head's
    /// weights, a class that is new starts at zero, and one that is gone is left out. Only the start is this head's: what is
    /// minimised, and proved, is the objective on exactly the codes given, so images that are left out are unlearned, up to
    /// the gap. It has no calibration; see <see cref="Calibrate"/>.
    /// </summary>
    /// <param name="codes">N x D: all codes to train on, those known before included.</param>
    /// <param name="labels">N labels; the classes are those that occur, in ordinal order.</param>
    /// <param name="options">How the head was trained; its loss, C, normalisation and standardisation are taken from the head.</param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// As training; and <see cref="FailureKind.Usage"/>: codes that are not D numbers long, or a multi-label head.
    /// </exception>
    public LinearHead Retrain(
        CodeMatrix codes, IReadOnlyList<string> labels, HeadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        RequireSingleLabel();
        CheckWidth(codes.Columns);
        var (classes, names) = Classes(labels);
        return Train(new CodeView(codes), classes, names, As(options), this, cancellation);
    }

    /// <summary>The same for a multi-label head.</summary>
    /// <param name="codes">N x D: all codes to train on, those known before included.</param>
    /// <param name="labels">The labels of each of the N codes, as <see cref="TrainMultiLabel(CodeMatrix, IReadOnlyList{IReadOnlyList{string}}, HeadOptions, CancellationToken)"/> takes them.</param>
    /// <param name="options">How the head was trained; its loss, C, normalisation and standardisation are taken from the head.</param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// As <see cref="TrainMultiLabel(CodeMatrix, IReadOnlyList{IReadOnlyList{string}}, HeadOptions, CancellationToken)"/>; and <see cref="FailureKind.Usage"/>: codes that are not D numbers long, or no
    /// multi-label head.
    /// </exception>
    public LinearHead RetrainMultiLabel(
        CodeMatrix codes, IReadOnlyList<IReadOnlyList<string>> labels, HeadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        RequireMultiLabel();
        CheckWidth(codes.Columns);
        return MultiLabelTraining.Train(codes, labels, As(options), this, cancellation);
    }

    /// <summary>Options that train a head like this one.</summary>
    internal HeadOptions As(HeadOptions? options) => (options ?? new HeadOptions()) with
    {
        Loss = Loss,
        C = Loss.IsClosedForm() ? null : C,
        Normalize = Normalized,
        Standardize = Standardized,
    };
}
