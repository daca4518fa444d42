namespace OnnxTransfer.Heads;

/// <summary>What a head minimises.</summary>
public enum HeadLoss
{
    /// <summary>Multinomial logistic: log sum_k exp(s_k) - s_y.</summary>
    Softmax,

    /// <summary>One-vs-rest squared hinge: sum_k max(0, 1 - t_k s_k)^2, t_k = +1 for k = y, else -1.</summary>
    SquaredHinge,
}

/// <summary>The spelling of <see cref="HeadLoss"/> on the command line, in JSON and in files: <c>softmax</c>, <c>svm</c>.</summary>
public static class HeadLossNames
{
    /// <summary>All spellings.</summary>
    public static IReadOnlyList<string> All { get; } = ["softmax", "svm"];

    /// <summary>The spelling.</summary>
    public static string ToText(this HeadLoss loss) => loss == HeadLoss.Softmax ? "softmax" : "svm";

    /// <summary>The loss of a spelling.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none of that name.</exception>
    public static HeadLoss Parse(string text) => text switch
    {
        "softmax" => HeadLoss.Softmax,
        "svm" => HeadLoss.SquaredHinge,
        _ => throw new OnnxTransferException(FailureKind.Usage, $"There is no head '{text}'; choose one of {string.Join(", ", All)}."),
    };
}
