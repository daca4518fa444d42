using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Format;

public class ExternalDataTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("onnxtransfer-external-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestCase("weights.bin")]
    [TestCase("data/weights.bin")]
    [TestCase("./weights.bin")]
    public void Weights_beside_the_model_are_loaded_into_it(string location)
    {
        var original = TinyModels.Network();
        var model = OnnxModel.Read(Write(original, location));
        Assert.Multiple(() =>
        {
            Assert.That(model.WeightsSha256, Is.EqualTo(original.WeightsSha256));
            Assert.That(model.Sha256, Is.Not.EqualTo(original.Sha256));
            Assert.That(OnnxModel.Parse(model.ToBytes(), "inside").WeightsSha256, Is.EqualTo(original.WeightsSha256));
        });
    }

    [TestCase("../weights.bin")]
    [TestCase("data/../../weights.bin")]
    [TestCase("/etc/passwd")]
    [TestCase("C:\\weights.bin")]
    [TestCase("..\\weights.bin")]
    public void A_location_outside_the_folder_is_refused(string location)
    {
        var path = Write(TinyModels.Network(), "weights.bin", declared: location);
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Read(path)), Does.Contain("outside the model's folder"));
    }

    [Test]
    public void A_link_out_of_the_folder_is_refused_and_one_inside_is_followed()
    {
        var path = Write(TinyModels.Network(), "weights.bin", declared: "link.bin");
        File.CreateSymbolicLink(Path.Combine(folder, "link.bin"), "weights.bin");
        Assert.That(OnnxModel.Read(path).WeightsSha256, Is.EqualTo(TinyModels.Network().WeightsSha256));

        var outside = Path.GetTempFileName();
        File.Move(Path.Combine(folder, "weights.bin"), outside, overwrite: true);
        File.CreateSymbolicLink(Path.Combine(folder, "weights.bin"), outside);
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Read(path)), Does.Contain("leads out"));
        File.Delete(outside);
    }

    [Test]
    public void A_file_that_is_missing_or_too_short_is_refused_by_the_tensor()
    {
        var path = Write(TinyModels.Network(), "weights.bin");
        using (var file = File.OpenWrite(Path.Combine(folder, "weights.bin")))
        {
            file.SetLength(file.Length - 1);
        }

        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Read(path)), Does.Contain("fc.weight"));
        File.Delete(Path.Combine(folder, "weights.bin"));
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Read(path)), Does.Contain("conv.weight"));
    }

    [TestCase("offset", "99999999999999999999")]
    [TestCase("offset", "-8")]
    [TestCase("length", "7")]
    public void Numbers_that_lie_are_refused(string key, string value)
    {
        var path = Write(TinyModels.Network(), "weights.bin");
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        proto.Graph.Initializer[0].ExternalData.Single(e => e.Key == key).Value = value;
        File.WriteAllBytes(path, proto.ToByteArray());
        Sentences.Of(FailureKind.Model, () => OnnxModel.Read(path));
    }

    [Test]
    public void A_model_without_a_folder_has_no_external_data()
    {
        var path = Write(TinyModels.Network(), "weights.bin");
        Assert.That(Sentences.Of(FailureKind.Model, () => OnnxModel.Parse(File.ReadAllBytes(path), "x.onnx")), Does.Contain("read the model from its folder"));
    }

    private string Write(OnnxModel model, string location, string? declared = null)
    {
        var proto = model.Copy();
        var data = new MemoryStream();
        foreach (var tensor in proto.Graph.Initializer)
        {
            var bytes = TensorData.Bytes(tensor).ToArray();
            tensor.ClearRawData();
            tensor.DataLocation = DataLocation.External;
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = declared ?? location });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{data.Length}" });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{bytes.Length}" });
            data.Write(bytes);
        }

        var file = Path.Combine(folder, location);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, data.ToArray());
        var path = Path.Combine(folder, "model.onnx");
        File.WriteAllBytes(path, proto.ToByteArray());
        return path;
    }
}
