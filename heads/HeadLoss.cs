namespace OnnxTransfer.Heads;

/// <summary>What a head minimises.</summary>
public enum HeadLoss
{
    /// <summary>Multinomial logistic: log sum_k exp(s_k) - s_y.</summary>
    Softmax,

    /// <summary>One-vs-rest squared hinge: sum_k max(0, 1 - t_k s_k)^2, t_k = +1 for k = y, else -1.</summary>
    SquaredHinge,

    /// <summary>No loss: class means in closed form (<see cref="LinearHead.NearestClassMean"/>).</summary>
    NearestMean,

    /// <summary>No loss: discriminant analysis in closed form (<see cref="LinearHead.DiscriminantAnalysis"/>).</summary>
    Lda,
}

/// <summary>
/// The spelling of <see cref="HeadLoss"/> on the command line, in JSON and in files: <c>softmax</c>, <c>svm</c>,
/// <c>nearest-mean</c>, <c>lda</c>.
/// </summary>
public static class HeadLossNames
{
    /// <summary>All spellings.</summary>
    public static IReadOnlyList<string> All { get; } = ["softmax", "svm", "nearest-mean", "lda"];

    /// <summary>The spelling.</summary>
    public static string ToText(this HeadLoss loss) => loss switch
    {
        HeadLoss.Softmax => "softmax",
        HeadLoss.SquaredHinge => "svm",
        HeadLoss.NearestMean => "nearest-mean",
        HeadLoss.Lda => "lda",
        _ => throw new ArgumentOutOfRangeException(nameof(loss), loss, null),
    };

    /// <summary>Whether a head is computed from class means, without C, gap and passes.</summary>
    public static bool IsClosedForm(this HeadLoss loss) => loss is HeadLoss.NearestMean or HeadLoss.Lda;

    /// <summary>The loss of a spelling.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none of that name.</exception>
    public static HeadLoss Parse(string text) => text switch
    {
        "softmax" => HeadLoss.Softmax,
        "svm" => HeadLoss.SquaredHinge,
        "nearest-mean" => HeadLoss.NearestMean,
        "lda" => HeadLoss.Lda,
        _ => throw new OnnxTransferException(FailureKind.Usage, $"There is no head '{text}'; choose one of {string.Join(", ", All)}."),
    };
}
