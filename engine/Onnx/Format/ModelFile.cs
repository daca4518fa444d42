using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>The bytes of a model file and what is checked before anything is made of them.</summary>
internal static class ModelFile
{
    /// <summary>The most that a protocol buffer, and with it a model, can hold.</summary>
    public const long MostBytes = int.MaxValue;

    /// <summary>The whole file.</summary>
    public static byte[] ReadBytes(string path)
    {
        if (Directory.Exists(path))
        {
            throw Bad($"{path} is a folder, not a model; give the .onnx file in it.");
        }

        if (!File.Exists(path))
        {
            throw Bad($"There is no model file {path}; check the path.");
        }

        try
        {
            var length = new FileInfo(path).Length;
            return length <= Array.MaxLength
                ? File.ReadAllBytes(path)
                : throw Bad($"{path} has {length} bytes, more than the 2 GB that an ONNX file can have; it is not ONNX, or damaged.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot read {path}: {e.Message.TrimEnd('.')}; check the file and its permissions.", e);
        }
    }

    /// <summary>The model in <paramref name="bytes"/>: a graph, and an operator set that is understood.</summary>
    public static ModelProto Decode(byte[] bytes, string name)
    {
        if (bytes.Length == 0)
        {
            throw Bad($"{name} is empty (0 bytes); download or export the model again.");
        }

        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new OnnxTransferException(
                FailureKind.Model,
                $"{name} is not an ONNX model, or it is cut off or damaged ({bytes.Length} bytes read); "
                + "download or export it again.",
                e);
        }

        if (proto.Graph is null || proto.Graph.Node.Count == 0)
        {
            throw Bad($"{name} is not an ONNX model: there is no graph with nodes in it; give a .onnx file.");
        }

        if (!proto.HasIrVersion || proto.IrVersion < 3)
        {
            throw Bad(proto.HasIrVersion
                ? $"{name} is of version {proto.IrVersion} of the ONNX format; versions from 3 (2017) on are read, export it again."
                : $"{name} is not an ONNX model: it has no format version; give a .onnx file.");
        }

        var opset = DefaultOpset(proto)
            ?? throw Bad($"{name} does not say which operator set it uses: it is cut off or damaged; download or export it again.");
        if (opset < OnnxModel.OldestOpset)
        {
            throw Bad($"{name} uses operator set {opset}; {OnnxModel.OldestOpset} and newer are understood, export it with a newer opset.");
        }

        var domains = proto.OpsetImport.Select(o => Canonical(o.Domain)).ToHashSet(StringComparer.Ordinal);
        var stray = proto.Graph.Node.FirstOrDefault(n => !domains.Contains(Canonical(n.Domain)));
        return stray is null
            ? proto
            : throw Bad($"{name} uses the operator {stray.OpType} of the domain '{stray.Domain}', which it does not import: "
                + "it is cut off or damaged; download or export it again.");
    }

    /// <summary>The version of the default operator set, or null where none is declared.</summary>
    public static long? DefaultOpset(ModelProto proto) =>
        proto.OpsetImport.FirstOrDefault(o => Canonical(o.Domain).Length == 0)?.Version;

    /// <summary>Refuses models that the format cannot store in one file.</summary>
    public static void CheckSize(ModelProto proto, string name)
    {
        // CalculateSize is a 32-bit sum; the weights are added up apart to see it overflow.
        var weights = Tensors.All(proto.Graph).Sum(t => (long)t.RawData.Length + (4L * t.FloatData.Count) + (8L * t.DoubleData.Count));
        if (weights > MostBytes || proto.CalculateSize() < 0)
        {
            throw Bad($"{name} would have {weights} bytes of weights, more than the 2 GB that an ONNX file can have; use a smaller model.");
        }
    }

    private static string Canonical(string domain) => domain == "ai.onnx" ? "" : domain;

    private static OnnxTransferException Bad(string sentence) => new(FailureKind.Model, sentence);
}
