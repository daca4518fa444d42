using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Engine.Tests;

/// <summary>
/// A network of two convolutions with its recipe, its tap and a head for it, all from one seed: image, 8 channels "low"
/// (16 x 16), 12 channels "features" (8 x 8), and a classifier whose outputs are called as an exported model's.
/// </summary>
internal sealed record FlowerNetwork(TapCatalog Catalog, Recipe Recipe, Tap Tap, LinearHead Head)
{
    public const int Size = 32;

    public static FlowerNetwork Make(
        long opset = 8,
        Pooling pooling = Pooling.Average,
        TensorLayout layout = TensorLayout.NCHW,
        double weightScale = 0.3,
        IReadOnlyList<string>? labels = null,
        string input = "image")
    {
        var random = new Random(7);
        var builder = GraphBuilder.Empty("small", opset, 4);
        object[] shape = layout == TensorLayout.NCHW ? ["N", 3, Size, Size] : ["N", Size, Size, 3];
        builder.Input(input, DataType.Float, shape);
        var planes = layout == TensorLayout.NCHW ? input : builder.Add("Transpose", [input], "planes", ("perm", (long[])[0, 3, 1, 2]));
        var low = Convolution(builder, random, planes, 3, 8, "low");
        var features = Convolution(builder, random, low, 8, 12, "features");
        var pooled = builder.Add("Flatten", [builder.Add("GlobalAveragePool", [features], "mean")], "vector", ("axis", 1L));
        var logits = builder.Add("Gemm", [pooled, Weights(builder, random, "classifier", 12, 5), builder.Constant("bias", new float[5], 5)], "logits");
        builder.Add("Softmax", [logits], "probabilities", ("axis", 1L));
        builder.Output("logits", DataType.Float, "N", 5);
        builder.Output("probabilities", DataType.Float, "N", 5);
        var catalog = TapCatalog.Of(builder.Build(), Size);
        var tap = new Tap(catalog.Find(features), pooling);
        return new FlowerNetwork(
            catalog,
            new Recipe { Size = Size, ResizeTo = 36, Layout = layout, Mean = [120, 115, 100], Std = [60, 61, 62] },
            tap,
            HeadOf(random, tap.Width, weightScale, labels ?? ["daisy", "rose", "tulip"]));
    }

    /// <summary>The exported model, without the comparison that <see cref="ModelExport"/> makes.</summary>
    public OnnxModel Exported(ExportNotes? notes = null) => ClassifierGraph.Make(Catalog, Recipe, new JoinedTaps(Tap), Head, notes);

    /// <summary>The model that ends at the codes, cut apart from what exports.</summary>
    public OnnxModel Tapped() => Tapped(Catalog, Tap);

    /// <summary>A model that ends at the codes of a tap.</summary>
    public static OnnxModel Tapped(TapCatalog catalog, Tap tap)
    {
        var builder = new GraphBuilder(Cut.At(catalog.Model, [tap.Point.Name]));
        builder.ClearOutputs();
        var pooled = PoolingGraph.Append(builder, tap.Point.Name, tap.Point.Shape, tap.Pooling, "pooled", tap.Point.Channels);
        builder.Output(pooled.Name, DataType.Float, "N", pooled.Width);
        return builder.Build();
    }

    /// <summary>A head with Gaussian weights and a made-up certificate.</summary>
    public static LinearHead HeadOf(Random random, int width, double scale, IReadOnlyList<string> labels)
    {
        var weights = new double[labels.Count * (width + 1)];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        }

        return new LinearHead(labels, weights, width, HeadLoss.Softmax, 0.5, new Certificate(16, 15.5, 37, 1.25, true)) { Standardized = true };
    }

    /// <summary>A calibration of each method, and none.</summary>
    public static Calibration? CalibrationOf(CalibrationMethod method, int classes) => method switch
    {
        CalibrationMethod.Temperature => Calibration.OfTemperature(0.3, classes),
        CalibrationMethod.Platt => Calibration.OfPlatt(
            [.. Enumerable.Range(1, classes).Select(k => 1.0 / k)], [.. Enumerable.Range(0, classes).Select(k => 0.7 - k)]),
        _ => null,
    };

    /// <summary>The same network with a calibrated head.</summary>
    public FlowerNetwork Calibrated(CalibrationMethod method) => this with
    {
        Head = new LinearHead(Head.Labels, Head.Weights, Head.Width, Head.Loss, Head.C, Head.Certificate)
        {
            Standardized = Head.Standardized,
            Calibration = CalibrationOf(method, Head.Labels.Count),
        },
    };

    /// <summary>The same network with a head on normalised codes.</summary>
    public FlowerNetwork Normalized() => this with
    {
        Head = new LinearHead(Head.Labels, Head.Weights, Head.Width, Head.Loss, Head.C, Head.Certificate) { Normalized = true },
    };

    /// <summary>The same network with a head whose weights are finite and whose scores in float32 are not.</summary>
    public FlowerNetwork WithOverflow()
    {
        var weights = new double[Head.Weights.Length];
        weights.AsSpan(0, Head.Width).Fill(3e38);
        return this with { Head = new LinearHead(Head.Labels, weights, Head.Width, Head.Loss, Head.C, Head.Certificate) };
    }

    private static string Convolution(GraphBuilder builder, Random random, string from, int channels, int filters, string name)
    {
        var conv = builder.Add(
            "Conv",
            [from, Weights(builder, random, name + "/kernel", filters, channels, 3, 3)],
            name + "/conv",
            ("kernel_shape", (long[])[3, 3]),
            ("pads", (long[])[1, 1, 1, 1]),
            ("strides", (long[])[2, 2]));
        return builder.Add("Relu", [conv], name);
    }

    private static string Weights(GraphBuilder builder, Random random, string name, params long[] dims)
    {
        var values = new float[dims.Aggregate(1L, (product, dim) => product * dim)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(random.NextDouble() - 0.5);
        }

        return builder.Constant(name, values, dims);
    }
}
