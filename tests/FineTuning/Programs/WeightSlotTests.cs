using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Tests;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Programs;

public class WeightSlotTests
{
    [Test]
    public void Kernels_intercepts_and_normalisations_are_weights_and_running_statistics_are_not()
    {
        var slots = Of(graph =>
        {
            var conv = graph.Add("Conv", ["image", graph.Constant("w", Runtime.Noise(9), 3, 3, 1, 1), graph.Constant("b", Runtime.Noise(3), 3)], "c");
            return graph.Add(
                "BatchNormalization",
                [conv, graph.Constant("scale", [1f, 1f, 1f], 3), graph.Constant("shift", [0f, 0f, 0f], 3), graph.Constant("mean", [0f, 0f, 0f], 3), graph.Constant("variance", [1f, 1f, 1f], 3)],
                "n");
        });
        Assert.That(slots.Select(slot => (slot.Name, slot.Kind)), Is.EqualTo(new[]
        {
            ("w", WeightKind.Kernel), ("b", WeightKind.Intercept), ("scale", WeightKind.Normalisation), ("shift", WeightKind.Normalisation),
        }));
    }

    [Test]
    public void What_prepares_the_image_is_left_alone_and_what_follows_a_kernel_is_not()
    {
        var slots = Of(graph =>
        {
            var centred = graph.Add("Sub", ["image", graph.Constant("image.mean", [1f, 2f, 3f], 1, 3, 1, 1)], "centred");
            var conv = graph.Add("Conv", [centred, graph.Constant("w", Runtime.Noise(9), 3, 3, 1, 1)], "c");
            return graph.Add("Add", [conv, graph.Constant("late", [1f, 2f, 3f], 1, 3, 1, 1)], "y");
        });
        Assert.That(slots.Select(slot => slot.Name), Is.EqualTo(new[] { "w", "late" }));
    }

    private static IReadOnlyList<WeightSlot> Of(Func<GraphBuilder, string> build) =>
        WeightSlot.Of(new Graph(TinyModels.Of(["N", 3, 4, 4], graph => graph.Output(build(graph), DataType.Float), opset: 17)));
}
