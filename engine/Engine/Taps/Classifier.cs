using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>
/// The end of a network, found by walking back from its result. The last layer is its classifier if it is a matrix product
/// with nothing but a softmax behind it, or a 1 x 1 convolution with nothing but activation, pooling and softmax behind it,
/// as in Network in Network (Lin, Chen and Yan, 2013) and SqueezeNet. Since a network whose classifier was cut off may end in
/// such a convolution too, one without a softmax counts only if it reads activations and its result is a vector.
/// </summary>
/// <param name="Logits">What the softmax reads, or the result where there is none; null without a classifier.</param>
/// <param name="Penultimate">What the classifier reads; the result itself without a classifier.</param>
internal sealed record Classifier(string? Logits, string Penultimate)
{
    /// <summary>Finds the end of the network.</summary>
    public static Classifier Of(GraphShapes shapes, ImageFlow flow, MainPath path)
    {
        var graph = shapes.Graph;
        var logits = path.Result;
        var tensor = path.Result;
        var softmax = false;
        var convolution = false;
        while (graph.Producer(tensor) is { } node && flow.Carriers(node).ToList() is [var source])
        {
            switch (node.OpType)
            {
                case "Softmax" or "LogSoftmax" when !softmax:
                    (softmax, logits) = (true, source);
                    break;
                case "Gemm" or "MatMul" when !convolution:
                    return new(logits, Source(graph, flow, source));
                case "Add" when graph.Producer(source)?.OpType == "MatMul": // a bias
                    break;
                case "Conv" when IsPointwise(graph, node) && (softmax || (IsVector(shapes, path.Result) && ReadsActivations(graph, flow, source))):
                    return new(logits, Source(graph, flow, source));
                case "Conv" or "Gemm" or "MatMul":
                    return new(null, Source(graph, flow, path.Result));
                default:
                    if (Operators.IsActivation(node.OpType) || Operators.IsPooling(graph, node))
                    {
                        convolution = true;
                    }
                    else if (!Operators.KeepsValues(node.OpType))
                    {
                        return new(null, Source(graph, flow, path.Result));
                    }

                    break;
            }

            tensor = source;
        }

        return new(null, Source(graph, flow, path.Result));
    }

    /// <summary>The tensor whose values <paramref name="tensor"/> repeats under another name or shape.</summary>
    public static string Source(Graph graph, ImageFlow flow, string tensor)
    {
        while (graph.Producer(tensor) is { } node && Operators.KeepsValues(node.OpType) && flow.Carriers(node).ToList() is [var source]
            && graph.Producer(source) is not null)
        {
            tensor = source;
        }

        return tensor;
    }

    private static bool IsPointwise(Graph graph, NodeProto node) =>
        node.Input.Count > 1 && graph.Constant(node.Input[1])?.Dims is [_, _, 1, 1];

    private static bool IsVector(GraphShapes shapes, string tensor) => shapes.Shape(tensor) is { Rank: 2 };

    private static bool ReadsActivations(Graph graph, ImageFlow flow, string tensor) =>
        graph.Producer(Source(graph, flow, tensor)) is { } node
        && (Operators.IsActivation(node.OpType)
            || (node.OpType == "Concat" && flow.Carriers(node).All(t => graph.Producer(t) is { } part && Operators.IsActivation(part.OpType))));
}
