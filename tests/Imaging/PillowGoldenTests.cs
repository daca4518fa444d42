using System.Text.Json;

namespace OnnxTransfer.Imaging.Tests;

/// <summary>Byte for byte what Pillow and torchvision make of small files of every kind.</summary>
public sealed class PillowGoldenTests
{
    public static IEnumerable<TestCaseData<JsonElement>> Decoded => Goldens.Cases("decoded")
        .Select(golden => new TestCaseData<JsonElement>(golden).SetArgDisplayNames(golden.Text("file")));

    public static IEnumerable<TestCaseData<JsonElement>> Resized => Goldens.Cases("resized")
        .Select(golden => new TestCaseData<JsonElement>(golden).SetArgDisplayNames(
            $"{golden.Text("file")} to {golden.Whole("width")}x{golden.Whole("height")} {golden.Text("filter")}"));

    public static IEnumerable<TestCaseData<JsonElement>> Squares => Goldens.Cases("geometry")
        .Select(golden => new TestCaseData<JsonElement>(golden).SetArgDisplayNames(
            $"{golden.Text("file")} by {golden.Whole("resizeTo")} to {golden.Whole("size")} {golden.Text("filter")}"));

    [TestCaseSource(nameof(Decoded))]
    public void A_file_decodes_to_the_bytes_of_Pillow_or_of_the_rule_stated_instead(JsonElement golden)
    {
        var image = Goldens.Decode(golden.Text("file"));
        Assert.That((image.Width, image.Height), Is.EqualTo((golden.Whole("width"), golden.Whole("height"))));
        Assert.That(Goldens.Digest(image), Is.EqualTo(golden.Text("sha256")));
    }

    [Test]
    public void Every_golden_file_has_its_case() =>
        Assert.That(Goldens.Cases("decoded").Select(golden => golden.Text("file")), Is.EquivalentTo(Goldens.Files));

    [TestCaseSource(nameof(Resized))]
    public void A_resize_gives_the_bytes_of_Pillow(JsonElement golden)
    {
        var filter = Enum.Parse<ResizeFilter>(golden.Text("filter"), ignoreCase: true);
        var image = Resampling.Resize(Goldens.Decode(golden.Text("file")), golden.Whole("width"), golden.Whole("height"), filter);
        Assert.That(Goldens.Digest(image), Is.EqualTo(golden.Text("sha256")));
    }

    [TestCaseSource(nameof(Squares))]
    public void Short_side_and_centre_crop_give_the_bytes_of_torchvision(JsonElement golden)
    {
        var preprocessor = new Preprocessor(new Recipe
        {
            Size = golden.Whole("size"),
            ResizeTo = golden.Whole("resizeTo"),
            Filter = Enum.Parse<ResizeFilter>(golden.Text("filter"), ignoreCase: true),
        });
        Assert.That(Goldens.Digest(preprocessor.Geometry(Goldens.Decode(golden.Text("file")))), Is.EqualTo(golden.Text("sha256")));
    }
}
