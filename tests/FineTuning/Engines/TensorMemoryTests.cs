using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning.Tests.Engines;

/// <summary>The processor's memory is handled as a GPU's is: by its allocator, and by runs that copy and add.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public class TensorMemoryTests
{
    [Test]
    public void Tensors_of_any_rank_come_back_as_they_were_put()
    {
        using var memory = new TensorMemory(ExecutionProvider.Cpu);
        foreach (var dims in new long[][] { [], [5], [2, 3], [2, 3, 4, 5] })
        {
            var values = Enumerable.Range(0, (int)dims.Aggregate(1L, (product, dim) => product * dim)).Select(i => i - 0.5f).ToArray();
            using var tensor = memory.Put(values, dims);
            values[0] = 7;
            Assert.That(memory.Read(tensor), Is.EqualTo(values.Select((value, i) => i - 0.5f)), $"{dims.Length} axes");
        }
    }

    [Test]
    public void A_sum_goes_to_a_third_tensor()
    {
        using var memory = new TensorMemory(ExecutionProvider.Cpu);
        using var x = memory.Put([1, 2, 3, 4], [2, 2]);
        using var y = memory.Put([10, 20, 30, 40], [2, 2]);
        using var sum = memory.Empty([2, 2]);
        memory.Add(x, y, sum);
        Assert.That((memory.Read(sum), memory.Read(x)), Is.EqualTo((new float[] { 11, 22, 33, 44 }, new float[] { 1, 2, 3, 4 })));
    }

    [Test]
    public void Other_engines_than_the_graph_engine_run_on_the_processor() => Assert.That(
        Sentences.Of(FailureKind.Usage, () => TrainingEngines.RequireInstalled("wasm", ExecutionProvider.Cuda)), Does.Contain("--engine graph").And.Contain("--provider cuda"));
}
