using System.Globalization;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Engine;

/// <summary>The image input of a backbone.</summary>
/// <param name="Name">The input tensor.</param>
/// <param name="Layout">NCHW or NHWC.</param>
/// <param name="Size">The exported height and width; null where they are symbolic, or not the same.</param>
public sealed record ImageInput(string Name, TensorLayout Layout, int? Size)
{
    /// <summary>The axes of height and width.</summary>
    internal (int Height, int Width) SpatialAxes => Layout == TensorLayout.NCHW ? (2, 3) : (1, 2);

    /// <summary>The axis of the three channels.</summary>
    internal int ChannelAxis => Layout == TensorLayout.NCHW ? 1 : 3;

    /// <summary>
    /// Finds the one image input: floating-point [N, 3, H, W] or [N, H, W, 3]. Where the channels are symbolic, the
    /// convolution that reads the input tells how many it takes.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: the model takes no image; its inputs are named.</exception>
    public static ImageInput Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (graph.Inputs is not [var input])
        {
            throw Refused(graph, graph.Inputs.Count == 0
                ? "takes no input"
                : $"takes {graph.Inputs.Count} inputs ({string.Join(", ", graph.Inputs.Select(Describe))})");
        }

        var type = (DataType)(input.Type?.TensorType?.ElemType ?? 0);
        if (input.Type?.TensorType?.Shape?.Dim is not { Count: 4 } dims)
        {
            throw Refused(graph, $"takes {Describe(input)}");
        }

        if (type is not (DataType.Float or DataType.Float16 or DataType.Bfloat16))
        {
            throw Refused(graph, $"takes {Describe(input)} of {type.ToString().ToLowerInvariant()}, not of floating-point numbers");
        }

        var (second, last) = (Extent(dims[1]) ?? ChannelsOfConvolution(graph, input.Name), Extent(dims[3]));
        var layout = second == 3 ? TensorLayout.NCHW
            : last == 3 ? TensorLayout.NHWC
            : throw Refused(graph, second == 1 || last == 1
                ? $"takes images of one channel ({Describe(input)}) where the three of RGB are needed"
                : $"takes {Describe(input)}, of which no dimension is the three channels of RGB");
        var (height, width) = layout == TensorLayout.NCHW ? (Extent(dims[2]), Extent(dims[3])) : (Extent(dims[1]), Extent(dims[2]));
        return new(input.Name, layout, height == width && height is > 0 and <= int.MaxValue ? (int)height : null);
    }

    /// <summary>The shape of the input for images of one size.</summary>
    internal TensorShape Shape(Dim batch, int size) => Layout == TensorLayout.NCHW
        ? new(batch, 3, size, size)
        : new(batch, size, size, 3);

    private static long? Extent(TensorShapeProto.Types.Dimension dim) => dim.HasDimValue && dim.DimValue > 0 ? dim.DimValue : null;

    private static long? ChannelsOfConvolution(Graph graph, string input) => graph.Consumers(input)
        .Where(n => n.OpType == "Conv" && n.Input.Count > 1 && n.Input[0] == input)
        .Select(n => graph.Constant(n.Input[1]) is { Dims.Count: 4 } weights
            ? weights.Dims[1] * (n.Attribute.FirstOrDefault(a => a.Name == "group")?.I ?? 1)
            : (long?)null)
        .FirstOrDefault(channels => channels is not null);

    private static string Describe(ValueInfoProto input)
    {
        var dims = input.Type?.TensorType?.Shape?.Dim;
        var shape = dims is null ? "of unknown shape" : dims.Count == 0 ? "scalar" : string.Join(" x ", dims.Select(d =>
            d.HasDimValue ? d.DimValue.ToString(CultureInfo.InvariantCulture) : d.HasDimParam ? d.DimParam : "?"));
        return $"'{input.Name}' {shape}";
    }

    private static OnnxTransferException Refused(Graph graph, string what) => new(
        FailureKind.Model,
        $"{graph.Model.Name} {what}; a backbone takes one input of RGB images, N x 3 x H x W or N x H x W x 3.");
}
