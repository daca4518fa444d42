using System.Text.Json;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests;

/// <summary>
/// The network, the data and the results of tests/goldens/training/small_convnet.py, its gradients written by hand, so that engines
/// are tried without the compiler. One running statistic stands beside it: a moving mean of the pixels of each channel.
/// </summary>
internal sealed class SmallConvNet
{
    public const int Images = 8;
    private const int Batches = 20, Classes = 3, Pixels = 3 * 6 * 6;
    private uint state = 1;

    public SmallConvNet(bool decays = true, bool statistic = false)
    {
        Parameter[] parameters = [.. new (string Name, long[] Dims)[] { ("conv.weight", [4, 3, 3, 3]), ("conv.bias", [4]), ("fc.weight", [3, 4]), ("fc.bias", [3]) }
            .Select(p => new Parameter(p.Name, p.Dims, 1, decays))];
        Program = Make(parameters, statistic ? [new Statistic("mean", "next", 3)] : []);
        Start = new TrainingState
        {
            Parameters = parameters.ToDictionary(p => p.Name, p => Noise(p.Count)),
            Statistics = Program.Statistics.ToDictionary(s => s.Name, s => new float[s.Count]),
            Moments = new Dictionary<string, float[][]>(),
            Step = 0,
        };
        Data = [.. Enumerable.Range(0, Batches).Select(_ => Batch())];
    }

    public TrainingProgram Program { get; }

    public TrainingState Start { get; }

    public IReadOnlyList<TrainingBatch> Data { get; }

    public static AdamW AdamW => new() { WeightDecay = 0.01 };

    /// <summary>What PyTorch found.</summary>
    public static Golden Expected() => JsonSerializer.Deserialize<Golden>(
        File.ReadAllText(Repository.PathOf("tests", "goldens", "training", "small_convnet.json")), JsonSerializerOptions.Web)!;

    /// <summary>The means over the pixels of each channel, which the statistic moves a tenth of the way to.</summary>
    public static float[] Means(TrainingBatch batch) => [.. Enumerable.Range(0, 3).Select(channel => Enumerable.Range(0, Images)
        .SelectMany(image => batch.Inputs[0].Skip((image * Pixels) + (channel * 36)).Take(36)).Average())];

    private static TrainingProgram Make(Parameter[] parameters, Statistic[] statistics)
    {
        var gradients = Forward(parameters, statistics, training: true);
        string[] names = Backward(gradients);
        for (var i = 0; i < names.Length; i++)
        {
            gradients.Output(names[i], DataType.Float, [.. parameters[i].Dims.Select(dim => (object)dim)]);
        }

        foreach (var statistic in statistics)
        {
            var means = gradients.Add("ReduceMean", ["x"], "means", ("axes", new long[] { 0, 2, 3 }), ("keepdims", 0L));
            var kept = gradients.Add("Mul", [statistic.Name, gradients.Constant("most", [0.9f])], "kept");
            gradients.Output(gradients.Add("Add", [kept, gradients.Add("Mul", [means, gradients.Constant("tenth", [0.1f])], "moved")], statistic.Next), DataType.Float, 3);
        }

        return new TrainingProgram
        {
            Gradients = gradients.Build(),
            Evaluation = Forward(parameters, statistics, training: false).Build(),
            Inputs = [new ProgramInput("x", [3, 6, 6])],
            Parameters = parameters,
            GradientOutputs = names,
            Statistics = statistics,
            Classes = Classes,
        };
    }

