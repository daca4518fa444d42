using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>A Relu or a Clip between constants that is the one reader of a map: the node before it can do its work on the way.</summary>
/// <param name="Output">What it makes.</param>
/// <param name="Low">Its lower bound.</param>
/// <param name="High">Its upper bound.</param>
/// <param name="Above">Gradients pass where its input is over this.</param>
/// <param name="Below">And under this.</param>
internal sealed record Activation(string Output, float Low, float High, float Above, float Below)
{
    /// <summary>The activation behind a map, or null where the map has another reader or is put out.</summary>
    public static Activation? Behind(string map, Graph graph)
    {
        if (graph.Outputs.Any(output => output.Name == map) || graph.Consumers(map) is not [{ Domain: "" or "ai.onnx" } reader] || reader.Input[0] != map)
        {
            return null;
        }

        if (reader.OpType == "Relu")
        {
            return new(reader.Output[0], 0, float.PositiveInfinity, 0, float.PositiveInfinity);
        }

        return reader.OpType == "Clip" && Bound(1, float.NegativeInfinity) is { } low && Bound(2, float.PositiveInfinity) is { } high
            ? new(reader.Output[0], low, high, MathF.BitDecrement(low), MathF.BitIncrement(high))
            : null;

        float? Bound(int input, float none) => reader.Input.Count <= input || reader.Input[input].Length == 0 ? none
            : graph.Constant(reader.Input[input]) is { } tensor && TensorData.Floats(tensor) is [var bound] ? bound : null;
    }

    /// <summary>Whether the node before an activation takes its gradient.</summary>
    public static bool IsTaken(GradientNode activation) =>
        activation.Producer(0) is { } before && Behind(before.Output(), before.Shapes.Graph) is not null
        && (NormalisationRules.Has(before) || ConvolutionRules.Has(before.Node, before.Shapes));
}
