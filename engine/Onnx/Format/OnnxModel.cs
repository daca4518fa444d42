using System.Security.Cryptography;
using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// A model in memory: the ONNX format's own structure and where it came from. A transformation makes a new model and
/// leaves its argument as it was; fields of the format that are not known here are kept and written back.
/// </summary>
public sealed class OnnxModel
{
    /// <summary>The oldest operator set that is read.</summary>
    public const int OldestOpset = 7;

    // Deep enough for any real nesting of control flow, far from the end of the stack.
    private const int DeepestNesting = 100;

    private OnnxModel(ModelProto proto, string name, string? path, string sha256)
    {
        Proto = proto;
        Name = name;
        Path = path;
        Sha256 = sha256;
    }

    /// <summary>The format's own structure; not to be changed in place.</summary>
    public ModelProto Proto { get; }

    /// <summary>The file's name, for messages.</summary>
    public string Name { get; }

    /// <summary>Where the model was read from; null if it was not read from a file.</summary>
    public string? Path { get; }

    /// <summary>
    /// SHA-256 (lower-case hexadecimal) of the bytes as read; where weights lie in other files, of the bytes followed by
    /// those weights. Transformations keep it: it says where a model comes from.
    /// </summary>
    public string Sha256 { get; }

    /// <summary>SHA-256 of the initializers' data in the graph's order: the same for renamed or annotated copies.</summary>
    public string WeightsSha256
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var tensor in Proto.Graph.Initializer)
            {
                AppendData(hash, tensor);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>The version of the default operator set.</summary>
    public long Opset => OpsetOf(Proto) ?? 0;

    /// <summary>Reads a model and the weights that lie in files beside it.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: the file is missing, not ONNX, cut off, too old, or names data outside its folder;
    /// <see cref="FailureKind.Machine"/>: it cannot be read.
    /// </exception>
    public static OnnxModel Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OnnxTransferException(FailureKind.Model, $"There is no model at {path}; check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot read the model {path}: {e.Message.TrimEnd('.')}; check the path and its permissions.", e);
        }

        var proto = ParseProto(bytes, path);
        var external = ExternalData.Tensors(proto.Graph)
            .Where(t => t.DataLocation == TensorProto.Types.DataLocation.External)
            .ToList();
        ExternalData.Load(proto.Graph, path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes);
        external.ForEach(t => hash.AppendData(t.RawData.Span));
        return new OnnxModel(proto, System.IO.Path.GetFileName(path), path, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Reads a model from memory; its weights must lie inside.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: not ONNX, cut off, too old, or weights elsewhere.</exception>
    public static OnnxModel Parse(byte[] bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var proto = ParseProto(bytes, name);
        if (ExternalData.Tensors(proto.Graph).FirstOrDefault(t => t.DataLocation == TensorProto.Types.DataLocation.External) is { } tensor)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"The tensor '{tensor.Name}' of {name} lies in another file; read the model from its folder.");
        }

        return new OnnxModel(proto, name, null, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>A model that was made here, not read; its hash is that of its bytes.</summary>
    public static OnnxModel FromProto(ModelProto proto, string name)
    {
        ArgumentNullException.ThrowIfNull(proto);
        return new OnnxModel(proto, name, null, Convert.ToHexStringLower(SHA256.HashData(proto.ToByteArray())));
    }

    /// <summary>The same origin with another content.</summary>
    public OnnxModel WithProto(ModelProto proto) => new(proto, Name, Path, Sha256);

    /// <summary>The value of a metadata entry, or null.</summary>
    public string? Metadata(string key) => Proto.MetadataProps.FirstOrDefault(p => p.Key == key)?.Value;

    /// <summary>Writes the model as one file, whole or not at all.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: beyond the format's 2 GiB; <see cref="FailureKind.Machine"/>: it cannot be written.
    /// </exception>
    public void Write(string path)
    {
        var bytes = ToBytes();
        WholeFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>The model in the ONNX format.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: beyond the format's 2 GiB.</exception>
    public byte[] ToBytes()
    {
        // The sum is taken here in 64 bits, since the format's own size is a 32-bit number that would wrap.
        var weights = ExternalData.Tensors(Proto.Graph).Sum(t => (long)t.RawData.Length + (4L * t.FloatData.Count));
        if (weights > int.MaxValue - (64 << 20))
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"The model {Name} has {weights >> 20} MiB of weights, more than one .onnx file can hold (2 GiB).");
        }

        return Proto.ToByteArray();
    }

    internal static long? OpsetOf(ModelProto proto) =>
        proto.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version;

    private static ModelProto ParseProto(byte[] bytes, string name)
    {
        ModelProto proto;
        try
        {
            using var input = CodedInputStream.CreateWithLimits(new MemoryStream(bytes, writable: false), int.MaxValue, DeepestNesting);
            proto = ModelProto.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"{name} is not an ONNX model or is cut off ({bytes.Length} bytes); get it again.", e);
        }

        // Any bytes that happen to parse are not a model yet: a real one has a version, an operator set and a graph.
        if (!proto.HasIrVersion || proto.Graph is null || proto.Graph.Node.Count == 0 || proto.OpsetImport.Count == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"{name} is not an ONNX model or is cut off ({bytes.Length} bytes): it has no graph; get it again.");
        }

        if (proto.IrVersion < 3 || OpsetOf(proto) is < OldestOpset)
        {
            throw new OnnxTransferException(
                FailureKind.Model,
                $"{name} uses IR {proto.IrVersion}, opset {OpsetOf(proto)}; IR 3 with opset {OldestOpset} is the oldest that is read: export it again.");
        }

        return proto;
    }

    private static void AppendData(IncrementalHash hash, TensorProto tensor)
    {
        hash.AppendData(tensor.RawData.Span);
        foreach (var value in tensor.FloatData)
        {
            hash.AppendData(BitConverter.GetBytes(value));
        }

        foreach (var value in tensor.Int32Data)
        {
            hash.AppendData(BitConverter.GetBytes(value));
        }

        foreach (var value in tensor.Int64Data)
        {
            hash.AppendData(BitConverter.GetBytes(value));
        }
    }
}
