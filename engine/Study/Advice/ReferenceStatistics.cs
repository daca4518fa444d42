using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>
/// What a backbone's codes look like on images of the kind that it was trained on, kept beside the model as
/// <c>NAME.statistics.json</c>: means and variances alone, no image and no code of one.
/// </summary>
/// <param name="WeightsSha256">The network: SHA-256 of its weights.</param>
/// <param name="References">One for each recipe, as codes of other image sizes have other statistics.</param>
public sealed record ReferenceStatistics(string WeightsSha256, IReadOnlyList<Reference> References)
{
    /// <summary>Where the statistics of a backbone lie.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: a backbone that is no file.</exception>
    public static string PathOf(Backbone backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        return Path.ChangeExtension(backbone.Model.Path, ".statistics.json")
            ?? throw new OnnxTransferException(FailureKind.Usage, $"{backbone.Model.Name} is no file, so nothing lies beside it; name the file of its statistics.");
    }

    /// <summary>Reads the statistics of a backbone.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: there is no such file; <see cref="FailureKind.Model"/>: it is damaged or belongs to another network; <see cref="FailureKind.Machine"/>: it cannot be read.
    /// </exception>
    public static ReferenceStatistics Read(string path, Backbone backbone)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(backbone);
        var statistics = ReferenceStatisticsJson.Read(path);
        return statistics.WeightsSha256 == backbone.Model.WeightsSha256
            ? statistics
            : throw new OnnxTransferException(
                FailureKind.Model, $"The statistics {path} belong to another network than {backbone.Model.Name}; make them anew with --make-reference.");
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it cannot be written.</exception>
    public void Write(string path) => WholeFile.WriteText(path, ReferenceStatisticsJson.Write(this));

    /// <summary>The reference for a recipe; null where there is none.</summary>
    public Reference? For(Recipe recipe) => References.FirstOrDefault(reference => reference.Recipe.Equals(recipe));

    /// <summary>The same with a reference in the place of the one for its recipe.</summary>
    public ReferenceStatistics With(Reference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return this with { References = [.. References.Where(other => !other.Recipe.Equals(reference.Recipe)), reference] };
    }
}

/// <summary>The statistics for one recipe.</summary>
/// <param name="Recipe">How the images became the network's input.</param>
/// <param name="MadeOf">What the images were, in words.</param>
/// <param name="Images">How many.</param>
/// <param name="Layers">One for each layer.</param>
public sealed record Reference(Recipe Recipe, string MadeOf, int Images, IReadOnlyList<LayerStatistics> Layers);
