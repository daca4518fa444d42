using System.Text;

namespace OnnxTransfer.FineTuning.Tests.Engines;

public class TrainingArtifactsTests
{
    private const string Description = """{"inputs":[{"name":"x","dims":[3,6,6]},{"name":"targets","dims":[3]}],"outputs":["loss","logits"]}""";
    private string folder = string.Empty;

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("onnxtransfer-artifacts-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Four_files_are_written_and_the_checkpoint_is_one_of_ours()
    {
        var network = new SmallConvNet(statistic: true);
        TrainingArtifacts.Write(folder, network.Program, SmallConvNet.AdamW, network.Start);
        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.EquivalentTo(["training_model.onnx", "eval_model.onnx", "optimizer_model.onnx", "checkpoint"]));
        Assert.That(Checkpoint.Read(Path.Combine(folder, "checkpoint"), network.Program).State.Parameters, Is.EquivalentTo(network.Start.Parameters));
    }

    [Test]
    [Category("Slow")]
    public void The_files_alone_train_as_PyTorch_does()
    {
        var network = new SmallConvNet(statistic: true);
        using var node = Open(network);
        var losses = network.Data.Select(batch => Step(node, batch)).ToList();
        var expected = SmallConvNet.Expected();
        Assert.That(losses, Is.EqualTo(expected.Losses).Within(1e-6f));
        float[] weights = [.. network.Program.Parameters.SelectMany(parameter => expected.Weights[parameter.Name])];
        Assert.That(NodeProcess.Floats(node.Ask("parameters")[0])[..weights.Length], Is.EqualTo(weights).Within(1e-6f));
    }

    private static float Step(NodeProcess node, TrainingBatch batch)
    {
        var loss = node.Ask("train", BitConverter.GetBytes(batch.Count), NodeProcess.Block(batch.Inputs[0]), NodeProcess.Block(batch.Targets))[0];
        node.Ask("update");
        return NodeProcess.Floats(loss)[0];
    }

    private NodeProcess Open(SmallConvNet network)
    {
        TrainingArtifacts.Write(folder, network.Program, SmallConvNet.AdamW, network.Start);
        var node = new NodeProcess(Path.Combine(TrainingPackage.Folder(), "node_modules", "onnxruntime-web"));
        node.Ask("create", Encoding.UTF8.GetBytes(Description), File("checkpoint"), File("training_model.onnx"), File("eval_model.onnx"), File("optimizer_model.onnx"));
        return node;

        byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(folder, name));
    }
}
