using System.Runtime.InteropServices;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine.Tests;

/// <summary>Exported models in npm's build of ONNX Runtime: another language, another version, none of this project's code.</summary>
[Category("Slow")]
internal sealed class IndependentClientTests
{
    private static readonly string[] Files = ["package.json", "package-lock.json", "probabilities.mjs"];

    private static string Client => Repository.PathOf("artifacts", "onnxruntime-node");

    [OneTimeSetUp]
    public void Install()
    {
        Directory.CreateDirectory(Client);
        foreach (var file in Files)
        {
            File.Copy(Repository.PathOf("tests", "Engine", "Export", "node", file), Path.Combine(Client, file), overwrite: true);
        }

        if (Programs.Run(Client, TimeSpan.FromSeconds(30), "node", "--version") is not { Status: 0 })
        {
            Assert.Ignore("needs Node.js (node, npm)");
        }

        if (Directory.Exists(Path.Combine(Client, "node_modules", "onnxruntime-node", "bin")))
        {
            return;
        }

        // The package's own script would download what the CPU does not need.
        var install = Programs.Run(Client, TimeSpan.FromMinutes(5), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        if (install is not { Status: 0 })
        {
            Assert.Ignore($"needs npm's package onnxruntime-node: {install?.Everything.Trim() ?? "there is no npm"}");
        }
    }

    [Test]
    public void The_probabilities_are_those_of_the_head_on_the_codes([Values(7, 13)] long opset, [Values] CalibrationMethod method)
    {
        var network = FlowerNetwork.Make(opset, Pooling.AverageAndMaximum).Calibrated(method);
        Compare(network.Exported(), network.Tapped(), network.Head, BareSession.Noise(4 * 3 * 32 * 32, seed: 5), 4, 3, 32, 32);
    }

    [Test]
    public void So_they_are_for_a_head_on_normalised_codes([Values(7, 13)] long opset)
    {
        var network = FlowerNetwork.Make(opset, weightScale: 3).Normalized();
        Compare(network.Exported(), network.Tapped(), network.Head, BareSession.Noise(4 * 3 * 32 * 32, seed: 5), 4, 3, 32, 32);
    }

    [Test]
    public void So_they_are_for_the_default_backbone()
    {
        using var backbone = Backbone.Default();
        var tap = backbone.Tap("penultimate");
        var head = FlowerNetwork.HeadOf(new Random(9), tap.Width, 0.1, ["a", "b", "c", "d", "e"]);
        Compare(
            ClassifierGraph.Make(backbone.Taps, backbone.Recipe, new JoinedTaps(tap), head, null),
            FlowerNetwork.Tapped(backbone.Taps, tap),
            head,
            [.. ProbeImages.Make(backbone.Recipe).SelectMany(photo => photo)],
            2, 3, 224, 224);
    }

    private static void Compare(OnnxModel exported, OnnxModel tapped, LinearHead head, float[] photos, params long[] shape)
    {
        var codes = BareSession.Run(tapped.ToBytes(), photos, shape).Single().Value;
        var found = Probabilities(exported.ToBytes(), photos, string.Join(',', shape));
        var classes = head.Labels.Count;
        Assert.That(found, Has.Length.EqualTo(shape[0] * classes));
        for (var i = 0; i < shape[0]; i++)
        {
            var expected = BareSession.Probabilities(head, codes.AsSpan(i * head.Width, head.Width));
            Assert.That(found.AsSpan(i * classes, classes).ToArray(), Is.EqualTo(expected).Within(1e-5));
        }
    }

    private static float[] Probabilities(byte[] model, float[] photos, string shape)
    {
        var folder = Directory.CreateTempSubdirectory("onnxtransfer-node-").FullName;
        try
        {
            var (modelFile, input, output) = (Path.Combine(folder, "model.onnx"), Path.Combine(folder, "photos.f32"), Path.Combine(folder, "probabilities.f32"));
            File.WriteAllBytes(modelFile, model);
            File.WriteAllBytes(input, MemoryMarshal.AsBytes(photos.AsSpan()));
            var run = Programs.Run(Client, TimeSpan.FromMinutes(2), "node", "probabilities.mjs", modelFile, input, shape, output);
            Assert.That(run!.Status, Is.Zero, run.Everything);
            return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(output)).ToArray();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
