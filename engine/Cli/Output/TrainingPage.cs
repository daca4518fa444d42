using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning;
using OnnxTransfer.Study;

namespace OnnxTransfer.Cli.Output;

/// <summary>A fine-tuning as the content of its HTML report.</summary>
internal static class TrainingPage
{
    public static TrainingContent Of(ParseResult parsed, FineTuneReport tuned, Backbone backbone, string source, string output) => new()
    {
        Data = source,
        Backbone = backbone.Model.Name,
        Learned = Sentences.Learned(tuned, backbone),
        TrainImages = tuned.TrainImages,
        ValidationImages = tuned.ValidationImages,
        Updates = [.. tuned.Losses.Select(update => new TrainedUpdate(update.Update, update.Loss, update.Rate))],
        Start = tuned.Start is { } start ? new TrainedEpoch(0, 0, null, start.Loss, start.Accuracy) : null,
        Epochs = [.. tuned.Epochs.Select(epoch => new TrainedEpoch(epoch.Epoch, epoch.Update, epoch.Loss, epoch.ValidationLoss, epoch.ValidationAccuracy))],
        BestEpoch = tuned.BestEpoch,
        Head = tuned.HeadTestAccuracy,
        Test = tuned.Test,
        NextCommand = $"onnxtransfer predict {Sentences.Word(output)} PHOTO",
        Settings =
        [
            new("Command", Sentences.CommandLine(parsed)),
            new("OnnxTransfer", typeof(TrainingPage).Assembly.GetName().Version!.ToString(3)),
            new("ONNX Runtime", tuned.Runtime),
            new("Model", backbone.Model.Name),
            new("SHA-256 of the model", backbone.Model.Sha256),
            new("Recipe", backbone.Recipe.ToJson()),
            new("New classifier at", $"{tuned.Tap.Point.Name}, {tuned.Tap.Pooling.ToText()}"),
            .. tuned.Description.Select(entry => new ReportSetting(Words(entry.Key), Value(entry.Value))),
        ],
        Stages = tuned.Stages,
        Notes = tuned.Notes,
        Skipped = tuned.Skipped,
    };

    /// <summary>"backboneFactor" as "Backbone factor".</summary>
    private static string Words(string name)
    {
        var words = new StringBuilder();
        foreach (var c in name)
        {
            words.Append(char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : words.Length == 0 ? char.ToUpperInvariant(c).ToString(CultureInfo.InvariantCulture) : c.ToString(CultureInfo.InvariantCulture));
        }

        return words.ToString();
    }

    private static string Value(JsonNode? value) => value?.ToString() switch
    {
        null => "none",
        "true" => "yes",
        "false" => "no",
        var text => text,
    };
}
