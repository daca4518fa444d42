using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// A batch normalisation that takes mean and variance from the batch: y = s (x - m) / √(v + e) + b, with m the mean and v the
/// variance of each channel over images and positions, divided by their number M (Ioffe and Szegedy 2015).
/// </summary>
/// <remarks>
/// The running statistics move as PyTorch's do: running = momentum running + (1 - momentum) batch, where the batch's variance
/// is divided by M - 1. The text of ONNX divides that by M too; the attribute momentum is ONNX's, 1 less PyTorch's.
/// </remarks>
/// <param name="Output">y.</param>
/// <param name="Mean">The running mean that the node had as its input.</param>
/// <param name="NextMean">The running mean after the batch.</param>
/// <param name="Variance">The running variance that the node had as its input.</param>
/// <param name="NextVariance">The running variance after the batch.</param>
/// <param name="Rule">The gradient rule of the node that makes y, for Differentiation's special rules.</param>
internal sealed record TrainingBatchNorm(string Output, string Mean, string NextMean, string Variance, string NextVariance, GradientRule Rule)
{
    private static readonly (string Name, object Value) None = ("epsilon", 0f);

    /// <summary>Makes a node take its statistics from the batch.</summary>
    /// <param name="builder">Has the node; receives the nodes that compute the statistics, before it.</param>
    /// <param name="node">The BatchNormalization, not in training mode.</param>
    /// <param name="shape">The shape of its input.</param>
    /// <param name="channels">C.</param>
    /// <param name="custom">In the operators of <see cref="OperatorTable"/>, and not in ONNX's own.</param>
    public static TrainingBatchNorm Lower(GraphBuilder builder, NodeProto node, TensorShape shape, int channels, bool custom = false)
    {
        TrainingBatchNorm? lowered = null;
        builder.Before(node.Output[0], () => lowered = custom ? AppendCustom(builder, node, channels) : Append(builder, node, shape.Rank, channels));
        return lowered!;
    }

    private static TrainingBatchNorm Append(GraphBuilder builder, NodeProto node, int rank, int channels)
    {
        var (x, output) = (node.Input[0], node.Output[0]);
        var axes = builder.Constant($"{output}/axes", [0, .. Enumerable.Range(2, rank - 2).Select(axis => (long)axis)], rank - 1);
        var ones = builder.Constant($"{output}/ones", [.. Enumerable.Repeat(1f, channels)], channels);
        var zeros = builder.Constant($"{output}/zeros", new float[channels], channels);
        var one = builder.Constant($"{output}/one", [1f]);
        var elements = Add("Cast", [Add("Size", [x], "elements")], "elements/float", ("to", (long)DataType.Float));
        var count = Add("Div", [elements, builder.Constant($"{output}/channels", [(float)channels])], "count");
        var mean = Add("Div", [Add("ReduceSum", [x, axes], "sum", ("keepdims", 0L)), count], "mean");

        // With variance 1 and epsilon 0 the operator subtracts the mean, in one pass.
        var centred = Add("BatchNormalization", [x, ones, zeros, mean, ones], "centred", None);
        var squares = Add("ReduceSum", [Add("Mul", [centred, centred], "square"), axes], "squares", ("keepdims", 0L));
        var variance = Add("Div", [squares, count], "variance");
        var unbiased = Add("Div", [squares, Add("Sub", [count, one], "count/less")], "variance/unbiased");
        return Take(builder, node, mean, variance, unbiased, Rule);

        string Add(string op, string[] inputs, string name, params (string Name, object Value)[] attributes) =>
            builder.Add(op, inputs, $"{output}/{name}", attributes);

        // With x' = x - m and r = 1 / √(v + e): db = sum dy, ds = r sum(dy x'), dx = s r (dy - db / M - x' r² sum(dy x') / M).
        void Rule(GradientNode seen)
        {
            var rate = seen.Add("Reciprocal", [seen.Add("Sqrt", [seen.Add("Add", [variance, seen.Scalar(node.Float("epsilon", 1e-5f))])])]);
            var shift = PerChannel.Sum(seen, seen.Gradient, rank);
            var product = PerChannel.Sum(seen, seen.Mul(seen.Gradient, centred), rank);
            if (seen.Needs(1))
            {
                seen.Give(1, seen.Mul(product, rate));
            }

            if (seen.Needs(2))
            {
                seen.Give(2, shift);
            }

            if (seen.Needs(0))
            {
                var factor = seen.Mul(seen.Input(1), rate);
                var share = seen.Add("Neg", [seen.Add("Div", [factor, count])]);
                var slope = seen.Mul(seen.Mul(seen.Mul(share, product), rate), rate);
                var rest = seen.Add("BatchNormalization", [centred, slope, seen.Mul(share, shift), zeros, ones], None);
                seen.Give(0, seen.Add("Add", [seen.Mul(seen.Gradient, PerChannel.Along(seen, factor, rank)), rest]));
            }
        }
    }

    private static TrainingBatchNorm AppendCustom(GraphBuilder builder, NodeProto node, int channels)
    {
        var (x, output) = (node.Input[0], node.Output[0]);
        builder.Import(CustomDomain.Id, CustomDomain.Version);
        var found = builder.Add(CustomDomain.Id, BatchStatistics.Operator.Name, [x], [$"{output}/mean", $"{output}/variance"]);
        var elements = builder.Add("Cast", [builder.Add("Size", [x], $"{output}/elements")], $"{output}/elements/float", ("to", (long)DataType.Float));
        var count = builder.Add("Div", [elements, builder.Constant($"{output}/channels", [(float)channels])], $"{output}/count");
        var less = builder.Add("Sub", [count, builder.Constant($"{output}/one", [1f])], $"{output}/count/less");
        var unbiased = builder.Add("Mul", [found[1], builder.Add("Div", [count, less], $"{output}/larger")], $"{output}/variance/unbiased");
        return Take(builder, node, found[0], found[1], unbiased, seen => NormalisationRules.Append(seen, found[0], found[1], batch: true));
    }

    // The node takes the batch's statistics, and the running ones move towards them.
    private static TrainingBatchNorm Take(GraphBuilder builder, NodeProto node, string mean, string variance, string unbiased, GradientRule rule)
    {
        var (output, runningMean, runningVariance) = (node.Output[0], node.Input[3], node.Input[4]);
        var momentum = node.Float("momentum", 0.9f);
        builder.Rewire(output, 3, mean);
        builder.Rewire(output, 4, variance);
        return new(output, runningMean, Next(runningMean, mean), runningVariance, Next(runningVariance, unbiased), rule);

        string Next(string running, string batch)
        {
            var kept = builder.Add("Mul", [running, builder.Constant($"{output}/momentum", [momentum])], $"{output}/kept");
            var taken = builder.Add("Mul", [batch, builder.Constant($"{output}/rest", [1 - momentum])], $"{output}/taken");
            return builder.Add("Add", [kept, taken], $"{output}/next");
        }
    }
}
