using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>
/// Recipes of published models, by the SHA-256 of their weights: the model is recognised whatever the file is called and
/// whoever saved it again. Both recipes are verified by the accuracy of the codes that they give.
/// </summary>
internal static class KnownModels
{
    private static readonly Dictionary<string, Recipe> Recipes = new(StringComparer.Ordinal)
    {
        // ResNet-18 of Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1 (onnx-models/resnet18).
        ["ee26fedb529fde27d5dc4ce313530c183437549c704b8419ebd18751d8951c50"] = Caffe(103.06, 115.90, 123.15),

        // SqueezeNet 1.1 in half precision, as published with Windows Machine Learning (onnx-models/squeezenet1_1-fp16).
        ["f6ba139a84cbfeb04b15b523eb57f98901424498738d14a45652bc9be2f179cc"] = Caffe(104, 117, 123),
    };

    /// <summary>The recipe of the model with these weights, or null.</summary>
    public static Recipe? Find(string weightsSha256) => Recipes.GetValueOrDefault(weightsSha256);

    private static Recipe Caffe(double blue, double green, double red) => new()
    {
        Size = 224, ResizeTo = 256, Channels = ChannelOrder.BGR, Mean = [blue, green, red],
    };
}
