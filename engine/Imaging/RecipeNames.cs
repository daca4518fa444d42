namespace OnnxTransfer.Imaging;

/// <summary>The recipes that the field knows by a word.</summary>
internal static class RecipeNames
{
    private static readonly IReadOnlyDictionary<string, Recipe> Known = new SortedDictionary<string, Recipe>(StringComparer.Ordinal)
    {
        // torchvision's reference preprocessing for ImageNet models.
        ["imagenet"] = new()
        {
            Size = 224, ResizeTo = 256, Scale = 1 / 255.0, Mean = [0.485, 0.456, 0.406], Std = [0.229, 0.224, 0.225],
        },

        // TensorFlow's Inception and its descendants: values from -1 to 1.
        ["inception"] = new()
        {
            Size = 299, ResizeTo = 342, Scale = 1 / 255.0, Mean = [0.5, 0.5, 0.5], Std = [0.5, 0.5, 0.5],
        },

        // Caffe's models: blue first, bytes less the mean pixel.
        ["caffe"] = new()
        {
            Size = 224, ResizeTo = 256, Channels = ChannelOrder.BGR, Mean = [104, 117, 123],
        },
    };

    public static Recipe Find(string name) => Known.TryGetValue(name, out var recipe)
        ? recipe
        : throw new OnnxTransferException(
            FailureKind.Usage, $"'{name}' is neither a file nor a known recipe; the known ones are {string.Join(", ", Known.Keys)}.");
}
