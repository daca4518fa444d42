using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Along each axis y = R x, R having the weights of the nearest or of the two next elements: dx = Rᵀ dy along each axis, as a
/// product of matrices.
/// </summary>
internal static class ResizeGradient
{
    /// <summary>The rule.</summary>
    public static void Rule(GradientNode node)
    {
        var mode = node.Node.Text("mode", "nearest");
        if (mode is not ("nearest" or "linear") || node.Node.Int("antialias", 0) != 0 || node.Node.Text("keep_aspect_ratio_policy", "stretch") != "stretch"
            || node.Node.Text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize")
        {
            throw node.Unsupported($"resamples by more than the nearest or the two next elements (mode '{mode}'), crops, or keeps the aspect");
        }

        var gradient = node.Gradient;
        var rank = node.Shape(node.Input(0)).Rank;
        var axes = node.Node.Ints("axes")?.Select(axis => GradientNode.Axis(axis, rank)).ToList() ?? [.. Enumerable.Range(0, rank)];
        var scales = node.ConstantFloats(2) is { Length: > 0 } all ? all : null;
        foreach (var axis in axes.Order())
        {
            var given = scales?[axes.IndexOf(axis)];
            if (Scale(node, axis, given) is not 1 and var scale)
            {
                gradient = Along(node, gradient, axis, scale, given);
            }
        }

        node.Give(0, gradient == node.Gradient ? gradient : node.ReshapeAs(gradient, node.Input(0)));
    }

    // Which element is the nearest hangs on the last bit of its place and on how a runtime rounds, so the runtime itself is asked: its Resize of the places.
    private static string Nearest(GradientNode node, long from, long to, float? scale, string coordinates)
    {
        var places = node.Graph.Constant("gradient/places", [.. Enumerable.Range(0, (int)from).Select(place => (float)place)], from);
        string[] size = scale is { } given ? [node.Graph.Constant("gradient/scale", [given], 1)] : [string.Empty, node.Longs(to)];
        var read = node.Add("Resize", [places, string.Empty, .. size], ("coordinate_transformation_mode", coordinates), ("nearest_mode", node.Node.Text("nearest_mode", "round_prefer_floor")));
        return node.Indicator(node.Add("Equal", [node.Add("Reshape", [read, node.Longs(to, 1)]), places]));
    }

    private static double Scale(GradientNode node, int axis, float? scale)
    {
        var (from, to) = (node.Shape(node.Input(0))[axis], node.Shape(node.Output())[axis]);
        return scale ?? (from.IsKnown && from == to ? 1 : (double)node.Extent(node.Output(), axis) / node.Extent(node.Input(0), axis));
    }

    // [before, to, after] to [before, from, after], axes before having their extents in x already.
    private static string Along(GradientNode node, string gradient, int axis, double scale, float? given)
    {
        var (from, to) = (node.Extent(node.Input(0), axis), node.Extent(node.Output(), axis));
        var coordinates = node.Node.Text("coordinate_transformation_mode", "half_pixel");
        var matrix = node.Node.Text("mode", "nearest") == "nearest"
            ? Nearest(node, from, to, given, coordinates)
            : node.Graph.Constant("gradient/weights", ResizeWeights.Of(from, to, scale, coordinates) ?? throw node.Unsupported($"resamples at places of the mode '{coordinates}'"), to, from);
        var after = Enumerable.Range(axis + 1, node.Shape(node.Output()).Rank - axis - 1)
            .Aggregate(1L, (product, later) => product * node.Extent(node.Output(), later));
        return after == 1
            ? node.Add("MatMul", [node.Add("Reshape", [gradient, node.Longs(-1, to)]), matrix])
            : node.Add("MatMul", [node.Add("Transpose", [matrix]), node.Add("Reshape", [gradient, node.Longs(-1, to, after)])]);
    }
}
