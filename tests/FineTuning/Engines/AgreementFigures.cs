namespace OnnxTransfer.FineTuning.Tests.Engines;

/// <summary>How far the graph in ONNX's operators alone is from ONNX Runtime Training on the first batch of a case.</summary>
/// <param name="Parameters">The tensors that are learned.</param>
/// <param name="Numbers">Their elements.</param>
/// <param name="Loss">The difference of the losses, by the loss.</param>
/// <param name="Gradients">The largest difference of a gradient, by the largest number of its tensor, over all tensors.</param>
/// <param name="Worst">The tensor that has it.</param>
/// <param name="Statistics">The same of the running statistics after the batch; 0 where none move.</param>
internal sealed record AgreementFigures(int Parameters, long Numbers, double Loss, double Gradients, string Worst, double Statistics)
{
    /// <summary>Measures a case.</summary>
    public static AgreementFigures Of(AgreementCase each)
    {
        using var graph = each.Graph(form: GradientForm.Standard);
        using var training = each.WebAssembly();
        var (expected, found) = (training.Accumulate(each.Batches[0]).Loss, graph.Accumulate(each.Batches[0]).Loss);
        var worst = Errors(graph.Gradients(), training.Gradients()).MaxBy(pair => pair.Error);
        var statistics = Errors(graph.State().Statistics, training.State().Statistics).Select(pair => pair.Error).DefaultIfEmpty().Max();
        var learned = each.Program.Parameters;
        return new(learned.Count, learned.Sum(parameter => (long)parameter.Count), Math.Abs(found - expected) / expected, worst.Error, worst.Name, statistics);
    }

    /// <summary>For each tensor the largest difference, by its largest number.</summary>
    public static IEnumerable<(string Name, double Error)> Errors(IReadOnlyDictionary<string, float[]> found, IReadOnlyDictionary<string, float[]> expected)
    {
        Assert.That(found.Keys, Is.EquivalentTo(expected.Keys));
        return expected.Select(pair => (pair.Key, found[pair.Key].Zip(pair.Value).Max(values => Math.Abs((double)values.First - values.Second)) / pair.Value.Max(Math.Abs)));
    }
}
