using System.Diagnostics;
using Google.Protobuf;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Cli.Tests;

/// <summary>What users get wrong or machines take away: one sentence each, the right exit code, nothing half-written.</summary>
public sealed class BadInputTests
{
    private Photos photos = null!;

    [SetUp]
    public void Make() => photos = new Photos();

    [TearDown]
    public void Remove() => photos.Dispose();

    [Test]
    public void A_folder_that_does_not_exist() =>
        Fit(FailureKind.Data, photos["none"], "none", "check the spelling");

    [Test]
    public void An_empty_folder()
    {
        Directory.CreateDirectory(photos["empty"]);
        Fit(FailureKind.Data, photos["empty"], "no image", "empty");
    }

    [TestCase("rocm", FailureKind.Usage, "choose cpu or cuda")]
    [TestCase("cuda", FailureKind.Machine, "CUDAExecutionProvider")]
    public void A_provider_that_cannot_be_had(string provider, FailureKind kind, string words)
    {
        var data = photos.Folder("few", each: 3);
        if (provider == "cuda" && Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            Assert.Ignore("The native library of these tests has the CUDA provider.");
        }

        Tool.Fails(kind, ["extract", data, "-o", photos["few.codes"], "--provider", provider], words);
        Assert.That(Directory.Exists(photos["few.codes"]), Is.False);
    }

    [Test]
    public void One_class()
    {
        photos.Write("one/cats/a.jpg", Photos.Jpeg("discs", new Random(1)));
        photos.Write("one/cats/b.jpg", Photos.Jpeg("discs", new Random(2)));
        Fit(FailureKind.Data, photos["one"], "one class only, 'cats'");
    }

    [Test]
    public void A_class_with_one_image()
    {
        var data = photos.Folder("few", each: 3);
        photos.Write("few/lonely/a.jpg", Photos.Jpeg("discs", new Random(1)));
        Fit(FailureKind.Data, data, "'lonely'", "one image");
    }

    [Test]
    public void Labels_with_gaps_or_below_zero()
    {
        Npy.Write(photos["X.npy"], new CodeMatrix(new float[4 * 2], 4, 2));
        void Train(int[] labels, params string[] words)
        {
            Npy.Write(photos["y.npy"], labels);
            Tool.Fails(FailureKind.Data, ["train", "--codes", photos["X.npy"], "--labels", photos["y.npy"], "--c", "1"], words);
        }

        Train([0, 2, 2, 0], "class '1'", "no image");
        Train([0, 7, 7, 0], "label 7", "without gaps");
        Train([0, -1, 1, 0], "label -1");
    }

    [Test]
    public void Too_many_unreadable_images_stop_with_advice_and_are_skipped_when_allowed()
    {
        var data = photos.Folder("mixed", each: 6);
        photos.Write("mixed/discs/zero.jpg", []);
        photos.Write("mixed/discs/text.jpg", "<html>404</html>");
        photos.Write("mixed/checks/cut.jpg", Photos.Jpeg("checks", new Random(3))[..900]);
        photos.Write("mixed/checks/huge.png", HugePng());
        Fit(FailureKind.Data, data, "--max-bad");
        var fit = Tool.Json("fit", data, "-o", photos["m.onnx"], "--size", "64", "--c", "0.01", "--max-bad", "0.5");
        var skipped = fit.GetProperty("skipped").EnumerateArray().ToDictionary(item => item.GetProperty("id").GetString()!, item => item.GetProperty("reason").GetString()!);
        Assert.That(skipped.Keys, Is.EquivalentTo((string[])["checks/cut.jpg", "checks/huge.png", "discs/text.jpg", "discs/zero.jpg"]));
        Assert.That(skipped["discs/zero.jpg"], Does.Contain("empty"));
        Assert.That(skipped["discs/text.jpg"], Does.Contain("is not JPEG"));
        Assert.That(skipped["checks/cut.jpg"], Does.Contain("cut off").And.Contain("--allow-truncated"));
        Assert.That(skipped["checks/huge.png"], Does.Contain("pixels"));
    }

