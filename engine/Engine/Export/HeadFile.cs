using OnnxTransfer.Heads;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>
/// A head as an .onnx of its own: input <c>codes</c> [N, D], outputs <c>logits</c> and <c>probabilities</c> [N, K], all
/// float32; its metadata says the classes, how it was trained, and what made the codes. Operator set 9 and version 4 of the
/// format (2018), which every ONNX Runtime reads.
/// </summary>
public static class HeadFile
{
    private const string Codes = "codes";
    private const long Opset = 9;
    private const long IrVersion = 4;

    /// <summary>
    /// Writes it, whole or not at all. Weights are rounded to float32, and the seconds of the solve are left out; the same
    /// head gives the same bytes.
    /// </summary>
    /// <param name="head">The head.</param>
    /// <param name="header">What made the codes it was trained on; null for plain arrays.</param>
    /// <param name="columns">Which of them, in the order in which they are joined; none for plain arrays.</param>
    /// <param name="path">Where to.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Mathematics"/>: a number is not finite; <see cref="FailureKind.Machine"/>: the file cannot be written.
    /// </exception>
    public static void Write(LinearHead head, StoreHeader? header, IReadOnlyList<CodeColumn> columns, string path)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(columns);
        var builder = GraphBuilder.Empty("head", Opset, IrVersion);
        builder.Input(Codes, TensorProto.Types.DataType.Float, HeadNodes.Batch, head.Width);
        HeadNodes.Append(builder, Codes, head);
        builder.SetMetadata(ModelMetadata.Labels, ModelMetadata.WriteLabels(head.Labels));
        if (header is not null)
        {
            builder.SetMetadata(ModelMetadata.Codes, CodesJson.Write(header, columns));
        }

        // An entry that every reader asks for comes last in the file, so that a file cut off at any byte is noticed.
        builder.SetMetadata(ModelMetadata.Head, HeadJson.Write(head).ToJsonString());
        builder.Build().Write(path);
    }

    /// <summary>Reads it back: weights are the float32 numbers of the file, <see cref="Certificate.Seconds"/> is 0.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: not ONNX, cut off, no head file, or parts that do not fit each other.
    /// </exception>
    public static TrainedHead Read(string path)
    {
        var model = OnnxModel.Read(path);
        if (model.Metadata(ModelMetadata.Head) is null)
        {
            throw Bad(model, model.Metadata(ModelMetadata.Provenance) is null
                ? "is no head file (it does not say how a head was trained); give a file that `onnxtransfer train` wrote"
                : "is a whole classifier, not a head file; use it with `onnxtransfer predict`");
        }

        var labels = ModelMetadata.ReadLabels(model)
            ?? throw ModelMetadata.Damaged(model, ModelMetadata.Labels, "is missing");
        var normalized = ModelMetadata.Parse(model, ModelMetadata.Head, HeadJson.ReadNormalized);
        var (weights, width) = Weights(model, labels.Count, normalized);
        var head = ModelMetadata.Parse(model, ModelMetadata.Head, json => HeadJson.Read(json, labels, weights, width));
        if (model.Metadata(ModelMetadata.Codes) is null)
        {
            return new TrainedHead(head, null, []);
        }

        var (header, columns) = ModelMetadata.Parse(model, ModelMetadata.Codes, json => CodesJson.Read(json, model.Name));
        var sum = columns.Sum(static column => (long)column.Width);
        return sum == width
            ? new TrainedHead(head, header, columns)
            : throw Bad(model, $"takes codes of {width} numbers but says that it was trained on codes of {sum}; train it again");
    }

    /// <summary>K x (D + 1) numbers, the intercept last in each row, of the one Gemm that reads the codes, normalised or as they are.</summary>
    private static (double[] Weights, int Width) Weights(OnnxModel model, int classes, bool normalized)
    {
        var graph = new Graph(model);
        if (graph.Inputs is not [{ Name: Codes }]
            || HeadNodes.WeightedCodes(graph, Codes, normalized) is not { } weighted
            || graph.Consumers(weighted) is not [{ OpType: "Gemm" } gemm]
            || gemm.Input is not [var factor, var matrixName, var vectorName]
            || factor != weighted
            || gemm.Attribute is not [{ Name: "transB", I: 1 }]
            || graph.Constant(matrixName) is not { Dims: [var rows, var columns] } matrix
            || graph.Constant(vectorName) is not { Dims: [var entries] } vector)
        {
            throw Bad(model, $"is no head file that OnnxTransfer wrote (it has no Gemm of constant weights on {(normalized ? "the normalised" : "the")} input 'codes'); train it again");
        }

        if (rows != classes || entries != classes || columns < 1)
        {
            throw Bad(model, $"names {classes} classes, but its weights are {rows} x {columns} and its intercepts {entries}; train it again");
        }

        var (values, intercepts) = (TensorData.Floats(matrix), TensorData.Floats(vector));
        if (!values.All(float.IsFinite) || !intercepts.All(float.IsFinite))
        {
            throw Bad(model, "has weights that are not finite; train it again");
        }

        var width = (int)columns;
        var weights = new double[checked(classes * (width + 1))];
        for (var k = 0; k < classes; k++)
        {
            var row = weights.AsSpan(k * (width + 1), width + 1);
            for (var d = 0; d < width; d++)
            {
                row[d] = values[(k * width) + d];
            }

            row[width] = intercepts[k];
        }

        return (weights, width);
    }

    private static OnnxTransferException Bad(OnnxModel model, string what) => new(FailureKind.Model, $"{model.Name} {what}.");
}

/// <summary>A head with what made its codes, and the columns that they are, joined in this order (null and none where it was trained on plain arrays).</summary>
public sealed record TrainedHead(LinearHead Head, StoreHeader? Header, IReadOnlyList<CodeColumn> Columns);
