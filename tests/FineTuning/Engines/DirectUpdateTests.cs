using OnnxTransfer.FineTuning.Tests.CustomOperators;

namespace OnnxTransfer.FineTuning.Tests.Engines;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public class DirectUpdateTests
{
    private static readonly Optimizer[] Optimizers =
    [
        new Sgd { Momentum = 0, Nesterov = false }, new Sgd { WeightDecay = 0.1 }, new Sgd { Nesterov = false }, new AdamW { WeightDecay = 0.1 },
    ];

    [Test]
    public void Three_updates_are_those_of_the_graph([Values(0, 1, 2, 3)] int optimizer, [Values(null, 0.5)] double? clip)
    {
        var network = new SmallConvNet();
        using var direct = new GraphEngine(network.Program, network.Start, Optimizers[optimizer], clip, 2);
        using var graph = new GraphEngine(network.Program, network.Start, Optimizers[optimizer], clip, 2, form: GradientForm.Standard);
        foreach (var batch in network.Data.Take(6).Chunk(2))
        {
            foreach (var half in batch)
            {
                direct.Accumulate(half);
                graph.Accumulate(half);
            }

            Assert.That(direct.Update(0.05), Is.EqualTo(graph.Update(0.05)).Within(1e-5));
        }

        var (found, expected) = (direct.State(), graph.State());
        foreach (var (name, values) in expected.Parameters)
        {
            Assert.That(found.Parameters[name], Is.EqualTo(values).Within(2e-6f), name);
            Assert.That(found.Moments[name].SelectMany(moment => moment), Is.EqualTo(expected.Moments[name].SelectMany(moment => moment)).Within(2e-6f), name);
        }
    }

    [Test]
    public void Bits_do_not_depend_on_the_threads()
    {
        Parameter[] parameters = [new("w", [200_001], 0.5f, true)];
        var (one, three) = (Run(1), Run(3));
        Assert.That(three, Is.EqualTo(one));

        (double Length, float[] Weights) Run(int threads)
        {
            var weights = Noise.Of(200_001, 1);
            var length = new DirectUpdate(parameters, new AdamW(), 1, threads).Run([weights], [Noise.Of(200_001, 2)], [[Noise.Of(200_001, 3), [.. Noise.Of(200_001, 4).Select(Math.Abs)]]], 0.1f, 1, 2);
            return (length, weights);
        }
    }
}