    // In evaluation the statistic is taken off the pixels, so that the logits tell whether it has moved.
    private static GraphBuilder Forward(Parameter[] parameters, Statistic[] statistics, bool training)
    {
        var graph = GraphBuilder.Empty("small", 17, 8);
        graph.Input("x", DataType.Float, "N", 3, 6, 6);
        foreach (var parameter in parameters)
        {
            graph.Input(parameter.Name, DataType.Float, [.. parameter.Dims.Select(dim => (object)dim)]);
        }

        foreach (var statistic in statistics)
        {
            graph.Input(statistic.Name, DataType.Float, statistic.Count);
        }

        graph.Input(TrainingProgram.Targets, DataType.Float, "N", Classes);
        var pixels = training || statistics.Length == 0 ? "x" : graph.Add("Sub", ["x", graph.Add("Reshape", [statistics[0].Name, graph.Constant("channels", [3L, 1, 1], 3)], "column")], "centred");
        var relu = graph.Add("Relu", [graph.Add("Conv", [pixels, "conv.weight", "conv.bias"], "conv", ("pads", new long[] { 1, 1, 1, 1 }))], "relu");
        var codes = graph.Add("Flatten", [graph.Add("GlobalAveragePool", [relu], "pool")], "codes");
        var logits = graph.Add("Gemm", [codes, "fc.weight", "fc.bias"], TrainingProgram.Logits, ("transB", 1L));
        var picked = graph.Add("Mul", [graph.Add("LogSoftmax", [logits], "logp", ("axis", 1L)), TrainingProgram.Targets], "picked");
        var rows = graph.Add("ReduceSum", [picked, graph.Constant("axis1", [1L], 1)], "rows", ("keepdims", 0L));
        graph.Output(graph.Add("Neg", [graph.Add("ReduceMean", [rows], "average", ("keepdims", 0L))], TrainingProgram.Loss), DataType.Float);
        graph.Output(logits, DataType.Float, "N", Classes);
        return graph;
    }

    private static string[] Backward(GraphBuilder graph)
    {
        var count = graph.Add("Cast", [graph.Add("Shape", [TrainingProgram.Targets], "extent", ("end", 1L))], "count", ("to", (long)DataType.Float));
        var scores = graph.Add("Div", [graph.Add("Sub", [graph.Add("Exp", ["logp"], "p"), TrainingProgram.Targets], "off"), count], "d logits");
        var weight = graph.Add("Gemm", [scores, "codes"], "d fc.weight", ("transA", 1L));
        var bias = graph.Add("ReduceSum", [scores, graph.Constant("axis0", [0L], 1)], "d fc.bias", ("keepdims", 0L));
        var mean = graph.Add("Mul", [graph.Add("MatMul", [scores, "fc.weight"], "d codes"), graph.Constant("area", [1f / 36])], "d pool");
        var zero = graph.Constant("zero", [0f]);
        var map = graph.Add("Where", [graph.Add("Greater", ["relu", zero], "on"), graph.Add("Unsqueeze", [mean, graph.Constant("axes23", [2L, 3], 2)], "d map"), zero], "d conv");
        long[] swap = [1, 0, 2, 3];
        var turned = graph.Add("Conv", [graph.Add("Transpose", ["x"], "xT", ("perm", swap)), graph.Add("Transpose", [map], "dT", ("perm", swap))], "wT", ("pads", new long[] { 1, 1, 1, 1 }));
        return
        [
            graph.Add("Transpose", [turned], "d conv.weight", ("perm", swap)),
            graph.Add("ReduceSum", [map, graph.Constant("axes023", [0L, 2, 3], 3)], "d conv.bias", ("keepdims", 0L)),
            weight, bias,
        ];
    }

    private uint Upper()
    {
        state = unchecked((1664525 * state) + 1013904223);
        return state >> 16;
    }

    private float[] Noise(int count) => [.. Enumerable.Range(0, count).Select(_ => (Upper() / 32768f) - 1)];

    private TrainingBatch Batch()
    {
        var pixels = Noise(Images * Pixels);
        var targets = new float[Images * Classes];
        for (var i = 0; i < Images; i++)
        {
            targets[(i * Classes) + (int)(Upper() % Classes)] = 1;
        }

        return new TrainingBatch(Images, [pixels], targets);
    }

    internal sealed record Golden(float[] Losses, Dictionary<string, float[]> Gradients, Dictionary<string, float[]> Weights);
}
