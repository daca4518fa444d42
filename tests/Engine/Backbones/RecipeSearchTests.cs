using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine.Tests;

public class RecipeSearchTests
{
    private static readonly Recipe Given = Recipe.Named("imagenet").WithSize(16);

    [Test]
    public void The_order_is_given_then_beside_then_metadata()
    {
        using var net = new SmallNetwork(more: graph => graph.SetMetadata("onnxtransfer.recipe", Given.ToJson()));
        using (var given = Backbone.Load(net.Model, new BackboneOptions { Recipe = Recipe.Named("caffe").WithSize(16) }))
        {
            Assert.That(given.Recipe, Is.EqualTo(Recipe.Named("caffe").WithSize(16)));
        }

        using (var beside = net.Load())
        {
            Assert.That(beside.Recipe, Is.EqualTo(Recipe.Parse(SmallNetwork.RecipeText, "here")));
        }

        File.Delete(net["net.recipe.json"]);
        using var inside = net.Load();
        Assert.That(inside.Recipe, Is.EqualTo(Given));
    }

    [Test]
    public void Without_any_recipe_the_options_are_named()
    {
        using var net = new SmallNetwork(recipe: false);
        Assert.That(
            Sentences.Failure(FailureKind.Model, () => net.Load()).Message,
            Does.Contain("--recipe imagenet").And.Contain("net.recipe.json").And.Contain("net.onnx"));
    }

    [Test]
    public void A_damaged_recipe_beside_the_model_is_an_error_and_not_passed_over()
    {
        using var net = new SmallNetwork();
        File.WriteAllText(net["net.recipe.json"], "{ \"size\": 16 ");
        Assert.That(Sentences.Failure(FailureKind.Model, () => net.Load()).Message, Does.Contain("net.recipe.json"));
    }

    [Test]
    public void A_recipe_for_the_other_layout_is_refused()
    {
        using var net = new SmallNetwork();
        Assert.That(
            Sentences.Failure(FailureKind.Model, () => Backbone.Load(net.Model, new BackboneOptions { Recipe = Given with { Layout = TensorLayout.NHWC } })).Message,
            Does.Contain("NHWC").And.Contain("NCHW").And.Contain("image"));
    }

    [Test]
    public void The_published_models_are_recognised_by_their_weights_alone()
    {
        using var folder = new SmallNetwork();
        var copy = folder["anything.onnx"];
        File.Copy(SharedFiles.ResNet18(), copy);
        using var backbone = Backbone.Load(copy);
        Assert.That(backbone.Recipe, Is.EqualTo(Recipe.FromOption(Path.ChangeExtension(SharedFiles.ResNet18(), ".recipe.json"))));
    }

    [Test]
    public void Squeezenet_is_recognised_by_its_weights_alone()
    {
        using var folder = new SmallNetwork();
        var copy = folder["anything.onnx"];
        var source = SharedFiles.Path("models/squeezenet1_1-fp16.onnx");
        File.Copy(source, copy);
        File.SetAttributes(copy, FileAttributes.Normal);
        using var backbone = Backbone.Load(copy);
        Assert.That(backbone.Recipe, Is.EqualTo(Recipe.FromOption(Path.ChangeExtension(source, ".recipe.json"))));
    }
}
