using System.Text.Json;
using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>A node of tests/goldens/gradients/cases.json, and what PyTorch says of its gradients; make_goldens.py tells the format.</summary>
internal sealed class GradientCase(JsonElement json)
{
    private const int Batch = 2;
    private const int Weights = 100;

    public static IReadOnlyList<GradientCase> All { get; } = [.. GradientGoldens.Read("cases").EnumerateArray().Select(json => new GradientCase(json))];

    public string Op => json.GetProperty("op").GetString()!;

    public string Name => $"{Op}: {json.GetProperty("name").GetString()}";

    /// <summary>Whether inputs lie where the function has no derivative, so that differences say nothing.</summary>
    public bool Kinks => json.TryGetProperty("kinks", out _);

    public override string ToString() => Name;

    /// <summary>The node, its output times weights added up, and the gradients of that.</summary>
    /// <param name="opset">The operator set where the case is not of one: 17, the least that is differentiated.</param>
    /// <param name="rule">The node's rule; null: that of its operator.</param>
    public Differentiated Differentiate(int opset = 17, GradientRule? rule = null)
    {
        var values = new Dictionary<string, Nd>();
        opset = Int("opset", opset);
        var builder = GraphBuilder.Empty("case", opset, opset > 18 ? 10 : 8);
        var inputs = json.GetProperty("inputs").EnumerateObject().Select((input, i) => Input(builder, values, input, i + 1)).ToList();
        inputs = [.. Enumerable.Repeat(inputs, Int("repeat", 1)).SelectMany(names => names)];
        var attributes = json.TryGetProperty("attributes", out var list) ? list.EnumerateObject().Select(a => (a.Name, Attribute(a.Value))).ToArray() : [];
        var outputs = builder.Add(string.Empty, Op, inputs, [.. Enumerable.Range(0, Int("outputs", 1)).Select(i => $"y{i}")], attributes);
        var used = json.TryGetProperty("used", out var some) ? some.EnumerateArray().Select(i => outputs[i.GetInt32()]).ToArray() : [.. outputs];
        var loss = Loss(builder, values, used);
        return Differentiated.Of(
            builder.Build(), loss, values, [.. values.Keys.Where(name => !name.StartsWith("weights", StringComparison.Ordinal))],
            rule is null ? null : new Dictionary<string, GradientRule> { [outputs[0]] = rule });
    }

    /// <summary>Appends the sum of outputs times weights, which become inputs.</summary>
    public static string Loss(GraphBuilder builder, Dictionary<string, Nd> values, params string[] outputs)
    {
        var forward = new Graph(builder.Build());
        var shapes = ShapeInference.Infer(forward);
        var sums = new List<string>();
        foreach (var (output, i) in outputs.Select((output, i) => (output, i)))
        {
            var dims = ReferenceEvaluator.Run(forward, values, output)[0].Dims;
            var name = $"weights{i}";
            builder.Input(name, DataType.Float, [.. dims.Select((dim, axis) => (object?)shapes.Shape(output)?[axis].Symbol ?? dim)]);
            values[name] = Nd.Of(GradientGoldens.Values((int)dims.Aggregate(1L, (product, dim) => product * dim), Weights + i), dims);
            sums.Add(builder.Add("ReduceSum", [builder.Add("Mul", [output, name], $"weighted{i}")], $"sum{i}", ("keepdims", 0L)));
        }

        return sums.Count == 1 ? sums[0] : builder.Add("Sum", sums, "loss");
    }

    private int Int(string name, int otherwise) => json.TryGetProperty(name, out var value) ? value.GetInt32() : otherwise;

    private static string Input(GraphBuilder builder, Dictionary<string, Nd> values, JsonProperty input, int seed)
    {
        var (name, given) = (input.Name, input.Value);
        if (given.ValueKind == JsonValueKind.Null)
        {
            return string.Empty;
        }

        var shape = (given.ValueKind == JsonValueKind.Array ? given : given.GetProperty("shape")).EnumerateArray().ToList();
        long[] dims = [.. shape.Select(dim => dim.ValueKind == JsonValueKind.String ? Batch : dim.GetInt64())];
        if (given.ValueKind == JsonValueKind.Object)
        {
            if (given.TryGetProperty("constant", out var numbers))
            {
                return builder.Constant(name, [.. numbers.EnumerateArray().Select(value => value.GetSingle())], dims);
            }

            if (given.TryGetProperty("longs", out var longs))
            {
                return builder.Constant(name, [.. longs.EnumerateArray().Select(value => value.GetInt64())], dims);
            }

            foreach (var (list, type) in new[] { ("bools", DataType.Bool), ("ints", DataType.Int32) })
            {
                if (given.TryGetProperty(list, out var elements))
                {
                    var constant = builder.Constant(name, [.. elements.EnumerateArray().Select(value => value.GetInt64())], dims);
                    return builder.Add("Cast", [constant], $"{name}/{list}", ("to", (long)type));
                }
            }
        }

        builder.Input(name, DataType.Float, [.. shape.Select(dim => dim.ValueKind == JsonValueKind.String ? (object)dim.GetString()! : dim.GetInt64())]);
        var bounds = given.ValueKind == JsonValueKind.Object && given.TryGetProperty("low", out var low)
            ? (low.GetDouble(), given.GetProperty("high").GetDouble())
            : (-1, 1);
        values[name] = Nd.Of(
            given.ValueKind == JsonValueKind.Object && given.TryGetProperty("floats", out var floats)
                ? [.. floats.EnumerateArray().Select(value => value.GetDouble())]
                : GradientGoldens.Values((int)dims.Aggregate(1L, (product, dim) => product * dim), seed, bounds.Item1, bounds.Item2),
            dims);
        return name;
    }

    private static object Attribute(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => value.EnumerateArray().Select(number => number.GetInt64()).ToArray(),
        _ => value.GetRawText().Contains('.', StringComparison.Ordinal) ? (object)value.GetSingle() : value.GetInt64(),
    };
}
