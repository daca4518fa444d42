using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>A model exported for one image size, declared to take any.</summary>
internal static class SizeFree
{
    /// <summary>
    /// The model with symbolic height and width of its image input. What it declares of sizes behind the input is taken
    /// away, since it holds for the exported size only; nodes that the size is built into stay as they are.
    /// </summary>
    public static OnnxModel Of(OnnxModel model, ImageInput input)
    {
        var proto = model.Proto.Clone();
        var dims = proto.Graph.Input.Single(i => i.Name == input.Name).Type.TensorType.Shape.Dim;
        dims[input.SpatialAxes.Height].DimParam = "height";
        dims[input.SpatialAxes.Width].DimParam = "width";
        proto.Graph.ValueInfo.Clear();
        foreach (var dim in proto.Graph.Output.SelectMany(Inner))
        {
            dim.ClearValue();
        }

        return model.WithProto(proto);
    }

    private static IEnumerable<TensorShapeProto.Types.Dimension> Inner(ValueInfoProto output) =>
        output.Type?.TensorType?.Shape?.Dim is { Count: > 2 } dims ? dims.Skip(1) : [];
}
