namespace OnnxTransfer.FineTuning.Tests.Engines;

/// <summary>The stock runtime against ONNX Runtime Training, on networks that people fine-tune.</summary>
[Category("Slow")]
public class AgreementTests
{
    // AdamW divides a gradient by its own size, so that of a tiny one even the rounding makes a whole step: losses drift sooner.
    private const double Rate = 1e-4, Most = 1e-5, MostAfterSteps = 1e-4;

    // Sums over many positions that nearly cancel, and statistics of small batches, leave fewer digits of float32.
    private const double MostOfLongSums = 1e-4;

    public static IEnumerable<string> Names => AgreementCase.All.Keys;

    [TestCaseSource(nameof(Names))]
    public void The_engines_find_the_same_gradients_of_every_parameter(string name)
    {
        var figures = AgreementFigures.Of(AgreementCase.All[name]());
        TestContext.Out.WriteLine(figures);
        Assert.Multiple(() =>
        {
            Assert.That(figures.Loss, Is.LessThan(Most));
            Assert.That(figures.Gradients, Is.LessThan(name.StartsWith("SqueezeNet", StringComparison.Ordinal) || name.Contains("known", StringComparison.Ordinal) ? Most : MostOfLongSums), figures.Worst);
            Assert.That(figures.Statistics, Is.LessThan(Most));
        });
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
