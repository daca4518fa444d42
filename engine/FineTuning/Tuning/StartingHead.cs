using System.Text.Json;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.FineTuning;

/// <summary>The linear head that a training began with, kept in its folder so that a resumed training does not train it again.</summary>
/// <param name="Head">The head; its classifier has the same bits as before, since weights are rounded to float32 there too.</param>
/// <param name="TestAccuracy">Its accuracy on the test part, where there is one.</param>
internal sealed record StartingHead(LinearHead Head, MetricEstimate? TestAccuracy)
{
    private const string HeadName = "head.onnx";
    private const string AccuracyName = "head.json";

    /// <summary>The files in a training's folder.</summary>
    public static IEnumerable<string> Files(string folder) => [Path.Combine(folder, HeadName), Path.Combine(folder, AccuracyName)];

    /// <summary>Reads it.</summary>
    /// <param name="folder">The training's folder.</param>
    /// <param name="tap">Where the head sits.</param>
    /// <returns>Null where none was kept.</returns>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: it takes other codes; <see cref="FailureKind.Model"/> or <see cref="FailureKind.Data"/>: a file is damaged.
    /// </exception>
    public static StartingHead? Read(string folder, Tap tap)
    {
        var (model, accuracy) = (Path.Combine(folder, HeadName), Path.Combine(folder, AccuracyName));
        if (!File.Exists(model))
        {
            return null;
        }

        var head = HeadFile.Read(model).Head;
        if (head.Width != tap.Width)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The training in {folder} began with a head on codes of {head.Width} numbers, and {tap.Point.Name} gives {tap.Width}; resume with the same options, or start anew.");
        }

        try
        {
            return new StartingHead(head, JsonSerializer.Deserialize<MetricEstimate?>(File.ReadAllText(accuracy), JsonSerializerOptions.Web));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{accuracy} has no usable accuracy: {e.Message.TrimEnd('.')}; remove {model}, and the head is trained again.", e);
        }
    }

    /// <summary>Keeps it; the head, which is asked for first, is written last.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: a file cannot be written.</exception>
    public void Write(string folder)
    {
        WholeFile.WriteText(Path.Combine(folder, AccuracyName), JsonSerializer.Serialize(TestAccuracy, JsonSerializerOptions.Web) + "\n");
        HeadFile.Write(Head, null, [], Path.Combine(folder, HeadName));
    }
}
