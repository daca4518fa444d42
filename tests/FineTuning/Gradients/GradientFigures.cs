using System.Text.Json;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>How far the gradients of a case are from others, relative to the largest number of each tensor.</summary>
/// <param name="Differences">In double, from central differences; 0 at kinks, where there are none.</param>
/// <param name="Torch">In double, from PyTorch's.</param>
/// <param name="Runtime">In float32 on ONNX Runtime, from those in double; the result counts too.</param>
internal sealed record GradientFigures(double Differences, double Torch, double Runtime)
{
    /// <summary>Holds them against the limits of every rule.</summary>
    public void MustBeSmall() => Assert.Multiple(() =>
    {
        Assert.That(Differences, Is.LessThan(1e-6), "against differences");
        Assert.That(Torch, Is.LessThan(1e-6), "against PyTorch");
        Assert.That(Runtime, Is.LessThan(1e-5), "float32 against double");
    });

    /// <summary>Measures a case.</summary>
    public static GradientFigures Of(GradientCase each, JsonElement expected, GradientRule? rule = null)
    {
        var graph = each.Differentiate(rule: rule);
        var found = graph.Reference();
        var torch = expected.GetProperty(each.Name).EnumerateObject().ToDictionary(entry => entry.Name, entry => GradientGoldens.Numbers(entry.Value));
        var all = new Dictionary<string, double[]>(found)
        {
            [graph.Loss] = OnnxTransfer.FineTuning.Tests.Reference.ReferenceEvaluator.Run(graph.Forward, graph.Inputs, graph.Loss)[0].Floats,
        };
        return new(
            each.Kinks ? 0 : Differentiated.Error(found, graph.Differences()), Differentiated.Error(found, torch), Differentiated.Error(graph.Runtime(), all));
    }
}
