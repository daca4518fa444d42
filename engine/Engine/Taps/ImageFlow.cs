using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>
/// Which tensors carry the image, not only its shape, and how they are laid out: the axis of their channels, and the
/// stride, which is the input pixels from one position to the next: the product of the strides on the way; and how many input
/// pixels a position sees.
/// </summary>
internal sealed class ImageFlow
{
    private readonly Dictionary<string, Layout> layouts = new(StringComparer.Ordinal);
    private readonly GraphShapes shapes;

    /// <summary>Follows the image through the graph.</summary>
    public ImageFlow(GraphShapes shapes, ImageInput input)
    {
        this.shapes = shapes;
        layouts[input.Name] = new(input.ChannelAxis, 1, 1);
        foreach (var node in shapes.Graph.Nodes.Where(n => n.OpType is not ("Shape" or "Size")))
        {
            if (Main(node) is { } main)
            {
                var layout = Of(node, main);
                foreach (var output in node.Output.Where(o => o.Length > 0))
                {
                    layouts[output] = layout;
                }
            }
        }
    }

    // Stride null: no positions are left. Field null: the whole image.
    private sealed record Layout(int ChannelAxis, double? Stride, double? Field);

    /// <summary>Whether the tensor's values come from the image's pixels.</summary>
    public bool Carries(string tensor) => layouts.ContainsKey(tensor);

    /// <summary>The tensors among a node's inputs that carry the image.</summary>
    public IEnumerable<string> Carriers(NodeProto node) =>
        node.OpType is "Shape" or "Size" ? [] : shapes.Graph.Dependencies(node).Where(Carries);

    /// <summary>The axis of the channels.</summary>
    public int ChannelAxis(string tensor) => layouts[tensor].ChannelAxis;

    /// <summary>Input pixels per position, or null where there are no positions.</summary>
    public double? Stride(string tensor) => layouts[tensor].Stride;

    /// <summary>
    /// The receptive field: the input pixels, along a side, that a position's value depends on (windows of k pixels d apart on maps
    /// of stride s add (k - 1) d s; of branches the widest); null: the whole image.
    /// </summary>
    public double? Field(string tensor) => layouts[tensor].Field;

    // The input that the output is laid out like: the largest that carries the image (the map, not the gate that scales
    // it), and of two of a size one whose positions were not lost on the way.
    private string? Main(NodeProto node) => Carriers(node).MaxBy(t =>
        (shapes.Shape(t) is { } shape ? Dim.Product(shape.Dims).Factor ?? 0 : -1, Stride(t) is null ? 0 : 1));

    private Layout Of(NodeProto node, string main)
    {
        var before = layouts[main];
        var input = shapes.Shape(main);
        var output = shapes.Shape(node.Output[0]);
        var stride = output is { Rank: <= 2 } ? null : Stride(node, before.Stride, input, output);
        return new(ChannelAxis(node, before.ChannelAxis, input, output), stride, stride is null ? null : Field(node));
    }

    private double? Field(NodeProto node)
    {
        var widest = 1.0;
        foreach (var carrier in Carriers(node))
        {
            if (layouts[carrier] is not { Field: { } field, Stride: { } stride })
            {
                return null;
            }

            widest = Math.Max(widest, field + (stride * Reach(node)));
        }

        return widest;
    }

    /// <summary>(k - 1) d of a node's window, along a side.</summary>
    private double Reach(NodeProto node)
    {
        var size = node.OpType switch
        {
            "MaxPool" or "AveragePool" or "LpPool" => Ints(node, "kernel_shape") is [var side, ..] ? side : 1,
            "Conv" => node.Input is [_, var kernel, ..] && shapes.Shape(kernel) is { Rank: > 2 } weights && weights[2].Value is { } side ? side : 1,
            _ => 1,
        };
        return (size - 1) * (Ints(node, "dilations") is [var apart, ..] ? apart : 1);
    }

    private static int ChannelAxis(NodeProto node, int before, TensorShape? input, TensorShape? output)
    {
        var usual = output is { Rank: 3 } ? 2 : 1;
        switch (node.OpType)
        {
            case "Conv" or "ConvTranspose" or "Gemm":
                return 1;
            case "MatMul" when output is { Rank: > 0 }:
                return output.Rank - 1;
            case "Transpose" when Ints(node, "perm") is { } order:
                return Array.IndexOf(order, before) is >= 0 and var at ? at : usual;
            default:
                // Other nodes leave the axis where it is, unless they rearrange: then an axis of the same extent at the same
                // place, where none was added, is the same axis.
                var kept = output is null || input is null
                    || (output.Rank == input.Rank && node.OpType != "Reshape")
                    || (before < output.Rank && output.Rank is > 2 && output.Rank <= input.Rank && output[before] == input[before]);
                return kept ? before : usual;
        }
    }

    private static double? Stride(NodeProto node, double? before, TensorShape? input, TensorShape? output)
    {
        switch (node.OpType)
        {
            case "Gemm" or "GlobalAveragePool" or "GlobalMaxPool" or "GlobalLpPool":
                return null;
            case "AveragePool" or "MaxPool" or "LpPool" when IsPoint(output) && !IsPoint(input):
                return null;
            case "Conv" or "MaxPool" or "AveragePool" or "LpPool":
                return before * FirstStride(node);
            case "ConvTranspose":
                return before / FirstStride(node);
            case "SpaceToDepth":
                return before * Int(node, "blocksize", 1);
            case "DepthToSpace":
                return before / Int(node, "blocksize", 1);
            case "Resize" or "Upsample" when input?.Rank == 4 && output?.Rank == 4:
                return before * input[2].Value / output[2].Value;
            default:
                return node.OpType.StartsWith("Reduce", StringComparison.Ordinal) && IsPoint(output) && !IsPoint(input) ? null : before;
        }
    }

    private static bool IsPoint(TensorShape? shape) => shape is { Rank: 4 } && shape[2].Value == 1 && shape[3].Value == 1;

    private static long FirstStride(NodeProto node) => Ints(node, "strides") is [var stride, ..] ? stride : 1;

    private static long[]? Ints(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name)?.Ints.ToArray();

    private static long Int(NodeProto node, string name, long otherwise) => node.Attribute.FirstOrDefault(a => a.Name == name)?.I ?? otherwise;
}
