using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Cli.Output;

/// <summary>Prints predictions one by one as they come; none is held.</summary>
internal abstract class PredictionWriter(TextWriter output) : IDisposable
{
    protected TextWriter Output { get; } = output;

    /// <summary>Prints the first <paramref name="top"/> classes of a prediction.</summary>
    public abstract void Write(Prediction prediction, int top);

    /// <summary>Tells that no more predictions come; said on standard error in any case.</summary>
    public virtual void Fail(OnnxTransferException failure)
    {
    }

    /// <summary>Ends the output.</summary>
    public virtual void Dispose() => Output.Flush();

    protected static string Probability(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);
}

/// <summary>A line per image: its name, then classes with their probabilities; images with an error are told elsewhere.</summary>
internal sealed class TextPredictions(TextWriter output) : PredictionWriter(output)
{
    public override void Write(Prediction prediction, int top)
    {
        if (prediction.Error is null)
        {
            var classes = prediction.Ranked.Take(top).Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Label} {100 * item.Probability:F1} %"));
            Output.WriteLine($"{prediction.Image}: {string.Join(", ", classes)}");
        }
    }
}

/// <summary>A line per image and class, with a header; an image with an error has one line without a class.</summary>
internal sealed class CsvPredictions : PredictionWriter
{
    public CsvPredictions(TextWriter output)
        : base(output) => Output.WriteLine("image,rank,label,probability,error");

    public override void Write(Prediction prediction, int top)
    {
        if (prediction.Error is { } error)
        {
            Output.WriteLine($"{CsvField.Quoted(prediction.Image)},,,,{CsvField.Quoted(error)}");
            return;
        }

        var rank = 0;
        foreach (var item in prediction.Ranked.Take(top))
        {
            Output.WriteLine($"{CsvField.Quoted(prediction.Image)},{++rank},{CsvField.Quoted(item.Label)},{Probability(item.Probability)},");
        }
    }
}

/// <summary>One JSON object, written as it grows.</summary>
internal sealed class JsonPredictions : PredictionWriter
{
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly Utf8JsonWriter json;
    private OnnxTransferException? failure;

    public JsonPredictions(TextWriter output, string model)
        : base(output)
    {
        json = new Utf8JsonWriter(buffer, Json.Writing);
        json.WriteStartObject();
        json.WriteNumber("schema", Json.Schema);
        json.WriteString("command", "predict");
        json.WriteString("model", model);
        json.WriteStartArray("predictions");
    }

    public override void Write(Prediction prediction, int top)
    {
        json.WriteStartObject();
        json.WriteString("image", prediction.Image);
        if (prediction.Error is { } error)
        {
            json.WriteString("error", error);
        }
        else
        {
            json.WriteString("label", prediction.Best.Label);
            json.WriteNumber("probability", prediction.Best.Probability);
            json.WriteStartArray("top");
            foreach (var item in prediction.Ranked.Take(top))
            {
                json.WriteStartObject();
                json.WriteString("label", item.Label);
                json.WriteNumber("probability", item.Probability);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        Pass();
    }

    public override void Fail(OnnxTransferException failure) => this.failure = failure;

    public override void Dispose()
    {
        json.WriteEndArray();
        if (failure is not null)
        {
            json.WritePropertyName("error");
            Failures.Describe(failure).WriteTo(json);
        }

        json.WriteEndObject();
        Pass();
        json.Dispose();
        Output.WriteLine();
        base.Dispose();
    }

    private void Pass()
    {
        json.Flush();
        Output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        buffer.ResetWrittenCount();
    }
}
