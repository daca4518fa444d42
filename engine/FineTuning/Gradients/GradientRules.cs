using System.Collections.Frozen;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning;

/// <summary>Gives the inputs of a node their gradients, from those of its outputs.</summary>
/// <exception cref="NoGradientException">The node, as it is, cannot be differentiated.</exception>
internal delegate void GradientRule(GradientNode node);

/// <summary>The one table of rules, by operator; each rule stands in a file of its own in Rules/.</summary>
internal static class GradientRules
{
    private static readonly FrozenDictionary<string, GradientRule> Table = new Dictionary<string, GradientRule>
    {
        ["Abs"] = AbsGradient.Rule,
        ["Add"] = AddGradient.Rule,
        ["AveragePool"] = AveragePoolGradient.Rule,
        ["BatchNormalization"] = BatchNormalizationGradient.Rule,
        ["Cast"] = CastGradient.Rule,
        ["Clip"] = ClipGradient.Rule,
        ["Concat"] = ConcatGradient.Rule,
        ["Conv"] = ConvGradient.Rule,
        ["Div"] = DivGradient.Rule,
        ["Dropout"] = DropoutGradient.Rule,
        ["Elu"] = EluGradient.Rule,
        ["Erf"] = ErfGradient.Rule,
        ["Exp"] = ExpGradient.Rule,
        ["Expand"] = ExpandGradient.Rule,
        ["Flatten"] = ReshapeGradient.Rule,
        ["Gather"] = GatherGradient.Rule,
        ["Gelu"] = GeluGradient.Rule,
        ["Gemm"] = GemmGradient.Rule,
        ["GlobalAveragePool"] = GlobalAveragePoolGradient.Rule,
        ["GlobalMaxPool"] = GlobalMaxPoolGradient.Rule,
        ["GroupNormalization"] = GroupNormalizationGradient.Rule,
        ["HardSigmoid"] = HardSigmoidGradient.Rule,
        ["HardSwish"] = HardSwishGradient.Rule,
        ["Identity"] = IdentityGradient.Rule,
        ["InstanceNormalization"] = InstanceNormalizationGradient.Rule,
        ["LRN"] = LRNGradient.Rule,
        ["LayerNormalization"] = LayerNormalizationGradient.Rule,
        ["LeakyRelu"] = LeakyReluGradient.Rule,
        ["Log"] = LogGradient.Rule,
        ["LogSoftmax"] = LogSoftmaxGradient.Rule,
        ["MatMul"] = MatMulGradient.Rule,
        ["Max"] = ExtremeGradient.Rule,
        ["MaxPool"] = MaxPoolGradient.Rule,
        ["Min"] = ExtremeGradient.Rule,
        ["Mish"] = MishGradient.Rule,
        ["Mul"] = MulGradient.Rule,
        ["Neg"] = NegGradient.Rule,
        ["PRelu"] = PReluGradient.Rule,
        ["Pad"] = PadGradient.Rule,
        ["Pow"] = PowGradient.Rule,
        ["Reciprocal"] = ReciprocalGradient.Rule,
        ["ReduceMean"] = ReduceGradient.Rule,
        ["ReduceSum"] = ReduceGradient.Rule,
        ["Relu"] = ReluGradient.Rule,
        ["Reshape"] = ReshapeGradient.Rule,
        ["Resize"] = ResizeGradient.Rule,
        ["Selu"] = SeluGradient.Rule,
        ["Sigmoid"] = SigmoidGradient.Rule,
        ["Slice"] = SliceGradient.Rule,
        ["Softmax"] = SoftmaxGradient.Rule,
        ["Softplus"] = SoftplusGradient.Rule,
        ["Split"] = SplitGradient.Rule,
        ["Sqrt"] = SqrtGradient.Rule,
        ["Squeeze"] = ReshapeGradient.Rule,
        ["Sub"] = SubGradient.Rule,
        ["Sum"] = SumGradient.Rule,
        ["Swish"] = SwishGradient.Rule,
        ["Tanh"] = TanhGradient.Rule,
        ["Transpose"] = TransposeGradient.Rule,
        ["Unsqueeze"] = ReshapeGradient.Rule,
        ["Where"] = WhereGradient.Rule,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The operators that have a rule, in ordinal order.</summary>
    public static IReadOnlyList<string> Operators { get; } = [.. Table.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The rule of a node's operator, or null: other domains have none.</summary>
    public static GradientRule? Of(NodeProto node) => node.Domain is "" or "ai.onnx" ? Table.GetValueOrDefault(node.OpType) : null;
}
