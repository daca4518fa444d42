using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Engine;

/// <summary>A head as two nodes that mean the same in every operator set from 7 on: Gemm, then Softmax over the classes.</summary>
internal static class HeadNodes
{
    /// <summary>The output with the scores: float32 [N, K].</summary>
    public const string Logits = "logits";

    /// <summary>The output with the softmax of the scores: float32 [N, K].</summary>
    public const string Probabilities = "probabilities";

    /// <summary>The symbol of the batch in what is written.</summary>
    public const string Batch = "N";

    /// <summary>
    /// Appends the head and makes its two results the outputs of the graph. Tensors of the graph that have these names
    /// already get others; the codes have another name.
    /// </summary>
    /// <param name="graph">Receives the nodes.</param>
    /// <param name="codes">The tensor [N, D] that the head is applied to.</param>
    /// <param name="head">K x D weights and K intercepts; each is rounded to float32 once.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Mathematics"/>: a weight is no finite float32.</exception>
    public static void Append(GraphBuilder graph, string codes, LinearHead head)
    {
        var (weights, intercepts) = Rounded(head);
        var classes = head.Labels.Count;
        graph.RenameTensor(Logits, graph.Unique("backbone/" + Logits));
        graph.RenameTensor(Probabilities, graph.Unique("backbone/" + Probabilities));
        var scores = graph.Add(
            "Gemm",
            [codes, graph.Constant("head/weights", weights, classes, head.Width), graph.Constant("head/intercepts", intercepts, classes)],
            Logits,
            ("transB", 1L));
        graph.RenameTensor(scores, Logits);
        graph.RenameTensor(graph.Add("Softmax", [Logits], Probabilities, ("axis", 1L)), Probabilities);
        graph.ClearOutputs();
        graph.Output(Logits, DataType.Float, Batch, classes);
        graph.Output(Probabilities, DataType.Float, Batch, classes);
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
