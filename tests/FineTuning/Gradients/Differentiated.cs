using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>A graph with a scalar result and the graph of its gradients, and three ways to compute them.</summary>
internal sealed record Differentiated(Graph Forward, Graph Backward, string Loss, IReadOnlyDictionary<string, string> Gradients, IReadOnlyDictionary<string, Nd> Inputs)
{
    private const double Step = 1e-5;

    public static Differentiated Of(
        OnnxModel model, string loss, IReadOnlyDictionary<string, Nd> inputs, string[] parameters, IReadOnlyDictionary<string, GradientRule>? special = null)
    {
        var forward = new Graph(model);
        var builder = new GraphBuilder(model);
        var gradients = Differentiation.Append(builder, ShapeInference.Infer(forward), loss, parameters, special);
        builder.ClearOutputs();
        foreach (var output in gradients.Values.Append(loss).Distinct())
        {
            builder.Output(output, DataType.Float);
        }

        return new(forward, new Graph(builder.Build()), loss, gradients, inputs);
    }

    /// <summary>The gradients, computed in double by their graph.</summary>
    public IReadOnlyDictionary<string, double[]> Reference()
    {
        string[] names = [.. Gradients.Keys];
        var values = ReferenceEvaluator.Run(Backward, Inputs, [.. names.Select(name => Gradients[name])]);
        return names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second.Dims.SequenceEqual(Inputs[pair.First].Dims)
            ? pair.Second.Floats
            : throw new InvalidOperationException($"The gradient of {pair.First} is [{string.Join(", ", pair.Second.Dims)}]."));
    }

    /// <summary>Central differences of the result in double.</summary>
    public IReadOnlyDictionary<string, double[]> Differences() => Gradients.Keys.ToDictionary(name => name, name =>
        Enumerable.Range(0, Inputs[name].Count).Select(i => (At(name, i, Step) - At(name, i, -Step)) / (2 * Step)).ToArray());

    /// <summary>The gradients, and the result by its name, as ONNX Runtime computes them in float32.</summary>
    public IReadOnlyDictionary<string, double[]> Runtime()
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1 };
        using var session = new InferenceSession(Backward.Model.ToBytes(), options);
        using var run = new RunOptions();
        var fed = Inputs.Where(input => session.InputMetadata.ContainsKey(input.Key)).ToDictionary(
            input => input.Key, input => OrtValue.CreateTensorValueFromMemory<float>([.. input.Value.Floats.Select(value => (float)value)], input.Value.Dims));
        using var results = session.Run(run, fed, [.. session.OutputMetadata.Keys]);
        var values = session.OutputMetadata.Keys.Zip(results).ToDictionary(
            pair => pair.First, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray().Select(value => (double)value).ToArray());
        foreach (var value in fed.Values)
        {
            value.Dispose();
        }

        return Gradients.Append(new(Loss, Loss)).ToDictionary(pair => pair.Key, pair => values[pair.Value]);
    }

    /// <summary>The largest difference of two sets of gradients, each by the largest number of its tensor.</summary>
    public static double Error(IReadOnlyDictionary<string, double[]> found, IReadOnlyDictionary<string, double[]> expected) =>
        expected.Max(pair => Error(found[pair.Key], pair.Value));

    /// <summary>The largest difference by the largest number expected; numbers under a thousandth count as that.</summary>
    public static double Error(double[] found, double[] expected) => found.Length == expected.Length
        ? found.Zip(expected).Max(pair => double.IsFinite(pair.First) ? Math.Abs(pair.First - pair.Second) : double.PositiveInfinity)
            / Math.Max(expected.Max(Math.Abs), 1e-3)
        : double.PositiveInfinity;

    private double At(string name, int element, double step)
    {
        var moved = Inputs[name].Floats.ToArray();
        moved[element] += step;
        var inputs = new Dictionary<string, Nd>(Inputs) { [name] = Nd.Of(moved, Inputs[name].Dims) };
        return ReferenceEvaluator.Run(Forward, inputs, Loss)[0].Floats[0];
    }
}
