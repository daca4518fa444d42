using System.Collections.Frozen;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>Operators that work element by element, with broadcasting; arithmetic on followed values is done.</summary>
internal static class ElementwiseRules
{
    /// <summary>The rules.</summary>
    public static readonly (string Op, ShapeRule Rule)[] All =
    [
        .. new[]
        {
            "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish",
            "Tanh", "Softplus", "Softsign", "Mish", "Gelu", "Swish", "Shrink", "Softmax", "LogSoftmax", "Hardmax", "Abs", "Exp", "Log",
            "Sqrt", "Reciprocal", "Erf", "Sign", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh",
            "Not", "CumSum", "BitwiseNot", "Trilu", "Floor", "Ceil", "Round",
        }.Select(op => (op, (ShapeRule)Same)),
        .. new[] { "Pow", "Mod", "BitShift", "And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Sum", "Mean", "Min", "Max" }
            .Select(op => (op, (ShapeRule)Broadcast)),
        .. new[] { "Greater", "Less", "GreaterOrEqual", "LessOrEqual" }.Select(op => (op, (ShapeRule)Compare)),
        .. new[] { "IsNaN", "IsInf" }.Select(op => (op, (ShapeRule)Test)),
        ("Add", node => Arithmetic(node, Dim.Add)),
        ("Sub", node => Arithmetic(node, Dim.Subtract)),
        ("Mul", node => Arithmetic(node, Dim.Multiply)),
        ("Div", node => Arithmetic(node, Quotient)),
        ("Neg", node => node.Gives(node.Shape(0), node.Values(0)?.Select(v => v * -1).ToList())),
        ("Identity", node => node.Gives(node.Shape(0), node.Values(0))),
        ("Equal", Equal),
        ("Where", Where),
    ];

    /// <summary>The operators that combine their inputs element by element.</summary>
    public static readonly FrozenSet<string> Combining = new[]
    {
        "Pow", "Mod", "BitShift", "And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Sum", "Mean", "Min", "Max", "Greater", "Less",
        "GreaterOrEqual", "LessOrEqual", "Add", "Sub", "Mul", "Div", "Equal", "Where", "PRelu",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static TensorFacts[] Same(NodeFacts node) => node.Gives(node.Shape(0));

    private static TensorFacts[] Test(NodeFacts node) => TensorFacts.One(DataType.Bool, node.Shape(0));

    private static TensorFacts[] Broadcast(NodeFacts node) => node.Gives(Common(node));

    private static TensorFacts[] Compare(NodeFacts node) => TensorFacts.One(DataType.Bool, Common(node));

    private static TensorFacts[] Arithmetic(NodeFacts node, Func<Dim, Dim, Dim> operation)
    {
        var shape = Common(node);
        return node.Gives(shape, Pairs(node, 0, 1, shape)?.Select(p => operation(p.A, p.B)).ToList());
    }

    // Whole numbers are cut toward zero; a quotient with symbols is known only where it is exact.
    private static Dim Quotient(Dim a, Dim b) =>
        a.Value is { } x && b.Value is { } y && y != 0 && (x != long.MinValue || y != -1) ? x / y : a / b;

    private static TensorFacts[] Equal(NodeFacts node)
    {
        var shape = Common(node);
        var values = Pairs(node, 0, 1, shape)?.Select(p =>
            p.A.Value is { } a && p.B.Value is { } b ? (a == b ? 1 : 0)
            : p.A.IsKnown && p.A == p.B ? 1
            : Negative(p.A, p.B) || Negative(p.B, p.A) ? 0 : Dim.Unknown).ToList();
        return TensorFacts.One(DataType.Bool, shape, values);

        // A dimension is never the -1 that exporters compare it with.
        static bool Negative(Dim a, Dim b) => a.Value < 0 && b.Symbol is not null && b.Factor > 0;
    }

    private static TensorFacts[] Where(NodeFacts node)
    {
        var shape = Common(node);
        IReadOnlyList<Dim>? values = null;
        if (node.Values(0) is { } conditions && Pairs(node, 1, 2, shape) is { } pairs && conditions.Count == pairs.Count)
        {
            values = [.. conditions.Zip(pairs, (c, p) => c.Value is { } chosen ? (chosen != 0 ? p.A : p.B) : p.A == p.B ? p.A : Dim.Unknown)];
        }

        return TensorFacts.One(node.Type(1), shape, values);
    }

    private static TensorShape? Common(NodeFacts node)
    {
        var shape = node.Shape(0);
        for (var i = 1; i < node.Inputs && shape is not null; i++)
        {
            shape = node.Shape(i) is { } next ? Broadcasting.Of(node, shape, next) : null;
        }

        return shape;
    }

    // The followed values of two inputs side by side: vectors of one length, or one value against all.
    private static List<(Dim A, Dim B)>? Pairs(NodeFacts node, int first, int second, TensorShape? shape)
    {
        if (shape?.Count is not (>= 0 and <= TensorFacts.MostValues and var count) || shape.Rank > 1 || node.Values(first) is not { } a || node.Values(second) is not { } b
            || (a.Count != count && a.Count != 1) || (b.Count != count && b.Count != 1))
        {
            return null;
        }

        return [.. Enumerable.Range(0, (int)count).Select(i => (a[a.Count == 1 ? 0 : i], b[b.Count == 1 ? 0 : i]))];
    }
}
