using System.Text;
using System.Text.Json;
using OnnxTransfer.Engine;
using OnnxTransfer.FineTuning.Tests.Engines;
using OnnxTransfer.Heads;
using Runtime = OnnxTransfer.Onnx.Tests.Runtime;

namespace OnnxTransfer.FineTuning.Tests.Tuning;

/// <summary>What `finetune export-artifacts` writes.</summary>
public class ArtifactExportTests
{
    private static readonly FineTuneOptions Options = StripedPhotos.Quick with { TrainFrom = "first", Head = new HeadOptions { Standardize = true, C = 0.1 } };

    [Test]
    public void The_description_says_what_goes_in_and_comes_out()
    {
        using var photos = new StripedPhotos();
        using var backbone = Backbone.Load(photos.Model);
        var written = ArtifactExport.Write(backbone, photos.Images, photos["artifacts"], Options);
        Assert.That(Directory.GetFiles(photos["artifacts"]).Select(Path.GetFileName), Is.EquivalentTo(written.Files));
        using var description = JsonDocument.Parse(File.ReadAllText(photos["artifacts/training.json"]));
        var root = description.RootElement;
        Assert.That(
            (root.GetProperty("trainFrom").GetString(), root.GetProperty("loss").GetString(), root.GetProperty("headIsTrained").GetBoolean(), root.GetProperty("learnedNumbers").GetInt64()),
            Is.EqualTo(("first", "softmax", true, written.Learned)));
        Assert.That(root.GetProperty("labels").EnumerateArray().Select(label => label.GetString()), Is.EqualTo(new[] { "level", "upright" }));
        Assert.That(
            root.GetProperty("inputs").EnumerateArray().Select(input => $"{input.GetProperty("name")} {string.Join('x', input.GetProperty("dims").EnumerateArray())}"),
            Is.EqualTo(new[] { "image 3x16x16", "targets 2" }));
    }

    [Test]
    [Category("Slow")]
    public void Under_Node_the_files_alone_train_as_this_projects_engine_does([Values] bool batchStatistics)
    {
        var package = TrainingPackage.Folder();
        using var photos = new StripedPhotos(norm: true);
        using var backbone = Backbone.Load(photos.Model);
        var options = Options with { TrainFrom = "all", BatchStatistics = batchStatistics };
        ArtifactExport.Write(backbone, photos.Images, photos["artifacts"], options);
        var blank = StartingClassifier.Blank(backbone, backbone.Tap("penultimate"), ["level", "upright"], null, HeadLoss.Softmax);
        var program = ClassifierCompiler.Compile(backbone, blank.Classifier, options, takesImages: true).Program;
        using var engine = new GraphEngine(program, Checkpoint.Read(photos["artifacts/checkpoint"], program).State, new AdamW(), null, threads: 1);
        using var node = new NodeProcess(Path.Combine(package, "node_modules", "onnxruntime-web"));
        node.Ask("create", Encoding.UTF8.GetBytes(File.ReadAllText(photos["artifacts/training.json"])), Bytes("checkpoint"), Bytes("training_model.onnx"), Bytes("eval_model.onnx"), Bytes("optimizer_model.onnx"));
        var batch = new TrainingBatch(4, [Runtime.Noise(4 * 3 * 16 * 16)], [1, 0, 0, 1, 1, 0, 0, 1]);
        var (losses, expected) = (new List<float>(), new List<float>());
        for (var step = 0; step < 10; step++)
        {
            losses.Add(NodeProcess.Floats(node.Ask("train", BitConverter.GetBytes(batch.Count), NodeProcess.Block(batch.Inputs[0]), NodeProcess.Block(batch.Targets))[0])[0]);
            node.Ask("update");
            expected.Add(engine.Accumulate(batch).Loss);
            engine.Update(0.001);
        }

        Assert.That(losses, Is.EqualTo(expected).Within(1e-4f));
        Assert.That(losses[^1], Is.LessThan(losses[0]), "it learns");

        byte[] Bytes(string name) => File.ReadAllBytes(photos[$"artifacts/{name}"]);
    }
}
