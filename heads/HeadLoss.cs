namespace OnnxTransfer.Heads;

/// <summary>What a head minimises; s are the scores of a code, y its class, t_k = +1 for k = y, else -1.</summary>
public enum HeadLoss
{
    /// <summary>Multinomial logistic: log sum_k exp(s_k) - s_y.</summary>
    Softmax,

    /// <summary>One-vs-rest squared hinge: sum_k max(0, 1 - t_k s_k)^2.</summary>
    SquaredHinge,

    /// <summary>One-vs-rest hinge: sum_k max(0, 1 - t_k s_k).</summary>
    Hinge,

    /// <summary>Crammer and Singer's multiclass hinge: max(0, max over k != y of 1 + s_k, less s_y).</summary>
    CrammerSinger,

    /// <summary>One-vs-rest logistic: sum_k log(1 + exp(-t_k s_k)).</summary>
    Logistic,

    /// <summary>Ridge classification: 1/2 sum_k (t_k - s_k)^2.</summary>
    Ridge,

    /// <summary>No loss: class means in closed form (<see cref="LinearHead.NearestClassMean"/>).</summary>
    NearestMean,

    /// <summary>No loss: discriminant analysis in closed form (<see cref="LinearHead.DiscriminantAnalysis"/>).</summary>
    Lda,
}

/// <summary>The spelling of <see cref="HeadLoss"/> on the command line, in JSON and in files.</summary>
public static class HeadLossNames
{
    private static readonly (HeadLoss Loss, string Text)[] Spellings =
    [
        (HeadLoss.Softmax, "softmax"),
        (HeadLoss.SquaredHinge, "svm"),
        (HeadLoss.Hinge, "hinge"),
        (HeadLoss.CrammerSinger, "crammer-singer"),
        (HeadLoss.Logistic, "logistic"),
        (HeadLoss.Ridge, "ridge"),
        (HeadLoss.NearestMean, "nearest-mean"),
        (HeadLoss.Lda, "lda"),
    ];

    /// <summary>All spellings.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Spellings.Select(static of => of.Text)];

    /// <summary>The spelling.</summary>
    public static string ToText(this HeadLoss loss) => Array.Find(Spellings, of => of.Loss == loss).Text;

    /// <summary>Whether a head is computed from class means, without C, gap and passes.</summary>
    public static bool IsClosedForm(this HeadLoss loss) => loss is HeadLoss.NearestMean or HeadLoss.Lda;

    /// <summary>The loss of a spelling.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none of that name.</exception>
    public static HeadLoss Parse(string text)
    {
        var found = Array.Find(Spellings, of => of.Text == text);
        return found.Text is not null
            ? found.Loss
            : throw new OnnxTransferException(FailureKind.Usage, $"There is no head '{text}'; choose one of {string.Join(", ", All)}.");
    }
}
