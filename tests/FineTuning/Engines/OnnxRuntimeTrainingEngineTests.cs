using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.Engines;

public class OnnxRuntimeTrainingEngineTests
{
    private const double Rate = 1e-3;

    [Test]
    [Category("Slow")]
    public void Twenty_steps_are_those_of_PyTorch()
    {
        var network = new SmallConvNet();
        var expected = SmallConvNet.Expected();
        using var engine = Open(network, network.Start);
        var losses = new List<float>();
        foreach (var batch in network.Data)
        {
            losses.Add(engine.Accumulate(batch).Loss);
            if (losses.Count == 1)
            {
                Near(engine.Gradients(), expected.Gradients, 1e-7f);
            }

            engine.Update(Rate);
        }

        Assert.That(losses, Is.EqualTo(expected.Losses).Within(1e-6f));
        Near(engine.State().Parameters, expected.Weights, 1e-6f);
        Assert.That(engine.State().Step, Is.EqualTo(20));
    }

    [Test]
    [Category("Slow")]
    public void Training_that_was_stopped_goes_on_as_if_it_had_not_been()
    {
        var network = new SmallConvNet(statistic: true);
        using var whole = Open(network, network.Start);
        using var first = Open(network, network.Start);
        Steps(whole, network.Data);
        Steps(first, network.Data.Take(10));
        var file = Path.GetTempFileName();
        new Checkpoint { State = first.State() }.Write(file, network.Program);
        using var second = Open(network, Checkpoint.Read(file, network.Program).State);
        File.Delete(file);
        Steps(second, network.Data.Skip(10));
        Near(second.State().Parameters, whole.State().Parameters, 2e-7f);
        Near(second.State().Statistics, whole.State().Statistics, 0);
        Assert.That(second.State().Step, Is.EqualTo(20));
    }

    [Test]
    [Category("Slow")]
    public void A_running_statistic_moves_and_the_evaluation_sees_it()
    {
        var network = new SmallConvNet(statistic: true);
        using var engine = Open(network, network.Start);
        var batch = network.Data[0];
        var before = engine.Evaluate(batch);
        Assert.That(engine.Accumulate(batch).Logits, Is.EqualTo(before.Logits).Within(1e-6f));
        float[] mean = [.. SmallConvNet.Means(batch).Select(value => value / 10)];
        Assert.That(engine.State().Statistics["mean"], Is.EqualTo(mean).Within(1e-7f));
        var after = engine.Evaluate(batch);
        Assert.That(after.Logits, Is.Not.EqualTo(before.Logits).Within(1e-5f));

        var moved = network.Start with { Statistics = new Dictionary<string, float[]> { ["mean"] = mean } };
        using var other = Open(network, moved);
        Assert.That(other.Evaluate(batch).Logits, Is.EqualTo(after.Logits).Within(1e-6f));
    }

    [Test]
    [Category("Slow")]
    public void Gradients_of_several_batches_count_as_their_mean()
    {
        var network = new SmallConvNet();
        using var twice = Open(network, network.Start);
        using var once = Open(network, network.Start);
        foreach (var batch in network.Data.Take(3))
        {
            twice.Accumulate(batch);
            twice.Accumulate(batch);
            once.Accumulate(batch);
            Assert.That(twice.Update(Rate), Is.EqualTo(once.Update(Rate)).Within(1e-6));
        }

        Near(twice.State().Parameters, once.State().Parameters, 1e-6f);
    }

    [Test]
    [Category("Slow")]
    public void A_rate_is_what_the_first_step_moves_by_and_a_clipped_gradient_is_as_short_as_it_is_said()
    {
        var network = new SmallConvNet(decays: false);
        using var engine = Open(network, network.Start, clip: 0.01);
        engine.Accumulate(network.Data[0]);
        var gradients = engine.Gradients();
        var length = engine.Update(0.125);
        Assert.That(length, Is.EqualTo(Math.Sqrt(gradients.Values.Sum(values => values.Sum(value => (double)value * value)))).Within(1e-7).And.GreaterThan(0.01));

        // AdamW's first step is the rate times the gradient's sign, but for epsilon.
        var (state, share) = (engine.State(), (float)(0.01 / length));
        foreach (var (name, values) in state.Parameters)
        {
            var start = network.Start.Parameters[name];
            Assert.That(values, Is.EqualTo(start.Select((value, i) => value - (0.125f * gradients[name][i] * share / (MathF.Abs(gradients[name][i] * share) + 1e-8f)))).Within(1e-5f), name);
            Assert.That(state.Moments[name][0], Is.EqualTo(gradients[name].Select(value => value * 0.1f * share)).Within(1e-8f), name);
        }
    }

    [Test]
    public void Layers_with_rates_or_decays_of_their_own_are_refused()
    {
        var network = new SmallConvNet();
        var parameters = network.Program.Parameters;
        Refused(parameters[1] with { Decays = false });
        Refused(parameters[1] with { RateFactor = 0.1f });

        void Refused(Parameter other) => Sentences.Fails(
            FailureKind.Usage,
            () => OnnxRuntimeTrainingEngine.InWebAssembly(network.Program with { Parameters = [parameters[0], other, .. parameters.Skip(2)] }, network.Start, SmallConvNet.AdamW, null, "none"),
            "conv.bias");
    }

    [Test]
    public void A_missing_package_is_one_sentence()
    {
        var network = new SmallConvNet();
        Sentences.Fails(
            FailureKind.Machine, () => OnnxRuntimeTrainingEngine.InWebAssembly(network.Program, network.Start, SmallConvNet.AdamW, null, "none"), "onnxruntime-web 1.19.2", "npm ci");
    }

    [Test]
    [Category("Slow")]
    public void What_the_engine_refuses_is_one_sentence()
    {
        var network = new SmallConvNet();
        var graph = new GraphBuilder(network.Program.Evaluation);
        graph.Output(graph.Add("NoSuchOperator", ["x"], "odd"), DataType.Float);
        Sentences.Fails(
            FailureKind.Model, () => Open(network, network.Start, program: network.Program with { Evaluation = graph.Build() }), "ONNX Runtime Training refused to create", "1.19.2");
    }

    [Test]
    public void A_runtime_that_cannot_train_says_what_to_build_with()
    {
        var network = new SmallConvNet();
        Sentences.Fails(
            FailureKind.Machine, () => OnnxRuntimeTrainingEngine.Native(network.Program, network.Start, SmallConvNet.AdamW, null), "-p:OrtTraining=true");
    }

    private static OnnxRuntimeTrainingEngine Open(SmallConvNet network, TrainingState start, double? clip = null, TrainingProgram? program = null) =>
        OnnxRuntimeTrainingEngine.InWebAssembly(program ?? network.Program, start, SmallConvNet.AdamW, clip, TrainingPackage.Folder());

    private static void Steps(OnnxRuntimeTrainingEngine engine, IEnumerable<TrainingBatch> batches)
    {
        foreach (var batch in batches)
        {
            engine.Accumulate(batch);
            engine.Update(Rate);
        }
    }

    private static void Near(IReadOnlyDictionary<string, float[]> found, IReadOnlyDictionary<string, float[]> expected, float tolerance)
    {
        Assert.That(found.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (name, values) in expected)
        {
            Assert.That(found[name], Is.EqualTo(values).Within(tolerance), name);
        }
    }
}
