using System.Globalization;

namespace OnnxTransfer.Bench.Heads;

/// <summary>The command line.</summary>
internal sealed record BenchOptions
{
    public const string Usage =
        """
        usage: OnnxTransfer.Bench.Heads [OPTION VALUE]...
          --problems S,M     of T,S,M,L,W,XL; those not in the folder are made (default S,M)
          --heads LIST       of softmax,svm,hinge,crammer-singer,logistic,ridge (default all)
          --c LIST           default 1
          --gaps LIST        relative gaps of the table (default 1e-3,1e-6)
          --intercept WHICH  free, penalised or both (default both, where a peer has it)
          --peers WORDS      only peers whose name contains one of these words, comma-separated (default all; none: ours alone)
          --tables LIST      of solve,choice (default both)
          --limit SECONDS    for one fit of a peer or of ours (default 300; times the folds for a choice of C)
          --threads N        default all processors
          --folder DIR       where the problems are (default: onnxtransfer-head-problems among the temporary files)
          --shared DIR       the folder with heads/make_problems.py (default ../shared)
          --python PATH      a Python with NumPy and scikit-learn (default /usr/bin/python3)
          --out DIR          writes heads.md, heads.json and heads.svg there; without it the tables are only printed
        """;

    private static readonly string[] AllHeads = ["softmax", "svm", "hinge", "crammer-singer", "logistic", "ridge"];

    public IReadOnlyList<string> Problems { get; private init; } = ["S", "M"];

    public IReadOnlyList<string> Heads { get; private init; } = AllHeads;

    public IReadOnlyList<double> C { get; private init; } = [1];

    public IReadOnlyList<double> Gaps { get; private init; } = [1e-3, 1e-6];

    public IReadOnlyList<bool> Penalised { get; private init; } = [false, true];

    public IReadOnlyList<string>? Peers { get; private init; }

    public IReadOnlyList<string> Tables { get; private init; } = ["solve", "choice"];

    public double Limit { get; private init; } = 300;

    public int Threads { get; private init; } = Environment.ProcessorCount;

    public string Folder { get; private init; } = Path.Combine(Path.GetTempPath(), "onnxtransfer-head-problems");

    public string Shared { get; private init; } = Path.Combine("..", "shared");

    public string Python { get; private init; } = "/usr/bin/python3";

    public string? Out { get; private init; }

    /// <summary>Whether no peer is wanted.</summary>
    public bool OursAlone => Peers is ["none"];

    /// <summary>Whether a peer is wanted.</summary>
    public bool Wants(string peer) => Peers?.Any(word => peer.Contains(word, StringComparison.OrdinalIgnoreCase)) ?? true;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: an option or a value that means nothing.</exception>
    public static BenchOptions Parse(string[] args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
            {
                throw Wrong($"{args[i]} has no value");
            }

            options = options.With(args[i], args[i + 1]);
        }

        return options;
    }

    private BenchOptions With(string option, string value) => option switch
    {
        "--problems" => this with { Problems = Words(value, "T", "S", "M", "L", "W", "XL") },
        "--heads" => this with { Heads = Words(value, AllHeads) },
        "--c" => this with { C = Numbers(option, value) },
        "--gaps" => this with { Gaps = [.. Numbers(option, value).OrderDescending()] },
        "--intercept" => this with { Penalised = Words(value, "free", "penalised", "both")[0] switch { "free" => [false], "penalised" => [true], _ => [false, true] } },
        "--peers" => this with { Peers = Words(value) },
        "--tables" => this with { Tables = Words(value, "solve", "choice") },
        "--limit" => this with { Limit = Numbers(option, value)[0] },
        "--threads" => this with { Threads = (int)Math.Ceiling(Numbers(option, value)[0]) },
        "--folder" => this with { Folder = value },
        "--shared" => this with { Shared = value },
        "--python" => this with { Python = value },
        "--out" => this with { Out = value },
        _ => throw Wrong($"There is no option {option}"),
    };

    private static string[] Words(string list, params string[] allowed)
    {
        var words = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.FirstOrDefault(word => allowed.Length > 0 && !allowed.Contains(word)) is { } wrong
            ? throw Wrong($"'{wrong}' is none of {string.Join(", ", allowed)}")
            : words.Length > 0 ? words : throw Wrong("A list is empty");
    }

    private static double[] Numbers(string option, string list) =>
        [.. Words(list).Select(word => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw Wrong($"{option} takes numbers above 0, and '{word}' is none"))];

    private static OnnxTransferException Wrong(string reason) => new(FailureKind.Usage, $"{reason}.\n{Usage}");
}
