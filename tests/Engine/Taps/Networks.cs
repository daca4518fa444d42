using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Tests;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Engine.Tests.Taps;

/// <summary>Catalogs of real and of tiny networks.</summary>
internal static class Networks
{
    /// <summary>A torchvision export, at its own size if none is given.</summary>
    public static TapCatalog Torch(string name, int? size = null) => Catalog(OnnxModel.Read(TorchModels.Path(name)), size);

    /// <summary>The fp16 SqueezeNet 1.1.</summary>
    public static TapCatalog SqueezeNet(int? size = null) => Catalog(OnnxModel.Read(SharedFiles.Path("models/squeezenet1_1-fp16.onnx")), size);

    /// <summary>The ResNet-18 of CNTK.</summary>
    public static TapCatalog ResNet18(int? size = null) => Catalog(OnnxModel.Read(SharedFiles.ResNet18()), size);

    /// <summary>A prepared graph on the float32 input "image".</summary>
    public static OnnxModel Tiny(object[] image, Action<GraphBuilder> build)
    {
        var graph = GraphBuilder.Empty("tiny", 13, 7);
        graph.Input("image", DataType.Float, image);
        build(graph);
        return Preparation.Prepare(OnnxModel.FromProto(graph.Build().Proto, "tiny.onnx"));
    }

    /// <summary>Appends a 3 x 3 convolution with zero weights.</summary>
    public static string Conv(this GraphBuilder graph, string input, int channels, int outputs, string name, long stride = 1) => graph.Add(
        "Conv", [input, graph.Constant(name + ".weight", new float[outputs * channels * 9], outputs, channels, 3, 3)], name,
        ("pads", new long[] { 1, 1, 1, 1 }), ("strides", new[] { stride, stride }));

    private static TapCatalog Catalog(OnnxModel model, int? size)
    {
        var prepared = Preparation.Prepare(model);
        return TapCatalog.Of(prepared, size ?? ImageInput.Of(new Graph(prepared)).Size ?? 224);
    }
}