    [Test]
    public void A_truncated_photo_is_used_when_allowed()
    {
        var data = photos.Folder("cut", each: 6);
        photos.Write("cut/checks/cut.jpg", Photos.Jpeg("checks", new Random(3))[..900]);
        var fit = Tool.Json("fit", data, "-o", photos["m.onnx"], "--size", "64", "--c", "0.01", "--allow-truncated");
        Assert.That(fit.GetProperty("skipped").GetArrayLength(), Is.Zero);
    }

    [Test]
    public void A_model_that_is_none_or_is_cut_off()
    {
        var data = photos.Folder("data", each: 3);
        Fit(FailureKind.Model, data, ["--model", photos.Write("text.onnx", "not a model at all")], "text.onnx", "not an ONNX model");
        var embedded = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "models", "resnet18.onnx"));
        Fit(FailureKind.Model, data, ["--model", photos.Write("cut.onnx", embedded[..(embedded.Length / 2)])], "cut.onnx");
        Tool.Fails(FailureKind.Model, ["predict", photos["text.onnx"], data], "text.onnx");
        Tool.Fails(FailureKind.Model, ["predict", Path.Combine(AppContext.BaseDirectory, "models", "resnet18.onnx"), data], "resnet18.onnx");
        Tool.Fails(FailureKind.Model, ["taps", photos["none.onnx"]], "none.onnx");
    }

    [Test]
    public void A_model_that_takes_no_image_or_has_data_outside_its_folder()
    {
        var data = photos.Folder("data", each: 3);
        var table = GraphBuilder.Empty("table", opset: 13, irVersion: 7);
        table.Input("numbers", DataType.Float, "N", 10);
        table.Output(table.Add("Relu", ["numbers"], "out"), DataType.Float, "N", 10);
        var path = photos["table.onnx"];
        table.Build().Write(path);
        Fit(FailureKind.Model, data, ["--model", path, "--recipe", "imagenet"], "table.onnx", "numbers");

        var outside = OnnxModel.Read(EmbeddedModel.Path()).Proto.Clone();
        var weights = outside.Graph.Initializer[0];
        weights.ClearRawData();
        weights.FloatData.Clear();
        weights.DataLocation = TensorProto.Types.DataLocation.External;
        weights.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../secret.bin" });
        File.WriteAllBytes(photos["outside.onnx"], outside.ToByteArray());
        Fit(FailureKind.Model, data, ["--model", photos["outside.onnx"], "--recipe", "caffe"], "secret.bin", "outside");
    }

    [Test]
    public void A_pooling_that_needs_a_size_the_tap_does_not_have()
    {
        var data = photos.Folder("data", each: 3);
        Fit(FailureKind.Model, data, ["--tap", "Pooling395_Output_0", "--size", "96"], "Pooling395_Output_0");
    }

    [Test]
    public void A_tap_that_does_not_exist_is_answered_with_the_nearest()
    {
        var data = photos.Folder("data", each: 3);
        Fit(FailureKind.Model, data, ["--tap", "ReLU316_Output_0"], "ReLU316_Output_0", "ReLU315_Output_0");
        Fit(FailureKind.Usage, data, ["--pooling", "mean"], "mean", "avg");
    }

    [Test]
    public void Names_that_occur_twice_and_labels_that_are_missing()
    {
        photos.Folder("data", each: 2);
        var twice = photos.Write("twice.csv", "path,label\ndata/discs/00.jpg,a\ndata/discs/00.jpg,b\n");
        Fit(FailureKind.Data, twice, "twice.csv, line 3", "line 2");
        var missing = photos.Write("missing.csv", "path,label\ndata/discs/00.jpg,a\ndata/discs/01.jpg,\n");
        Fit(FailureKind.Data, missing, "missing.csv, line 3", "no label");
    }

    [Test]
    public void A_wrong_recipe_or_head_or_c()
    {
        var data = photos.Folder("data", each: 3);
        Fit(FailureKind.Usage, data, ["--recipe", "imagenette"], "imagenette", "imagenet");
        Fit(FailureKind.Usage, data, ["--head", "tree"], "tree", "softmax");
        Fit(FailureKind.Usage, data, ["--size", "64", "--c", "-1"], "-1");
    }

    [Test]
    public void An_output_in_no_folder_or_that_is_one_is_told_before_the_work()
    {
        var data = photos.Folder("data", each: 3);
        Tool.Fails(FailureKind.Machine, ["fit", data, "-o", photos["no/such/m.onnx"]], "no/such");
        Tool.Fails(FailureKind.Machine, ["fit", data, "-o", data], data, "is a folder");
    }

    [Test]
    public void A_full_disk_leaves_nothing_half_written()
    {
        var data = photos.Folder("data", each: 4);
        Directory.CreateDirectory(photos["small"]);
        if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", photos["small"]) != 0)
        {
            Assert.Ignore("needs the right to mount a small tmpfs");
        }

        try
        {
            Tool.Fails(FailureKind.Machine, ["fit", data, "-o", photos["small/m.onnx"], "--size", "64", "--c", "0.01"], "m.onnx");
            Assert.That(Directory.GetFileSystemEntries(photos["small"]), Is.Empty);
            Tool.Fails(FailureKind.Machine, ["extract", data, "-o", photos["small/store"], "--size", "64", "--pooling", "flatten", "--tap", "stage1"], "store");
            Assert.That(Directory.GetFiles(photos["small"], "*.part", SearchOption.AllDirectories), Is.Empty);
        }
        finally
        {
            Run("umount", photos["small"]);
        }
    }

    [Test]
    public void Ctrl_c_ends_with_130_and_says_how_to_resume()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Repository.Tool) || Run(Repository.Tool, "--version") != 0)
        {
            Assert.Ignore("needs Linux, and the built tool beside the solution");
        }

        var data = photos.Folder("many", each: 100);
        string[] extract = ["extract", data, "-o", photos["store"], "--tap", "stage1", "--block", "8"];

        // A process in the background inherits that Ctrl-C is ignored, and so would the tool.
        using var process = Start("env", ["--default-signal=INT", Repository.Tool, .. extract]);
        bool Sealed() => File.Exists(photos["store/index.jsonl"]) && File.ReadAllLines(photos["store/index.jsonl"]).Length > 0;
        while (!Sealed() && !process.HasExited)
        {
            Thread.Sleep(5);
        }

        Run("kill", "-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.EqualTo(130), error);
        Assert.That(error, Does.Contain("again"));
        var block = Directory.GetFiles(photos["store/blocks"], "000000-*.arrow").Single();
        var written = File.GetLastWriteTimeUtc(block);
        Assert.That(Tool.Json(extract).GetProperty("images").GetInt32(), Is.EqualTo(300));
        Assert.That(File.GetLastWriteTimeUtc(block), Is.EqualTo(written));
    }

    /// <summary>A PNG that declares 20,000 x 20,000 pixels and has none of them.</summary>
    private static byte[] HugePng() =>
    [
        0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10,
        .. Chunk("IHDR", [0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20, 8, 2, 0, 0, 0]), .. Chunk("IDAT", [0x78, 0x9c, 3, 0, 0, 0, 0, 1]), .. Chunk("IEND", []),
    ];

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        var crc = 0xffffffffu;
        foreach (var value in body)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
            }
        }

        return [.. BigEndian((uint)data.Length), .. body, .. BigEndian(~crc)];
    }

    private static byte[] BigEndian(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private void Fit(FailureKind kind, string data, params string[] words) => Fit(kind, data, [], words);

    private void Fit(FailureKind kind, string data, string[] options, params string[] words)
    {
        var output = photos["output.onnx"];
        Tool.Fails(kind, ["fit", data, "-o", output, .. options], words);
        Assert.That(Directory.GetFiles(photos.Root, "output.onnx*"), Is.Empty);
    }

    private static Process Start(string file, params string[] arguments) => Process.Start(new ProcessStartInfo(file, arguments)
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
    })!;

    private static int Run(string file, params string[] arguments)
    {
        using var process = Start(file, arguments);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
