using System.Security.Cryptography;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Models.Tests;

[TestFixtureSource(typeof(ModelFolder), nameof(ModelFolder.All))]
internal sealed class ModelFolderTests(ModelFolder folder)
{
    [Test]
    public void The_model_beside_the_application_is_the_declared_one()
    {
        using var model = File.OpenRead(folder.Model);
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(model)), Is.EqualTo(folder.Declared("Sha256")));
    }

    [Test]
    public void The_card_names_package_hash_licence_training_data_accuracy_and_forbidden_uses()
    {
        var card = folder.Text("README.md");
        foreach (var word in (string[])[
            folder.Declared("Package"), folder.Declared("Sha256"), "| licence |", "| training data |", "## Accuracy of its codes", "## What it must not be used for"])
        {
            Assert.That(card, Does.Contain(word));
        }
    }

    [Test]
    public void The_recipe_is_one_and_lies_beside_the_model()
    {
        var file = $"{folder.Name}.recipe.json";
        var recipe = Recipe.Parse(folder.Text(file), file);
        Assert.That(recipe, Is.EqualTo(Recipe.Parse(File.ReadAllText(ModelFolder.Beside(file)), file)));
        Assert.That(folder.Text("README.md"), Does.Contain($"{recipe.Size} x {recipe.Size}").And.Contain(recipe.Channels.ToString()));
    }

    [Test]
    public void The_licence_lies_beside_the_model()
    {
        var file = $"{folder.Name}.license.txt";
        Assert.That(File.ReadAllText(ModelFolder.Beside(file)), Is.EqualTo(folder.Text(file)).And.Contain("Copyright"));
    }
}
