using Microsoft.ML.OnnxRuntime;

namespace OnnxTransfer.FineTuning.Tests.Programs;

public class UpdateGraphTests
{
    private static readonly Parameter Kernel = new("w", [2, 2], 0.5f, Decays: true);
    private static readonly Parameter Intercept = new("b", [2], 1, Decays: false);

    [TestCase(false)]
    [TestCase(true)]
    public void Momentum_carries_a_share_of_the_last_step_on(bool nesterov)
    {
        var results = Run(new Sgd { Momentum = 0.9, Nesterov = nesterov, WeightDecay = 0.1 }, null, share: 0.5f);
        for (var i = 0; i < 4; i++)
        {
            var moment = (0.9 * Moment(i)) + (0.5 * Gradient(i));
            var step = nesterov ? (0.5 * Gradient(i)) + (0.9 * moment) : moment;
            Assert.That(results["w/momentum0/next"][i], Is.EqualTo(moment).Within(1e-6));
            Assert.That(results["w/next"][i], Is.EqualTo((Weight(i) * (1 - (0.1 * 0.01))) - (0.01 * step)).Within(1e-6).And.Not.EqualTo(Weight(i)));
        }
    }

    [Test]
    public void Without_momentum_nothing_is_remembered()
    {
        var results = Run(new Sgd { Momentum = 0 }, null);
        Assert.That(results.Keys, Is.EquivalentTo(new[] { "w/next", "b/next", "length" }));
        Assert.That(results["b/next"][1], Is.EqualTo(Weight(1) - (0.02 * Gradient(1))).Within(1e-7));
    }

    [Test]
    public void Adam_corrects_its_moments_for_their_start()
    {
        var results = Run(new AdamW { WeightDecay = 0.1 }, null, number: 3);
        for (var i = 0; i < 4; i++)
        {
            var (first, second) = ((0.9 * Moment(i)) + (0.1 * Gradient(i)), (0.999 * Moment(i)) + (0.001 * Gradient(i) * Gradient(i)));
            var step = first / (1 - Math.Pow(0.9, 3)) / (Math.Sqrt(second / (1 - Math.Pow(0.999, 3))) + 1e-8);
            Assert.That(results["w/next"][i], Is.EqualTo((Weight(i) * (1 - (0.1 * 0.01))) - (0.01 * step)).Within(1e-5));
            Assert.That(results["w/momentum1/next"][i], Is.EqualTo(second).Within(1e-6));
        }
    }

    [Test]
    public void Intercepts_do_not_decay()
    {
        var (with, without) = (Run(new Sgd { WeightDecay = 0.5 }, null), Run(new Sgd(), null));
        Assert.That(with["b/next"], Is.EqualTo(without["b/next"]));
        Assert.That(with["w/next"], Is.Not.EqualTo(without["w/next"]));
    }

    [TestCase(0.1)]
    [TestCase(100)]
    public void A_long_gradient_is_shortened_and_a_short_one_is_not(double clip)
    {
        var length = Math.Sqrt(Enumerable.Range(0, 4).Concat(Enumerable.Range(0, 2)).Sum(i => Gradient(i) * Gradient(i)));
        var results = Run(new Sgd { Momentum = 0 }, clip);
        Assert.That(results["length"][0], Is.EqualTo(length).Within(1e-5));
        Assert.That(results["b/next"][0], Is.EqualTo(Weight(0) - (0.02 * Gradient(0) * Math.Min(1, clip / length))).Within(1e-6));
    }

    private static double Weight(int i) => 0.3 + (0.1 * i);

    private static double Gradient(int i) => 1.5 - i;

    private static double Moment(int i) => 0.2 + (0.05 * i);

    private static Dictionary<string, float[]> Run(Optimizer optimizer, double? clip, float share = 1, float number = 1)
    {
        using var session = new InferenceSession(UpdateGraph.Make([Kernel, Intercept], optimizer, clip).ToBytes());
        var inputs = session.InputMetadata.Keys.ToDictionary(name => name, name => name switch
        {
            UpdateGraph.Rate => OrtValue.CreateTensorValueFromMemory([0.02f], []),
            UpdateGraph.Share => OrtValue.CreateTensorValueFromMemory([share], []),
            UpdateGraph.UpdateNumber => OrtValue.CreateTensorValueFromMemory([number], []),
            _ => Tensor(name),
        });
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, session.OutputNames);
        return session.OutputNames.Zip(results, (name, value) => (name, value.GetTensorDataAsSpan<float>().ToArray())).ToDictionary();
    }

    private static OrtValue Tensor(string name)
    {
        long[] dims = name.StartsWith('w') ? [2, 2] : [2];
        Func<int, double> value = name.EndsWith("gradient", StringComparison.Ordinal) ? Gradient : name.Contains("momentum", StringComparison.Ordinal) ? Moment : Weight;
        return OrtValue.CreateTensorValueFromMemory([.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(i => (float)value(i))], dims);
    }
}
