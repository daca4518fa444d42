using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>Arithmetic and comparisons element by element, with broadcasting.</summary>
internal static class ElementwiseOperators
{
    public static readonly (string Op, Func<RefNode, Nd[]> Compute)[] All =
    [
        ("Add", node => Both(node, (a, b) => a + b, (a, b) => a + b)),
        ("Sub", node => Both(node, (a, b) => a - b, (a, b) => a - b)),
        ("Mul", node => Both(node, (a, b) => a * b, (a, b) => a * b)),
        ("Div", node => Both(node, (a, b) => a / b, (a, b) => a / b)),
        ("Pow", Pow),
        ("Sum", node => Fold(node, (a, b) => a + b)),
        ("Max", node => Fold(node, Math.Max)),
        ("Min", node => Fold(node, Math.Min)),
        ("Greater", node => Compare(node, (a, b) => a > b)),
        ("Less", node => Compare(node, (a, b) => a < b)),
        ("GreaterOrEqual", node => Compare(node, (a, b) => a >= b)),
        ("LessOrEqual", node => Compare(node, (a, b) => a <= b)),
        ("Equal", node => Compare(node, (a, b) => a == b)),
        ("And", node => Compare(node, (a, b) => a != 0 && b != 0)),
        ("Not", node => [Nd.Of([.. node[0].Longs.Select(value => value == 0)], node[0].Dims)]),
        ("Neg", node => [node[0].IsFloating ? Map(node[0], x => -x) : Nd.Of([.. node[0].Longs.Select(value => -value)], node[0].Dims)]),
        ("Abs", node => [Map(node[0], Math.Abs)]),
        ("Sign", node => [Map(node[0], x => Math.Sign(x))]),
        ("Sqrt", node => [Map(node[0], Math.Sqrt)]),
        ("Exp", node => [Map(node[0], Math.Exp)]),
        ("Log", node => [Map(node[0], Math.Log)]),
        ("Reciprocal", node => [Map(node[0], x => 1 / x)]),
        ("Identity", node => [node[0]]),
        ("Cast", node => [node[0].As((DataType)node.Int("to", 1))]),
        ("Where", Where),
    ];

    public static Nd Map(Nd tensor, Func<double, double> function) => Nd.Of([.. tensor.Floats.Select(function)], tensor.Dims);

    public static Nd Combine(Nd a, Nd b, Func<double, double, double> function)
    {
        var dims = Nd.Common(a, b);
        return Nd.Of([.. Nd.Places(dims).Select(index => function(a.Floats[a.Broadcast(index)], b.Floats[b.Broadcast(index)]))], dims);
    }

    private static Nd[] Both(RefNode node, Func<double, double, double> function, Func<long, long, long> whole)
    {
        var (a, b) = (node[0], node[1]);
        var dims = Nd.Common(a, b);
        return a.IsFloating
            ? [Combine(a, b, function)]
            : [Nd.Of([.. Nd.Places(dims).Select(index => whole(a.Longs[a.Broadcast(index)], b.Longs[b.Broadcast(index)]))], dims)];
    }

    private static Nd[] Pow(RefNode node) => [Combine(node[0], node[1].As(DataType.Float), Math.Pow)];

    private static Nd[] Fold(RefNode node, Func<double, double, double> function) =>
        [node.Inputs.Skip(1).Aggregate(node[0], (sum, next) => Combine(sum, next!, function))];

    private static Nd[] Compare(RefNode node, Func<double, double, bool> test)
    {
        var (a, b) = (node[0].As(DataType.Double), node[1].As(DataType.Double));
        var dims = Nd.Common(a, b);
        return [Nd.Of([.. Nd.Places(dims).Select(index => test(a.Floats[a.Broadcast(index)], b.Floats[b.Broadcast(index)]))], dims)];
    }

    private static Nd[] Where(RefNode node)
    {
        var dims = Nd.Common(node[0], node[1], node[2]);
        return [Nd.Of(
            [.. Nd.Places(dims).Select(index => node[node[0].Longs[node[0].Broadcast(index)] != 0 ? 1 : 2]).Zip(
                Nd.Places(dims), (chosen, index) => chosen.Floats[chosen.Broadcast(index)])],
            dims)];
    }
}
