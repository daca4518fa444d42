using System.Text.Json;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public class GpuConvGradientTests
{
    private static readonly JsonElement Expected = GradientGoldens.Read("expected");

    private static IEnumerable<TestCaseData> Cases => GradientCase.All.Where(each => each.Op == "Conv")
        .Select(each => new TestCaseData(each) { TestName = $"The gradients for a GPU of {each.Name}" });

    [TestCaseSource(nameof(Cases))]
    public void Gradients_are_those_of_differences_and_of_PyTorch_and_run_in_float32(object given) =>
        GradientFigures.Of((GradientCase)given, Expected, GpuConvGradient.Rule).MustBeSmall();

    [Test]
    public void No_kernel_of_a_channel_or_of_a_first_layer_is_found_by_a_convolution()
    {
        var nodes = GradientCase.All.Where(each => each.Op == "Conv").ToDictionary(
            each => each.Name, each => each.Differentiate(rule: GpuConvGradient.Rule).Backward.Nodes.Select(node => node.OpType).ToList());
        Assert.That(nodes.Where(pair => pair.Key.Contains("depthwise, stride", StringComparison.Ordinal)).Select(pair => pair.Value.Count(op => op == "Conv")), Is.Not.Empty.And.All.EqualTo(1));
        Assert.That(nodes.Values, Has.Some.SupersetOf(new[] { "Concat", "Gemm" }));
    }
}
