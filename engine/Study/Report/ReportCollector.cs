using System.Globalization;
using System.Reflection;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Collects what a report shows beside the study: all of it is about the recommended layer, whose codes alone are read again.</summary>
public static class ReportCollector
{
    private const int FewestOfAClassForCurve = 10;

    /// <summary>The shares of the images of the learning curve.</summary>
    private static readonly double[] Shares = [0.1, 0.2, 0.4, 0.7, 1];

    /// <summary>
    /// Trains the head of the recommended layer again, which gives the same, and judges images by it; places codes in the plane;
    /// computes the learning curve with the C of the recommendation; and asks the data doctor. To be called while the codes are there:
    /// <see cref="LayerStudy.Run{T}(Backbone, LabelledImages, Func{LayerReport, TrainTestCodes, T}, LayerStudyOptions?, IProgress{StudyProgress}?, CancellationToken)"/>.
    /// </summary>
    /// <param name="study">The study.</param>
    /// <param name="codes">The codes of all its layers.</param>
    /// <param name="backbone">The network.</param>
    /// <param name="images">The photos.</param>
    /// <param name="options">How the study was done.</param>
    /// <param name="command">The command line that did it.</param>
    /// <param name="fit">The command that makes a classifier of a layer, or of several joined.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="OnnxTransferException">Mathematics: a head did not converge; Data: the store is damaged; Machine: memory.</exception>
    public static ReportContent Collect(
        LayerReport study, TrainTestCodes codes, Backbone backbone, LabelledImages images, LayerStudyOptions options, string command,
        Func<JoinedTaps, HeadLoss, string> fit, IProgress<StudyProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(fit);
        var score = study.Recommended.Chosen;
        var column = codes.Codes.Column(score.Tap);
        var (train, labels) = codes.Read(column, codes.Train);
        var test = codes.Test.Count > 0 ? codes.Read(column, codes.Test).Matrix : null;
        var training = options.Head with { Loss = score.Loss };
        Report(0);
        var head = LinearHead.Train(train, labels, training, cancellation);
        var judged = Judgement.Of(head, codes, train, test, training, cancellation);
        Report(1);
        var index = head.Labels.Select(static (label, k) => (label, k)).ToDictionary(static of => of.label, static of => of.k, StringComparer.Ordinal);
        int[] classes = [.. labels.Select(label => index[label])];
        var map = CodeMap.Of(train, [.. codes.Train.Select(row => codes.Codes.Ids[row])], classes, score.HeldOut, training.Seed, cancellation);
        Report(2);
        var curve = classes.CountBy(static k => k).Min(static of => of.Value) < FewestOfAClassForCurve
            ? null
            : LearningCurve.Of(train, classes, head.Labels, Shares, training with { C = head.Loss.IsClosedForm() ? null : head.C }, cancellation);
        Report(3);
        var doctor = Doctor.Examine(codes, [column], images, new DoctorOptions { Seed = training.Seed, Extraction = options.Extraction }, progress, cancellation);
        return new ReportContent
        {
            Data = images.Source,
            Backbone = backbone.Model.Name,
            Study = study,
            NextCommand = fit(new JoinedTaps(score.Tap), score.Loss),
            JoinedCommand = Concatenation.Better(study.Concatenations) is { } better ? fit(better.Taps, better.Best.Loss) : null,
            Judged = judged,
            Map = map,
            Curve = curve,
            Pictures = new Pictures(images, options.Extraction),
            Doctor = doctor,
            Settings = Settings(study, codes, backbone, options, command),
        };

        void Report(int done) => progress?.Report(new StudyProgress("Making the report", done, 4));
    }

    private static ReportSetting[] Settings(LayerReport study, TrainTestCodes codes, Backbone backbone, LayerStudyOptions options, string command)
    {
        var (header, head) = (codes.Codes.Header, options.Head);
        static string Plain(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
        static string YesNo(bool value) => value ? "yes" : "no";
        var version = typeof(ReportCollector).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        return
        [
            new("Command line", command),
            new("OnnxTransfer", version),
            new("ONNX Runtime", $"{header.Runtime}, {header.Provider}"),
            new("Decoder", header.Decoder),
            new("Model", header.Model),
            new("SHA-256 of the model", header.ModelSha256),
            new("Recipe", backbone.Recipe.ToJson()),
            new("Layers", options.Taps is { } taps ? string.Join(", ", taps) : options.All ? "all" : "ends of stages and blocks, poolings"),
            new("Poolings", string.Join(", ", options.Poolings.Select(static pooling => pooling.ToText()))),
            new("Heads", string.Join(", ", options.Losses.Select(static loss => loss.ToText()))),
            new("Budget", options.Budget.ToText()),
            new("Folds that choose C", $"{head.Selection.Folds}, dealt {(head.Selection.Repeats == 1 ? "once" : $"{Plain(head.Selection.Repeats)} times")}"),
            new("C is judged by", $"{head.Selection.Metric.ToText()}, rule {head.Selection.Rule.ToText()}"),
            new("Codes standardised", YesNo(head.Standardize)),
            new("Codes of length 1", YesNo(head.Normalize)),
            new("Classes balanced", YesNo(head.BalanceClasses)),
            new("Intercept penalised", YesNo(head.RegularizeIntercept)),
            new("Relative gap", Plain(head.RelativeGap)),
            new("Seed", Plain(head.Seed)),
            new("Images per run", Plain(header.Batch)),
            new("Unreadable images allowed", Wording.Percent(options.Extraction.MaxBadShare)),
            new("Truncated files used", YesNo(header.AllowTruncated)),
            new("Store", options.Store ?? "a temporary one"),
            new("Images", $"{Wording.Images(study.TrainImages)} to learn from, {Wording.Count(study.TestImages)} to test with"),
        ];
    }
}
