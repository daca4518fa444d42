using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The cross-entropy of the softmax: with t' = (1 - e) t + e/K the smoothed targets and w the classes' weights,
/// loss = -sum_ik w_k t'_ik log p_ik / sum_ik w_k t_ik, p_i = softmax of image i's logits (Szegedy et al. 2016).
/// For targets that name one class it is PyTorch's weighted mean with label smoothing.
/// </summary>
internal static class SoftmaxCrossEntropy
{
    /// <summary>Appends the loss and returns its name: a scalar.</summary>
    /// <param name="builder">Receives the nodes.</param>
    /// <param name="logits">The scores: [N, K].</param>
    /// <param name="targets">The share of each class in each image's label: [N, K], not all 0 together with their weights.</param>
    /// <param name="classes">K.</param>
    /// <param name="smoothing">e, from 0 to under 1.</param>
    /// <param name="weights">w, one for each class, or null for 1 each.</param>
    public static string Append(GraphBuilder builder, string logits, string targets, int classes, float smoothing = 0, IReadOnlyList<float>? weights = null)
    {
        var logs = builder.Add("LogSoftmax", [logits], "loss/logs", ("axis", 1L));
        var weighted = weights is null ? targets : builder.Add("Mul", [targets, builder.Constant("loss/weights", [.. weights], classes)], "loss/weighted");
        var smoothed = weighted;
        if (smoothing > 0)
        {
            float[] rest = [.. Enumerable.Range(0, classes).Select(k => (weights?[k] ?? 1) * smoothing / classes)];
            var kept = builder.Add("Mul", [weighted, builder.Constant("loss/kept", [1 - smoothing])], "loss/kept");
            smoothed = builder.Add("Add", [kept, builder.Constant("loss/rest", rest, classes)], "loss/smoothed");
        }

        var sum = builder.Add("ReduceSum", [builder.Add("Mul", [logs, smoothed], "loss/products")], "loss/sum", ("keepdims", 0L));
        var total = builder.Add("ReduceSum", [weighted], "loss/total", ("keepdims", 0L));
        return builder.Add("Neg", [builder.Add("Div", [sum, total], "loss/quotient")], "loss");
    }
}
