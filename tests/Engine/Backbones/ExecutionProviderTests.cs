using Microsoft.ML.OnnxRuntime;

namespace OnnxTransfer.Engine.Tests;

public class ExecutionProviderTests
{
    [Test]
    public void Providers_are_found_by_their_names()
    {
        Assert.Multiple(() =>
        {
            Assert.That(ExecutionProvider.Named("cpu"), Is.SameAs(ExecutionProvider.Cpu));
            Assert.That(ExecutionProvider.Named("cuda"), Is.SameAs(ExecutionProvider.Cuda));
            Assert.That(Sentences.Of(FailureKind.Usage, () => ExecutionProvider.Named("CUDA")), Does.Contain("cpu or cuda"));
        });
    }

    [Test]
    public void A_provider_that_the_library_was_built_without_is_refused_before_the_model_is_read()
    {
        if (OrtEnv.Instance().GetAvailableProviders().Contains(ExecutionProvider.Cuda.RegisteredName))
        {
            Assert.Ignore("The native library of these tests has the CUDA provider.");
        }

        var sentence = Sentences.Of(
            FailureKind.Machine, () => Backbone.Load("no-such-model.onnx", new BackboneOptions { Provider = ExecutionProvider.Cuda }));
        Assert.That(sentence, Does.Contain("CUDAExecutionProvider").And.Contain("-p:OrtPackage=").And.Contain("--provider cpu"));
    }

    [Test]
    public void A_store_says_what_made_its_codes()
    {
        using var net = new SmallNetwork(photos: 2);
        using var backbone = net.Load();
        using var codes = backbone.Extract(net.Images, SmallNetwork.Taps(backbone));
        Assert.That(codes.Header.Provider, Is.EqualTo(ExecutionProvider.Cpu.RegisteredName));
    }
}
