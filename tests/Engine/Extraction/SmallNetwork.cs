using OnnxTransfer.Datasets;
using OnnxTransfer.Onnx;
using DataType = OnnxTransfer.Onnx.Protos.TensorProto.Types.DataType;

namespace OnnxTransfer.Engine.Tests;

/// <summary>A folder with a ConvNet of two layers for images of 16 x 16, and photos to run it on; gone afterwards.</summary>
internal sealed class SmallNetwork : IDisposable
{
    public const string RecipeText =
        """{ "size": 16, "resize": "stretch", "resizeTo": 16, "filter": "bilinear", "crop": "none", "scale": 0.01, "mean": [1, 1, 1], "std": [1, 1, 1] }""";

    public SmallNetwork(int photos = 0, bool recipe = true, Action<GraphBuilder>? more = null)
    {
        Make(more).Write(Model);
        if (recipe)
        {
            File.WriteAllText(this["net.recipe.json"], RecipeText);
        }

        Directory.CreateDirectory(Photos);
        for (var i = 0; i < photos; i++)
        {
            AddPhoto($"{(i % 2 == 0 ? "even" : "odd")}/{i:D3}.bmp", i);
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("onnxtransfer-engine-").FullName;

    public string Model => this["net.onnx"];

    public string Photos => this["photos"];

    public string Store => this["store"];

    public LabelledImages Images => LabelledImages.FromFolder(Photos);

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    public Backbone Load() => Backbone.Load(Model);

    /// <summary>Both taps of the network, three columns.</summary>
    public static Tap[] Taps(Backbone backbone) =>
        [backbone.Tap("second"), backbone.Tap("second", Pooling.Maximum), backbone.Tap("first", Pooling.Grid2)];

    public string AddPhoto(string relative, int seed)
    {
        var path = System.IO.Path.Combine(Photos, relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Bitmap(20, 18, seed));
        return path;
    }

    /// <summary>Every file of a store with its bytes.</summary>
    public static SortedDictionary<string, byte[]> Files(string store) => new(
        Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories)
            .ToDictionary(file => System.IO.Path.GetRelativePath(store, file), File.ReadAllBytes),
        StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>first = Relu(Conv 3 -> 4, stride 2), second = Relu(Conv 4 -> 6, stride 2), then the mean and its softmax.</summary>
    public static OnnxModel Make(Action<GraphBuilder>? more = null, int seed = 1, bool channelsLast = false)
    {
        var random = new Random(seed);
        float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.45f) / 2)];
        var graph = GraphBuilder.Empty("net", 13, 7);
        graph.Input("image", DataType.Float, channelsLast ? ["N", 16, 16, 3] : ["N", 3, 16, 16]);
        var image = channelsLast ? graph.Add("Transpose", ["image"], "channels-first", ("perm", new long[] { 0, 3, 1, 2 })) : "image";
        var first = graph.Add("Conv", [image, graph.Constant("w1", Weights(108), 4, 3, 3, 3)], "first/conv", ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }));
        first = graph.Add("Relu", [first], "first");
        var second = graph.Add("Conv", [first, graph.Constant("w2", Weights(216), 6, 4, 3, 3)], "second/conv", ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }));
        second = graph.Add("Relu", [second], "second");
        var mean = graph.Add("Flatten", [graph.Add("GlobalAveragePool", [second], "pool")], "features", ("axis", 1L));
        graph.Output(graph.Add("Softmax", [mean], "probabilities", ("axis", 1L)), DataType.Float, "N", 6);
        more?.Invoke(graph);
        return graph.Build();
    }

    // An uncompressed 24-bit bitmap of seeded noise over a gradient.
    private static byte[] Bitmap(int width, int height, int seed)
    {
        var stride = ((3 * width) + 3) / 4 * 4;
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write("BM"u8);
        writer.Write(54 + (stride * height));
        writer.Write(0);
        writer.Write(54);
        writer.Write(40);
        writer.Write(width);
        writer.Write(height);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(new byte[24]);
        var random = new Random(seed);
        for (var i = 0; i < stride * height; i++)
        {
            writer.Write((byte)((i % stride) + random.Next(190)));
        }

        return bytes.ToArray();
    }
}
