using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer finetune</c>: a pretrained network, trained on labelled photos.</summary>
internal static class FineTuneCommand
{
    private static readonly FineTuneOptions Usual = new();

    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "A folder with a sub-folder of photos per class (or train/, val/ and test/ above them), a .csv or .jsonl list, or IDX files" };
        var output = new Option<string>("--output", "-o") { Description = "Where the model goes", HelpName = "FILE", DefaultValueFactory = _ => "tuned.onnx" };
        var scratch = new Option<bool>("--from-scratch") { Description = "Throw the pretrained weights away first, for a comparison" };
        var epochs = Option("--epochs", "How often every image is seen", "NUMBER", Usual.Epochs);
        var batch = Option("--batch", "Images in a batch", "NUMBER", Usual.Batch);
        var accumulate = Option("--accumulate", "Batches whose gradients are averaged for an update", "NUMBER", Usual.Accumulate);
        var optimizer = Option("--optimizer", "sgd (with momentum) or adamw", "NAME", Usual.Optimizer);
        var factor = Option("--backbone-factor", "What the rate of pretrained layers is multiplied by", "NUMBER", Usual.BackboneFactor);
        var decay = Option("--depth-decay", "What it is multiplied by for each stage towards the image", "NUMBER", Usual.DepthDecay);
        var momentum = Option("--momentum", "The momentum of sgd, in Nesterov's form", "NUMBER", Usual.Momentum);
        var weights = Option("--weight-decay", "Decoupled weight decay, of kernels and matrices alone", "NUMBER", Usual.WeightDecay);
        var schedule = Option("--schedule", "constant, cosine, step or one-cycle", "NAME", Usual.Schedule);
        var warm = Option("--warm-up", "The share of all updates in which the rate rises", "SHARE", Usual.WarmUp);
        var clip = Option("--clip", "The length that the gradient is shortened to; 0: it is not", "NUMBER", Usual.Clip);
        var average = Option("--average", "The decay of an average of the weights, which is then validated and exported; 0: none", "NUMBER", Usual.AverageDecay);
        var augmentation = Option("--augment", "How images are changed: none, flip, light or strong, then +crop=SHARE, +no-flip, +mixup or +cutmix", "NAME", Usual.Augmentation);
        var validation = Option("--validation-share", "The share of the images to learn from that chooses the epoch, where DATA has no val part", "SHARE", Usual.ValidationShare);
        var patience = new Option<int?>("--patience") { Description = "Epochs without a better validation (accuracy, then loss) after which training stops", HelpName = "NUMBER" };
        var share = Option("--test-share", "The share kept for the test where DATA has no test part", "SHARE", Usual.TestShare);
        var seed = new Option<int>("--seed") { Description = "The seed of the split, the order and the changes", HelpName = "NUMBER" };
        var engine = Option("--engine", "graph (ONNX Runtime as it is), ort or wasm (ONNX Runtime Training, native or under Node)", "NAME", Usual.Engine);
        var threads = new Option<int>("--threads") { Description = "Threads of a step [default: all]", HelpName = "NUMBER" };
        var folder = new Option<string?>("--folder") { Description = "The folder of checkpoints and metrics [default: OUTPUT.training]", HelpName = "FOLDER" };
        var resume = new Option<bool>("--resume") { Description = "Go on where the folder's checkpoint stands; with the same options the result has the same bits" };
        var updates = Option("--checkpoint-updates", "A checkpoint after so many updates, beside those of epochs and minutes", "NUMBER", Usual.CheckpointUpdates);
        var minutes = Option("--checkpoint-minutes", "A checkpoint after so many minutes", "NUMBER", Usual.CheckpointMinutes);
        var store = new Option<string?>("--store") { Description = "A folder that keeps what the frozen part makes of the images, for the next time", HelpName = "FOLDER" };
        var html = new Option<string?>("--report") { Description = "An HTML file that shows the training: loss, accuracy, rate, mistakes, settings; it opens from the disk", HelpName = "FILE" };
        var command = new ExampleCommand(
            "finetune", "Train a pretrained network on labelled photos: a linear head first, then layers beneath it; export one .onnx.",
            "onnxtransfer finetune flowers --train-from stage4 --epochs 10 -o flowers.onnx")
        {
            data, output, scratch, epochs, batch, accumulate, optimizer, RateOption.Rate, factor, decay, momentum, weights, schedule, warm,
            clip, average, augmentation, validation, patience, share, seed, engine, threads, folder, resume, updates, minutes, store, html,
        };
        LearnedOptions.AddTo(command);
        command.Add(ExportArtifactsCommand.Create());
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed,
            LabelledImages.Open(parsed.GetRequiredValue(data)),
            parsed.GetRequiredValue(output),
            LearnedOptions.Of(parsed) with
            {
                FromScratch = parsed.GetValue(scratch),
                Epochs = parsed.GetValue(epochs),
                Batch = parsed.GetValue(batch),
                Accumulate = parsed.GetValue(accumulate),
                Optimizer = parsed.GetRequiredValue(optimizer),
                Rate = RateOption.Of(parsed),
                FindRate = RateOption.IsSearched(parsed),
                BackboneFactor = parsed.GetValue(factor),
                DepthDecay = parsed.GetValue(decay),
                Momentum = parsed.GetValue(momentum),
                WeightDecay = parsed.GetValue(weights),
                Schedule = parsed.GetRequiredValue(schedule),
                WarmUp = parsed.GetValue(warm),
                Clip = parsed.GetValue(clip),
                AverageDecay = parsed.GetValue(average),
                Augmentation = parsed.GetRequiredValue(augmentation),
                ValidationShare = parsed.GetValue(validation),
                Patience = parsed.GetValue(patience),
                TestShare = parsed.GetValue(share),
                Seed = parsed.GetValue(seed),
                Engine = parsed.GetRequiredValue(engine),
                Threads = parsed.GetValue(threads),
                Folder = parsed.GetValue(folder),
                Resume = parsed.GetValue(resume),
                CheckpointUpdates = parsed.GetValue(updates),
                CheckpointMinutes = parsed.GetValue(minutes),
                Store = parsed.GetValue(store),
            },
            parsed.GetValue(html),
            cancellation)));
        return command;
    }

    private static Option<T> Option<T>(string name, string description, string help, T usual) =>
        new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => usual };

    private static int Run(ParseResult parsed, LabelledImages images, string output, FineTuneOptions options, string? html, CancellationToken cancellation)
    {
        if (html is not null)
        {
            WholeFile.RequirePlace(html);
        }

        var report = new Report(parsed);
        using var backbone = BackboneOptionsGroup.Load(parsed);
        var tuned = ProgressBar.FineTuning(report, (extraction, progress) => FineTune.Run(backbone, images, output, options, extraction, progress, cancellation));
        report.Print(tuned.Notes, tuned.Skipped);
        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{images.Source}: {tuned.Test.Labels.Count} classes, {Sentences.Images(tuned.TrainImages)} to learn from, {tuned.ValidationImages} to validate on, {tuned.Test.Images} to test with"));
        report.Line(Sentences.Learned(tuned, backbone));
        if (tuned.RateSearch is { } search)
        {
            RateLine.Print(report, search);
        }

        report.People.Write(EpochTable.Of(tuned));
        report.Line();
        if (tuned.HeadTestAccuracy is { } head)
        {
            report.Line($"Test accuracy of the linear head it began with: {EvaluationTables.Percent(head.Value, head.Interval)}");
        }

        EvaluationTables.Print(report, "Test accuracy", tuned.Test);
        report.Line();
        report.Print(tuned.Stages);
        if (html is not null)
        {
            TrainingReport.Write(html, TrainingPage.Of(parsed, tuned, backbone, images.Source, output));
            report.Line($"Report: {html}");
        }

        report.Line($"Loss: {tuned.Chart} (a picture), {tuned.Metrics} (the numbers)");
        report.PrintModel(output);
        report.Object(() => Describe(tuned, options, backbone, images.Source, output, html));
        return 0;
    }

    private static JsonObject Describe(FineTuneReport tuned, FineTuneOptions options, Backbone backbone, string source, string output, string? html)
    {
        var json = new JsonObject
        {
            ["model"] = output,
            ["data"] = source,
            ["backbone"] = Json.Of(backbone),
            ["tap"] = tuned.Tap.Point.Name,
            ["alias"] = Json.Alias(tuned.Tap.Point),
            ["pooling"] = tuned.Tap.Pooling.ToText(),
            ["trainFrom"] = options.TrainFrom,
            ["fromScratch"] = options.FromScratch,
            ["loss"] = options.Head.Loss.ToText(),
            ["learnedNumbers"] = tuned.Learned,
            ["border"] = Json.List(tuned.Border, tensor => tensor),
            ["borderCached"] = tuned.IsCached,
            ["engine"] = options.Engine,
            ["trainImages"] = tuned.TrainImages,
            ["validationImages"] = tuned.ValidationImages,
            ["updates"] = tuned.Updates,
            ["rate"] = tuned.Rate,
            ["rateWasFound"] = tuned.RateSearch is not null,
            ["start"] = tuned.Start is { } start ? new JsonObject { ["validationLoss"] = start.Loss, ["validationAccuracy"] = start.Accuracy } : null,
            ["epochs"] = Json.List(tuned.Epochs, epoch => new JsonObject
            {
                ["epoch"] = epoch.Epoch,
                ["loss"] = epoch.Loss,
                ["validationLoss"] = epoch.ValidationLoss,
                ["validationAccuracy"] = epoch.ValidationAccuracy,
                ["imagesPerSecond"] = epoch.ImagesPerSecond,
            }),
            ["bestEpoch"] = tuned.BestEpoch,
            ["headTestAccuracy"] = tuned.HeadTestAccuracy?.Value,
            ["headTestInterval"] = tuned.HeadTestAccuracy is { } head ? Json.Of(head.Interval) : null,
        };
        json.Add(Json.Of(tuned.Test));
        json["metrics"] = tuned.Metrics;
        json["chart"] = tuned.Chart;
        json["report"] = html;
        json["skipped"] = Json.Of(tuned.Skipped);
        json["notes"] = Json.List(tuned.Notes, note => note);
        json["stages"] = Json.List(tuned.Stages, stage => new JsonObject { ["stage"] = stage.Stage, ["seconds"] = stage.Seconds });
        return json;
    }
}
