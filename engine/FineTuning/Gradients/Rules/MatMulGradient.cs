using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// y = A B, over axes in front that are repeated where one lacks them: dA = dy Bᵀ, dB = Aᵀ dy, each summed over the axes that were
/// repeated. A vector is a matrix of one row on the left, of one column on the right.
/// </summary>
internal static class MatMulGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        TensorShape left = node.Shape(node.Input(0)), right = node.Shape(node.Input(1));
        var gradient = left.Rank == 1 && right.Rank == 1 ? node.Add("Reshape", [node.Gradient, node.Longs(1, 1)])
            : left.Rank == 1 ? node.Add("Unsqueeze", [node.Gradient, node.Longs(-2)])
            : right.Rank == 1 ? node.Add("Unsqueeze", [node.Gradient, node.Longs(-1)])
            : node.Gradient;
        var a = left.Rank == 1 ? node.Add("Unsqueeze", [node.Input(0), node.Longs(0)]) : node.Input(0);
        var b = right.Rank == 1 ? node.Add("Unsqueeze", [node.Input(1), node.Longs(1)]) : node.Input(1);
        TensorShape rows = left.Rank == 1 ? new([1, left[0]]) : left, columns = right.Rank == 1 ? new([right[0], 1]) : right;
        if (node.Needs(0))
        {
            var product = node.Add("MatMul", [gradient, Transposed(node, b, columns.Rank)]);
            node.Give(0, node.ReshapeAs(Unrepeated(node, product, rows, columns), node.Input(0)));
        }

        if (node.Needs(1))
        {
            // One matrix for all in front: a single product of all rows, and no sum.
            var product = columns.Rank == 2 && rows.Rank > 2
                ? node.Add("Gemm", [Flat(node, a, rows), Flat(node, gradient, columns)], ("transA", 1L))
                : Unrepeated(node, node.Add("MatMul", [Transposed(node, a, rows.Rank), gradient]), columns, rows);
            node.Give(1, node.ReshapeAs(product, node.Input(1)));
        }
    }

    private static string Transposed(GradientNode node, string matrices, int rank)
    {
        long[] order = [.. Enumerable.Range(0, rank)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return node.Add("Transpose", [matrices], ("perm", order));
    }

    private static string Flat(GradientNode node, string matrices, TensorShape shape) => node.Add("Reshape", [matrices, node.Longs(
        -1, shape[shape.Rank - 1].Value ?? throw node.Unsupported($"multiplies matrices of {shape}, whose last axis must have a fixed size"))]);

    // Sums a product over the axes in front that an input lacks or has one of, where the other has more.
    private static string Unrepeated(GradientNode node, string product, TensorShape input, TensorShape other)
    {
        var missing = Math.Max(other.Rank - input.Rank, 0);
        var axes = Enumerable.Range(0, Math.Max(input.Rank, other.Rank) - 2).Where(axis =>
        {
            var (own, theirs) = (axis - missing, axis - Math.Max(input.Rank - other.Rank, 0));
            return own < 0 || (theirs >= 0 && input[own].Value == 1 && other[theirs].Value != 1);
        });
        return node.Sum(product, [.. axes.Select(axis => (long)axis)], keep: true);
    }
}
