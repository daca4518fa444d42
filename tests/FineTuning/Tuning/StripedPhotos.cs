using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Onnx;
using SkiaSharp;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.FineTuning.Tests;

/// <summary>
/// A folder with photos of level and upright stripes and a network of two convolutions that looks at single pixels, so that no
/// linear head on it tells them apart; gone afterwards.
/// </summary>
internal sealed class StripedPhotos : IDisposable
{
    private const int Side = 16;
    private const string Recipe = """{ "size": 16, "resize": "stretch", "resizeTo": 16, "filter": "bilinear", "crop": "none", "scale": 0.01, "mean": [1, 1, 1], "std": [1, 1, 1] }""";

    /// <summary>Makes the folder.</summary>
    /// <param name="each">Photos of each class.</param>
    /// <param name="norm">Whether a batch normalisation follows the first convolution.</param>
    /// <param name="between">What else comes between the two convolutions, given their border.</param>
    public StripedPhotos(int each = 12, bool norm = false, Func<GraphBuilder, string, string>? between = null)
    {
        Network(norm, between).Write(Model);
        File.WriteAllText(this["net.recipe.json"], Recipe);
        for (var i = 0; i < each; i++)
        {
            Photo($"photos/level/{i:00}.png", i, isLevel: true);
            Photo($"photos/upright/{i:00}.png", i, isLevel: false);
        }
    }

    /// <summary>The folder.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("onnxtransfer-stripes-").FullName;

    /// <summary>The network.</summary>
    public string Model => this["net.onnx"];

    /// <summary>Where the result goes.</summary>
    public string Output => this["tuned.onnx"];

    /// <summary>The photos.</summary>
    public LabelledImages Images => LabelledImages.FromFolder(this["photos"]);

    public string this[string relative] => Path.Combine(Root, relative);

    /// <summary>A quick training that changes no image.</summary>
    public static FineTuneOptions Quick => new()
    {
        Epochs = 2, Batch = 8, Optimizer = "adamw", Rate = 0.01, BackboneFactor = 1, Augmentation = "none", ValidationShare = 0.2, Threads = 1,
        Extraction = new ExtractionOptions { Workers = 1 },
    };

    /// <summary>Opens the network, trains it and closes it.</summary>
    public FineTuneReport Run(FineTuneOptions options, IProgress<FineTuneProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var backbone = Backbone.Load(Model);
        return FineTune.Run(backbone, Images, Output, options, progress: progress, cancellation: cancellation);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>first = Relu(Conv 3 -> 6, or with its normalisation), second = Relu(Conv 6 -> 8, stride 2), then the mean and ten scores.</summary>
    public static OnnxModel Network(bool norm = false, Func<GraphBuilder, string, string>? between = null)
    {
        var random = new Random(5);
        var graph = GraphBuilder.Empty("net", 13, 7);
        graph.Input("image", DataType.Float, "N", 3, Side, Side);
        var first = Convolution("image", 3, 6, 1, "first");
        if (norm)
        {
            first = graph.Add(
                "BatchNormalization",
                [
                    first, graph.Constant("scale", [1f, 1.1f, 0.9f, 1f, 1f, 1f], 6), graph.Constant("shift", [0f, 0f, 0.1f, 0f, 0f, 0.2f], 6),
                    graph.Constant("mean", [0f, 0.1f, 0f, 0f, 0f, 0f], 6), graph.Constant("variance", [1f, 1.2f, 1f, 0.8f, 1f, 1f], 6),
                ],
                "first/norm");
        }

        first = graph.Add("Relu", [first], "first");
        first = between?.Invoke(graph, first) ?? first;
        var second = graph.Add("Relu", [Convolution(first, 6, 8, 2, "second")], "second");
        var features = graph.Add("Flatten", [graph.Add("GlobalAveragePool", [second], "pool")], "features", ("axis", 1L));
        var scores = graph.Add("Gemm", [features, graph.Constant("fc", Noise(80), 8, 10), graph.Constant("fc.bias", new float[10], 10)], "scores");
        graph.Output(graph.Add("Softmax", [scores], "probabilities", ("axis", 1L)), DataType.Float, "N", 10);
        return graph.Build();

        float[] Noise(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];

        string Convolution(string x, int inputs, int outputs, long stride, string name)
        {
            var kernel = new float[outputs * inputs * 9];
            var centre = Noise(outputs * inputs);
            for (var i = 0; i < centre.Length; i++)
            {
                kernel[(i * 9) + 4] = centre[i];
            }

            return graph.Add(
                "Conv", [x, graph.Constant($"{name}.kernel", kernel, outputs, inputs, 3, 3), graph.Constant($"{name}.intercept", Noise(outputs), outputs)], $"{name}/conv",
                ("strides", new[] { stride, stride }), ("pads", new long[] { 1, 1, 1, 1 }));
        }
    }

    // Level and upright photos of one seed have the same pixels.
    private void Photo(string relative, int seed, bool isLevel)
    {
        var random = new Random(seed);
        var (dark, light, phase) = (random.Next(100), 156 + random.Next(100), random.Next(4));
        using var bitmap = new SKBitmap(Side, Side);
        for (var across = 0; across < Side; across++)
        {
            for (var along = 0; along < Side; along++)
            {
                var value = (byte)((across + phase) % 4 < 2 ? dark : light);
                bitmap.SetPixel(isLevel ? along : across, isLevel ? across : along, new SKColor(value, value, value));
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(this[relative])!);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(this[relative], png.ToArray());
    }
}
