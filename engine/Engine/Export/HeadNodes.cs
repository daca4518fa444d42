using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Engine;

/// <summary>
/// A head as nodes that mean the same in every operator set from 7 on: division by the code's length where the head is on
/// normalised codes, Gemm, its calibration, then Softmax over the classes, or for a multi-label head the Sigmoid of each.
/// </summary>
internal static class HeadNodes
{
    /// <summary>The output with the scores: float32 [N, K].</summary>
    public const string Logits = "logits";

    /// <summary>The output with the probabilities of <see cref="LinearHead.Probabilities"/>: float32 [N, K].</summary>
    public const string Probabilities = "probabilities";

    /// <summary>The symbol of the batch in what is written.</summary>
    public const string Batch = "N";

    // The least length whose square is a normal float32. Adding it changes no length above 1e-12, and a code of zeros becomes
    // 0 / 1e-19 = 0 in every runtime, where 0 / 0 would be no number.
    private const float LeastLength = 1e-19f;

    // From this operator set on the axes of a reduction are an input and no attribute.
    private const long AxesAreInput = 18;

    /// <summary>
    /// Appends the head and makes its two results the outputs of the graph. Tensors of the graph that have these names
    /// already get others; the codes have another name.
    /// </summary>
    /// <param name="graph">Receives the nodes.</param>
    /// <param name="codes">The tensor [N, D] that the head is applied to.</param>
    /// <param name="head">K x D weights and K intercepts, and the numbers of its calibration; each is rounded to float32 once.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Mathematics"/>: one of them is no finite float32.</exception>
    public static void Append(GraphBuilder graph, string codes, LinearHead head)
    {
        var (weights, intercepts) = Rounded(head);
        var classes = head.Labels.Count;
        graph.RenameTensor(Logits, graph.Unique("backbone/" + Logits));
        graph.RenameTensor(Probabilities, graph.Unique("backbone/" + Probabilities));
        var scores = graph.Add(
            "Gemm",
            [head.Normalized ? Normalized(graph, codes) : codes, graph.Constant("head/weights", weights, classes, head.Width), graph.Constant("head/intercepts", intercepts, classes)],
            Logits,
            ("transB", 1L));
        graph.RenameTensor(scores, Logits);
        var calibrated = head.Calibration is { } calibration ? Calibrated(graph, calibration) : Logits;
        var probabilities = head.IsMultiLabel
            ? graph.Add("Sigmoid", [Logits], Probabilities)
            : graph.Add("Softmax", [calibrated], Probabilities, ("axis", 1L));
        graph.RenameTensor(probabilities, Probabilities);
        graph.ClearOutputs();
        graph.Output(Logits, DataType.Float, Batch, classes);
        graph.Output(Probabilities, DataType.Float, Batch, classes);
    }

    /// <summary>The tensor that the weights of a head are applied to, where its nodes begin at <paramref name="codes"/>; null: at none that is known.</summary>
    public static string? WeightedCodes(Graph graph, string codes, bool normalized)
    {
        if (!normalized)
        {
            return codes;
        }

        return graph.Consumers(codes).FirstOrDefault(node => node.OpType == "Div") is { Input: [var dividend, var divisor], Output: [var quotient] }
            && dividend == codes
            && graph.Producer(divisor) is { OpType: "Add", Input: [var length, _] }
            && graph.Producer(length) is { OpType: "ReduceL2", Input: [var measured, ..] }
            && measured == codes
            ? quotient
            : null;
    }

    /// <summary>Codes divided by their lengths.</summary>
    private static string Normalized(GraphBuilder graph, string codes)
    {
        var length = graph.Opset < AxesAreInput
            ? graph.Add("ReduceL2", [codes], "head/length", ("axes", (long[])[1]), ("keepdims", 1L))
            : graph.Add("ReduceL2", [codes, graph.Constant("head/axis", [1L], 1)], "head/length", ("keepdims", 1L));
        var divisor = graph.Add("Add", [length, graph.Constant("head/least-length", [LeastLength], 1)], "head/divisor");
        return graph.Add("Div", [codes, divisor], "head/normalised");
    }

    /// <summary>
    /// What the softmax is taken of: a s, or for Platt's log sigmoid(a s + b) = -softplus(-a s - b), whose softmax is the
    /// normalised sigmoid, without 0 / 0 where every sigmoid underflows.
    /// </summary>
    private static string Calibrated(GraphBuilder graph, Calibration calibration)
    {
        var isPlatt = calibration.Method == CalibrationMethod.Platt;
        var scaled = graph.Add("Mul", [Logits, Constant("head/scales", calibration.Scales, isPlatt ? -1 : 1)], "head/scaled");
        if (!isPlatt)
        {
            return scaled;
        }

        var shifted = graph.Add("Add", [scaled, Constant("head/shifts", calibration.Shifts, -1)], "head/shifted");
        return graph.Add("Neg", [graph.Add("Softplus", [shifted], "head/softplus")], "head/log-sigmoids");

        string Constant(string name, IReadOnlyList<double> values, double sign)
        {
            float[] rounded = [.. values.Select(value => (float)(sign * value))];
            return rounded.All(float.IsFinite)
                ? graph.Constant(name, rounded, rounded.Length)
                : throw new OnnxTransferException(
                    FailureKind.Mathematics, "The head's calibration is not finite in float32; scale or standardise the codes, or leave the calibration out.");
        }
    }

    private static (float[] Weights, float[] Intercepts) Rounded(LinearHead head)
    {
        var (classes, width) = (head.Labels.Count, head.Width);
        var stored = head.Weights.Span;
        var (weights, intercepts) = (new float[classes * width], new float[classes]);
        for (var k = 0; k < classes; k++)
        {
            var row = stored.Slice(k * (width + 1), width + 1);
            intercepts[k] = (float)row[width];
            var finite = float.IsFinite(intercepts[k]);
            for (var d = 0; d < width; d++)
            {
                var weight = (float)row[d];
                weights[(k * width) + d] = weight;
                finite &= float.IsFinite(weight);
            }

            if (!finite)
            {
                throw new OnnxTransferException(
                    FailureKind.Mathematics,
                    $"The head's weights of the class '{head.Labels[k]}' are not finite in float32; train it again with a smaller C.");
            }
        }

        return (weights, intercepts);
    }
}
