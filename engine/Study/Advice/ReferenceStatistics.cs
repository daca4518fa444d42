using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study;

/// <summary>
/// What a backbone's codes look like on images of the kind that it was trained on, reduced to a short side of 32 pixels: means and
/// variances alone, no image and no code of one. Kept beside the model as <c>NAME.statistics.json</c>; those of some published models come with the application.
/// </summary>
/// <param name="WeightsSha256">The network: SHA-256 of its weights.</param>
/// <param name="References">One for each recipe, as codes of other image sizes have other statistics.</param>
public sealed record ReferenceStatistics(string WeightsSha256, IReadOnlyList<Reference> References)
{
    private const string Extension = ".statistics.json";

    /// <summary>Where the statistics of a backbone are kept: beside the model.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: a backbone that is no file.</exception>
    public static string PathOf(Backbone backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        return Path.ChangeExtension(backbone.Model.Path, Extension)
            ?? throw new OnnxTransferException(FailureKind.Usage, $"{backbone.Model.Name} is no file, so nothing lies beside it; name the file of its statistics.");
    }

    /// <summary>
    /// The reference for a backbone and its recipe: of the file beside the model, else of the files that come with the
    /// application, which know a network by its weights whatever it is called.
    /// </summary>
    /// <returns>Null where none has the network and the recipe.</returns>
    /// <exception cref="OnnxTransferException">As for <see cref="Read"/>, of a file that is there.</exception>
    public static Reference? Find(Backbone backbone) => Find(backbone, EmbeddedModel.Folder);

    /// <summary>The same with the folder of those that come with the application.</summary>
    internal static Reference? Find(Backbone backbone, string folder)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        var kept = backbone.Model.Path is not null && File.Exists(PathOf(backbone)) ? Read(PathOf(backbone), backbone).For(backbone.Recipe) : null;
        return kept ?? Shipped(folder).Where(statistics => statistics.WeightsSha256 == backbone.Model.WeightsSha256)
            .Select(statistics => statistics.For(backbone.Recipe)).FirstOrDefault(static reference => reference is not null);
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

    private static IEnumerable<ReferenceStatistics> Shipped(string folder) => Directory.Exists(folder)
        ? Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal).Select(ReferenceStatisticsJson.Read)
        : [];
}

/// <summary>The statistics for one recipe.</summary>
/// <param name="Recipe">How the reduced images became the network's input.</param>
/// <param name="MadeOf">What the images were, in words.</param>
/// <param name="Images">How many.</param>
/// <param name="Layers">One for each layer.</param>
public sealed record Reference(Recipe Recipe, string MadeOf, int Images, IReadOnlyList<LayerStatistics> Layers);
