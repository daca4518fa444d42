namespace OnnxTransfer.FineTuning.Tests.Engines;

/// <summary>The stock runtime against ONNX Runtime Training, on networks that people fine-tune.</summary>
[Category("Slow")]
public class AgreementTests
{
    // AdamW divides a gradient by its own size, so that of a tiny one even the rounding makes a whole step: losses drift sooner.
    private const double Rate = 1e-4, Most = 1e-5, MostAfterSteps = 1e-4;

    // 9.5e-6 on the processor that the table of docs/TRAINING_ENGINES.md is from; others round in another order.
    private const double MostOfBatches = 2e-5;

    // Winograd's products round more than a convolution's.
    private const double MostOfCustom = 1e-4;

    public static IEnumerable<string> Names => AgreementCase.All.Keys;

    [TestCaseSource(nameof(Names))]
    public void The_engines_find_the_same_gradients_of_every_parameter(string name)
    {
        var figures = AgreementFigures.Of(AgreementCase.All[name]());
        TestContext.Out.WriteLine($"{name}: {figures}");
        Assert.Multiple(() =>
        {
            Assert.That(figures.Loss, Is.LessThan(Most));
            Assert.That(figures.Gradients, Is.LessThan(name == "ResNet-18, batch statistics" ? MostOfBatches : Most), figures.Worst);
            Assert.That(figures.Statistics, Is.LessThan(Most));
        });
    }

    [Test]
    public void Where_the_engines_differ_most_the_graph_is_not_further_from_double([ValueSource(nameof(Names))] string name, [Values] bool custom)
    {
        var each = AgreementCase.All[name]();
        using ITrainingEngine graph = each.Graph(form: custom ? GradientForm.Custom : GradientForm.Standard), training = each.WebAssembly();
        graph.Accumulate(each.Batches[0]);
        training.Accumulate(each.Batches[0]);
        var (ours, theirs) = (graph.Gradients(), training.Gradients());
        var worst = AgreementFigures.Errors(ours, theirs).MaxBy(pair => pair.Error).Name;
        var (found, other) = (ours[worst], theirs[worst]);
        var element = Enumerable.Range(0, found.Length).MaxBy(i => Math.Abs(found[i] - other[i]));
        var (derivative, largest) = (each.Derivative(worst, element), other.Max(Math.Abs));
        var (error, otherError) = (Math.Abs(found[element] - derivative) / largest, Math.Abs(other[element] - derivative) / largest);
        TestContext.Out.WriteLine(
            $"{name}, {(custom ? "custom" : "standard")}: {worst}[{element}], {derivative:E6} in double, {largest:E2} the tensor's largest; differences by that: graph {error:E1}, ONNX Runtime Training {otherError:E1}");
        Assert.That(error, Is.LessThan(otherError + (custom ? MostOfCustom : Most)));
    }

    [TestCase("SqueezeNet 1.1, opset 7")]
    [TestCase("ResNet-18, batch statistics")]
    public void A_checkpoint_moves_from_one_engine_to_the_other_and_training_goes_on(string name)
    {
        var each = AgreementCase.All[name]();
        using var graph = each.Graph();
        using var training = each.WebAssembly();
        Step(graph, each.Batches[0]);
        Step(training, each.Batches[0]);
        using var graphGoesOn = each.Graph(Moved(each, training));
        using var trainingGoesOn = each.WebAssembly(Moved(each, graph));
        foreach (var batch in each.Batches.Skip(1))
        {
            var stayed = Step(training, batch);
            Assert.That(Step(graphGoesOn, batch), Is.EqualTo(stayed).Within(MostAfterSteps * stayed));
            var other = Step(graph, batch);
            Assert.That(Step(trainingGoesOn, batch), Is.EqualTo(other).Within(MostAfterSteps * other));
        }

        Assert.That(new[] { graphGoesOn.State().Step, trainingGoesOn.State().Step }, Is.All.EqualTo(3));
    }

    private static float Step(ITrainingEngine engine, TrainingBatch batch)
    {
        var loss = engine.Accumulate(batch).Loss;
        engine.Update(Rate);
        return loss;
    }

    // Through a file, as a training is interrupted and taken up.
    private static TrainingState Moved(AgreementCase each, ITrainingEngine engine)
    {
        var file = Path.GetTempFileName();
        try
        {
            new Checkpoint { State = engine.State() }.Write(file, each.Program);
            return Checkpoint.Read(file, each.Program).State;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
