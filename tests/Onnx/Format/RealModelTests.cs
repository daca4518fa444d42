namespace OnnxTransfer.Onnx.Tests.Format;

public class RealModelTests
{
    [Test]
    public void Squeezenet_is_read_with_its_hash_and_written_back_byte_for_byte()
    {
        var path = SharedFiles.Path("models/squeezenet1_1-fp16.onnx");
        var model = OnnxModel.Read(path);
        Assert.Multiple(() =>
        {
            Assert.That(model.Sha256, Is.EqualTo("21f25e3d9254af93e6218a359469fac714a017b3f9035c0f5c4acbf9a3ff7233"));
            Assert.That(model.ToBytes(), Is.EqualTo(File.ReadAllBytes(path)));
            Assert.That(model.Opset, Is.EqualTo(7));
            Assert.That(new Graph(model).Inputs.Select(i => i.Name), Is.EqualTo(["data_0"]));
        });
    }

    [Test]
    public void Resnet18_is_read_with_its_hash_and_keeps_every_byte_that_counts()
    {
        var model = OnnxModel.Read(SharedFiles.ResNet18());
        var again = OnnxModel.Parse(model.ToBytes(), "again");
        Assert.Multiple(() =>
        {
            Assert.That(model.Sha256, Is.EqualTo("e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f"));
            Assert.That(again.Proto, Is.EqualTo(model.Proto));
            Assert.That(again.WeightsSha256, Is.EqualTo(model.WeightsSha256));
            Assert.That(new Graph(model).Inputs.Select(i => i.Name), Is.EqualTo(["Input247"]));
        });
    }
}
