using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests.CustomOperators;

/// <summary>The operators as ONNX Runtime meets them.</summary>
[TestFixture]
public class CustomDomainTests
{
    [Test]
    public void Sessions_that_open_at_the_same_moment_all_have_the_operators()
    {
        var graph = GraphBuilder.Empty("identity", 17, 8);
        graph.Input("x", DataType.Float, 1L);
        graph.Output(graph.Add("Identity", ["x"], "y"), DataType.Float, 1L);
        var model = graph.Build().ToBytes();
        for (var round = 0; round < 100; round++)
        {
            var domain = CustomDomain.Make($"onnxtransfer.round{round}");
            using var start = new Barrier(4);
            Assert.DoesNotThrow(() => Task.WaitAll([.. Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    using var options = new SessionOptions();
                    NativeApi.Instance!.AddDomain(options, domain);
                    start.SignalAndWait();
                    new InferenceSession(model, options).Dispose();
                },
                TaskCreationOptions.LongRunning))]));
        }
    }
}
