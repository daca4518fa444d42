using OnnxTransfer.FineTuning.Tests.CustomOperators;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests;

public class GraphEngineTests
{
    private const int Images = 16, Numbers = 37, Classes = 11;

    [Test]
    public void The_same_batch_gives_the_same_bits_wherever_its_arrays_lie()
    {
        var graph = GraphBuilder.Empty("linear", 17, 8);
        graph.Input("x", DataType.Float, "N", Numbers);
        graph.Output(graph.Add("Gemm", ["x", graph.Constant("matrix", Noise.Of(Numbers * Classes, 1), Numbers, Classes), graph.Constant("intercept", Noise.Of(Classes, 2), Classes)], "scores"), DataType.Float, "N", Classes);
        var compiled = ProgramCompiler.Compile(graph.Build(), "scores", new TensorShape([Dim.Named("N"), Dim.Of(Numbers)]), new ProgramOptions
        {
            TakesImages = true,
            Loss = (builder, logits, targets, classes) => SoftmaxCrossEntropy.Append(builder, logits, targets, classes, 0),
        });
        var (x, random, kept) = (Noise.Of(Images * Numbers, 3), new Random(4), new List<byte[]>());
        using var engine = new GraphEngine(compiled.Program, compiled.Start, new Sgd(), null, 1);
        for (var draw = 0; draw < 40; draw++)
        {
            var targets = new float[Images * Classes];
            for (var image = 0; image < Images; image++)
            {
                var share = random.NextSingle();
                targets[(image * Classes) + random.Next(Classes)] += share;
                targets[(image * Classes) + random.Next(Classes)] += 1 - share;
            }

            var losses = new HashSet<float>();
            for (var turn = 0; turn < 8; turn++)
            {
                // Arrays of a byte between them move them on by less than a vector.
                kept.Add(new byte[1]);
                losses.Add(engine.Accumulate(new TrainingBatch(Images, [(float[])x.Clone()], (float[])targets.Clone())).Loss);
            }

            Assert.That(losses, Has.Count.EqualTo(1));
        }

        GC.KeepAlive(kept);
    }
}
