using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>Where the recipe of a model comes from; never a guess.</summary>
internal static class RecipeSearch
{
    /// <summary>The metadata entry that holds a recipe.</summary>
    public const string Metadata = "onnxtransfer.recipe";

    /// <summary>
    /// The first of: the recipe that was given; the file NAME.recipe.json beside NAME.onnx; the model's metadata entry
    /// <see cref="Metadata"/>; the table of known models.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: there is none, or the one that was found is damaged; <see cref="FailureKind.Machine"/>:
    /// the file beside the model cannot be read.
    /// </exception>
    public static Recipe Find(OnnxModel model, Recipe? given)
    {
        if (given is not null)
        {
            return given;
        }

        var beside = model.Path is null ? null : Path.ChangeExtension(model.Path, ".recipe.json");
        if (File.Exists(beside))
        {
            return Recipe.Parse(ReadText(beside), beside);
        }

        if (model.Metadata(Metadata) is { } json)
        {
            return Recipe.Parse(json, $"in the metadata of {model.Name}");
        }

        return KnownModels.Find(model.WeightsSha256) ?? throw new OnnxTransferException(
            FailureKind.Model,
            $"Nothing says how photos become the input of {model.Name}: give a recipe by name (--recipe imagenet) or file "
            + $"(--recipe FILE.json), or put {Path.ChangeExtension(model.Name, ".recipe.json")} beside the model.");
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot read the recipe {path}: {e.Message.TrimEnd('.')}; check its permissions.", e);
        }
    }
}
