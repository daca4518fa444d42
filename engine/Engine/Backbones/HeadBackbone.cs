namespace OnnxTransfer.Engine;

/// <summary>The way back from a trained head to the network that made its codes.</summary>
public static class HeadBackbone
{
    /// <summary>The backbone that made the codes of a head: the file given, the one that the head remembers, or the embedded one.</summary>
    /// <exception cref="OnnxTransferException">Model: the head was trained on plain arrays, or the network is another one.</exception>
    public static Backbone Of(TrainedHead trained, string headPath, string? model)
    {
        ArgumentNullException.ThrowIfNull(trained);
        if (trained.Header is not { } header)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"{headPath} was trained on plain arrays: no backbone is known to make its codes; train it on a store.");
        }

        var path = model ?? (header.ModelPath is { } remembered && File.Exists(remembered) ? remembered : EmbeddedModel.Path());
        var backbone = Backbone.Load(path, new BackboneOptions { Recipe = header.Recipe });
        if (backbone.Model.Sha256 == header.ModelSha256)
        {
            return backbone;
        }

        backbone.Dispose();
        throw new OnnxTransferException(
            FailureKind.Model, $"{headPath} belongs to {header.Model} (SHA-256 {header.ModelSha256[..12]}...), and {path} is another network; name the right one with --model.");
    }
}
