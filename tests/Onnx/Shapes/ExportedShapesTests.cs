using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Shapes;

/// <summary>Shapes and costs of whole networks, against onnx's shape inference, ONNX Runtime and published counts.</summary>
public class ExportedShapesTests
{
    private static readonly string[] Variants = ["vit_tiny", "vit_tiny-batch1", "squeezenet1_1-batch1"];

    [TestCaseSource(typeof(TorchModels), nameof(TorchModels.Families))]
    [TestCaseSource(nameof(Variants))]
    [Category("Slow")]
    public void Shapes_are_those_of_onnx_shape_inference(string name)
    {
        var path = TorchModels.Path(name);
        var shapes = ShapeInference.Infer(new Graph(OnnxModel.Read(path)));
        var (equal, unlike) = (0, new List<string>());
        foreach (var line in TorchModels.Run("infer_shapes.py", path).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (tensor, theirs) = line.Split('\t') is [var left, var right] ? (left, right.Split(',', StringSplitOptions.RemoveEmptyEntries)) : default;
            if (theirs.Any(d => d == "?" || d.StartsWith("unk__", StringComparison.Ordinal)))
            {
                continue;
            }

            var ours = shapes.Shape(tensor)?.Dims.Select(d => d.ToString()).ToList();
            if (ours is not null && ours.Zip(theirs).All(p => p.First == p.Second || p.First == "?") && ours.Count == theirs.Length && !ours.Contains("?"))
            {
                equal++;
            }
            else if (ours is null || ours.Count != theirs.Length || ours.Zip(theirs).Any(p => p.First != p.Second && p.First != "?") || shapes.Type(tensor) == DataType.Float)
            {
                unlike.Add($"{tensor}: {string.Join(" x ", ours ?? ["unknown"])} instead of {string.Join(" x ", theirs)}");
            }
        }

        TestContext.Out.WriteLine($"{name}: {equal} equal, {unlike.Count} different");
        Assert.That(unlike, Is.Empty);
        Assert.That(equal, Is.AtLeast(20));
    }

    [TestCaseSource(typeof(TorchModels), nameof(TorchModels.Families))]
    [TestCase("vit_tiny-batch1")]
    [TestCase("shufflenet_v2_x1_0-batch1")]
    [Category("Slow")]
    public void Shapes_are_those_that_the_runtime_gives(string name)
    {
        const int Images = 2;
        var model = Preparation.Prepare(OnnxModel.Read(TorchModels.Path(name)));
        var graph = new Graph(model);
        var size = (int)graph.Inputs[0].Type.TensorType.Shape.Dim[2].DimValue;
        var shapes = ShapeInference.Infer(graph);
        var tensors = graph.Nodes.SelectMany(n => n.Output).Where(t => graph.Constant(t) is null && shapes.Type(t) == DataType.Float).ToList();
        Assert.That(tensors.Where(t => shapes.Shape(t) is null), Is.Empty, "every activation has a shape");
        var results = Runtime.Run(Cut.At(model, tensors), Runtime.Noise(Images * 3 * size * size), Images, 3, size, size);
        Assert.Multiple(() =>
        {
            foreach (var tensor in tensors)
            {
                var expected = shapes.Shape(tensor)!.Dims.Select(d => d.Symbol is null ? d.Value : d.Factor * Images);
                Assert.That(results[tensor].Shape, Is.EqualTo(expected), tensor);
            }
        });
    }

    // Giga multiply-accumulates as torchvision's table of pretrained weights states them.
    [TestCase("alexnet", 0.714)]
    [TestCase("vgg11", 7.609)]
    [TestCase("vgg16", 15.47)]
    [TestCase("squeezenet1_1", 0.349)]
    [TestCase("resnet18", 1.814)]
    [TestCase("resnet50", 4.089)]
    [TestCase("densenet121", 2.834)]
    [TestCase("googlenet", 1.498)]
    [TestCase("inception_v3", 5.713)]
    [TestCase("mobilenet_v2", 0.301)]
    [TestCase("mobilenet_v3_small", 0.057)]
    [TestCase("mobilenet_v3_large", 0.217)]
    [TestCase("efficientnet_b0", 0.386)]
    [TestCase("shufflenet_v2_x1_0", 0.145)]
    [TestCase("convnext_tiny", 4.456)]
    [TestCase("vit_b_16", 17.564)]
    [Category("Slow")]
    public void Costs_are_those_that_torchvision_states(string name, double giga)
    {
        var costs = new Costs(ShapeInference.Infer(new Graph(OnnxModel.Read(TorchModels.Path(name)))));
        Assert.That(costs.Total / 1e9, Is.EqualTo(giga).Within(0.001 * giga + 0.0006));
    }
}
