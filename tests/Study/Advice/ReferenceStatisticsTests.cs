using System.Text.Json.Nodes;
using OnnxTransfer.Engine;
using OnnxTransfer.Engine.Tests;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study.Tests;

public class ReferenceStatisticsTests
{
    private static readonly ReferenceStatistics Some = new(
        "abc",
        [new Reference(Recipe.Named("imagenet"), "photos", 12, [new LayerStatistics("layer", Pooling.Average, [1.25, -3e-7, 123456.789], [0, 2, 1e-9])])]);

    [Test]
    public void What_is_written_is_read_again_to_six_digits()
    {
        var read = ReferenceStatisticsJson.Parse(ReferenceStatisticsJson.Write(Some), "here");
        var (was, found) = (Some.References[0], read.References[0]);
        Assert.Multiple(() =>
        {
            Assert.That(read.WeightsSha256, Is.EqualTo("abc"));
            Assert.That((found.Recipe, found.MadeOf, found.Images), Is.EqualTo((was.Recipe, was.MadeOf, was.Images)));
            Assert.That(found.Layers[0].Key, Is.EqualTo("layer|avg"));
            Assert.That(found.Layers[0].Mean, Is.EqualTo(was.Layers[0].Mean).Within(0.001).Percent);
            Assert.That(found.Layers[0].Variance, Is.EqualTo(was.Layers[0].Variance).Within(0.001).Percent);
        });
    }

    [Test]
    public void A_reference_replaces_the_one_for_its_recipe_and_no_other()
    {
        var small = Some.References[0] with { Recipe = Recipe.Named("imagenet").WithSize(96) };
        var both = Some.With(small).With(Some.References[0] with { MadeOf = "others" });
        Assert.That(both.References.Select(static reference => (reference.Recipe.Size, reference.MadeOf)), Is.EqualTo(new[] { (96, "photos"), (224, "others") }));
        Assert.That(both.For(small.Recipe), Is.SameAs(small));
        Assert.That(Some.For(small.Recipe), Is.Null);
    }

    [TestCase("nothing", "is not JSON")]
    [TestCase("[]", "lacks format")]
    [TestCase("""{ "format": 1 }""", "format")]
    [TestCase("""{ "format": "2" }""", "another kind")]
    [TestCase("""{ "format": 2, "weightsSha256": 5, "references": [] }""", "another kind")]
    [TestCase("""{ "format": 2, "weightsSha256": "a", "references": {} }""", "references")]
    [TestCase("""{ "format": 2, "weightsSha256": "a", "references": [ 1 ] }""", "lacks layers")]
    public void A_damaged_file_is_told_in_a_sentence(string text, string words) =>
        Sentences.Fails(FailureKind.Model, () => ReferenceStatisticsJson.Parse(text, "here"), "here", words, "--make-reference");

    [TestCase("mean", "[1]", "as many variances")]
    [TestCase("variance", "[1, 1, -1]", "as many variances")]
    [TestCase("variance", "[1, 1, 1e999]", "not finite")]
    [TestCase("pooling", "\"median\"", "'median'")]
    [TestCase("tap", "\"\"", "tap")]
    public void A_damaged_layer_is_told_in_a_sentence(string field, string value, string words)
    {
        var json = JsonNode.Parse(ReferenceStatisticsJson.Write(Some))!;
        json["references"]![0]!["layers"]![0]![field] = JsonNode.Parse(value);
        Sentences.Fails(FailureKind.Model, () => ReferenceStatisticsJson.Parse(json.ToJsonString(), "here"), words);
    }

    [Test]
    public void Statistics_of_another_network_are_refused()
    {
        using var network = new SmallNetwork();
        using var backbone = network.Load();
        Some.Write(network["net.statistics.json"]);
        Assert.That(ReferenceStatistics.PathOf(backbone), Is.EqualTo(network["net.statistics.json"]));
        Sentences.Fails(FailureKind.Model, () => ReferenceStatistics.Read(network["net.statistics.json"], backbone), "another network");
        Sentences.Fails(FailureKind.Data, () => ReferenceStatistics.Read(network["missing.json"], backbone), "missing.json");
    }

    [Test]
    public void A_network_is_known_by_its_weights_whatever_it_is_called()
    {
        using var network = new SmallNetwork();
        using var backbone = network.Load();
        var folder = Directory.CreateDirectory(network["shipped"]).FullName;
        Some.Write(Path.Combine(folder, "another.statistics.json"));
        Assert.That(ReferenceStatistics.Find(backbone, folder), Is.Null);

        SomeOf(backbone).Write(Path.Combine(folder, "published.statistics.json"));
        Assert.That(ReferenceStatistics.Find(backbone, folder)?.MadeOf, Is.EqualTo("photos"));
        Assert.That(ReferenceStatistics.Find(backbone, network["no such folder"]), Is.Null);
    }

    [Test]
    public void Statistics_beside_the_model_go_before_those_that_come_with_the_application_for_their_own_recipe()
    {
        using var network = new SmallNetwork();
        using var backbone = network.Load();
        var folder = Directory.CreateDirectory(network["shipped"]).FullName;
        var shipped = SomeOf(backbone);
        shipped.Write(Path.Combine(folder, "published.statistics.json"));

        (shipped with { References = [Some.References[0] with { MadeOf = "others" }] }).Write(ReferenceStatistics.PathOf(backbone));
        Assert.That(ReferenceStatistics.Find(backbone, folder)?.MadeOf, Is.EqualTo("photos"));

        (shipped with { References = [shipped.References[0] with { MadeOf = "others" }] }).Write(ReferenceStatistics.PathOf(backbone));
        Assert.That(ReferenceStatistics.Find(backbone, folder)?.MadeOf, Is.EqualTo("others"));
    }

    [Test]
    public void A_damaged_file_that_comes_with_the_application_is_told()
    {
        using var network = new SmallNetwork();
        using var backbone = network.Load();
        File.WriteAllText(network["shipped.statistics.json"], "{}");
        Sentences.Fails(FailureKind.Model, () => ReferenceStatistics.Find(backbone, network.Path), "shipped.statistics.json");
    }

    [Test]
    public void SqueezeNet_as_it_was_published_has_a_reference()
    {
        using var backbone = Backbone.Load(SharedFiles.Path("models/squeezenet1_1-fp16.onnx"));
        Assert.That(ReferenceStatistics.Find(backbone)?.Layers, Has.Count.GreaterThan(5));
    }

    private static ReferenceStatistics SomeOf(Backbone backbone) =>
        Some with { WeightsSha256 = backbone.Model.WeightsSha256, References = [Some.References[0] with { Recipe = backbone.Recipe }] };
}
