using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Layers;

/// <summary>What is measured.</summary>
internal sealed record BenchOptions
{
    /// <summary>The layers of a study.</summary>
    private const int MostTaps = 12;

    /// <summary>The folder with data/SET.tar.</summary>
    public string Shared { get; init; } = Path.Combine("..", "shared");

    /// <summary>The set.</summary>
    public string Set { get; init; } = "cifar10small";

    /// <summary>Seconds after which the script is stopped; 0: it is left out.</summary>
    public double Limit { get; init; } = 7200;

    /// <summary>Of the folds of the script's searches, how many are run.</summary>
    public int Folds { get; init; } = Script.Folds;

    /// <summary>A Python with NumPy and scikit-learn.</summary>
    public string Python { get; init; } = "/usr/bin/python3";

    /// <summary>Softmax heads on average-pooled codes alone, and not all that `layers` does by default.</summary>
    public bool Narrow { get; init; }

    /// <summary>Of a process that this one started: "study", or the layer that it does the script's work for; null: of the bench itself.</summary>
    public string? Part { get; init; }

    public string Tar => Path.Combine(Shared, "data", Set + ".tar");

    public Pooling[] Poolings => Narrow ? [Pooling.Average] : [Pooling.Average, Pooling.Maximum, Pooling.Grid2];

    public HeadLoss[] Losses => Narrow ? [HeadLoss.Softmax] : [HeadLoss.Softmax, HeadLoss.SquaredHinge];

    /// <summary>Reads them from words: names without --narrow take the next word.</summary>
    public static BenchOptions Parse(string[] words)
    {
        string? After(string name) => Array.IndexOf(words, name) is var at and >= 0 ? words[at + 1] : null;
        var defaults = new BenchOptions();
        return new BenchOptions
        {
            Shared = After("--shared") ?? defaults.Shared,
            Set = After("--set") ?? defaults.Set,
            Limit = After("--limit") is { } limit ? double.Parse(limit) : defaults.Limit,
            Folds = After("--folds") is { } folds ? int.Parse(folds) : defaults.Folds,
            Python = After("--python") ?? defaults.Python,
            Narrow = words.Contains("--narrow"),
            Part = After("--part"),
        };
    }

    /// <summary>The words for a process that does a part.</summary>
    public string[] For(string part) => ["--shared", Shared, "--set", Set, "--python", Python, "--folds", $"{Folds}", "--part", part, .. Narrow ? ["--narrow"] : Array.Empty<string>()];

    /// <summary>The layers, shallow ones first: the ends of stages and blocks, and others up to twelve, that have positions to pool.</summary>
    public static TapPoint[] Layers(Backbone backbone) =>
    [
        .. backbone.Taps.Ends.Concat(backbone.Taps.Points).DistinctBy(static point => point.Name)
            .Where(static point => point.Stride is not null).Take(MostTaps).OrderBy(static point => point.CostPercent),
    ];
}
