using System.Security.Cryptography;
using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>A model in memory: its protocol buffer and where it came from. Transformations return new models.</summary>
public sealed class OnnxModel
{
    /// <summary>The oldest version of the default operator set that is understood.</summary>
    public const long OldestOpset = 7;

    private OnnxModel(ModelProto proto, string name, string? path, string sha256, string weightsSha256)
    {
        Proto = proto;
        Name = name;
        Path = path;
        Sha256 = sha256;
        WeightsSha256 = weightsSha256;
        Opset = ModelFile.DefaultOpset(proto) ?? 0;
    }

    /// <summary>The model as the format stores it. It must not be changed: clone it and use <see cref="WithProto"/>.</summary>
    public ModelProto Proto { get; }

    /// <summary>The file's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The file it was read from, if any.</summary>
    public string? Path { get; }

    /// <summary>
    /// SHA-256 of the file as it was read, 64 lower-case hexadecimal digits; bytes kept in external files are folded in
    /// after those of the model, in the order of their tensors. Models made from this one keep the value: it tells the source.
    /// </summary>
    public string Sha256 { get; }

    /// <summary>
    /// SHA-256 of the initializers' little-endian elements in graph order, as read: the same for the same weights whatever
    /// the nodes are called and however the numbers are laid out in the file. Of the Constant nodes' tensors where there are
    /// no initializers. Models made from this one keep the value.
    /// </summary>
    public string WeightsSha256 { get; }

    /// <summary>The version of the default operator set.</summary>
    public long Opset { get; }

    /// <summary>
    /// Reads a model file; weights in external files are loaded into it, from the model's own folder only.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// Model: no such file, not ONNX, cut off, older than opset 7, damaged tensors, external data that point outside, sparse tensors.
    /// Machine: the file cannot be read.
    /// </exception>
    public static OnnxModel Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var name = System.IO.Path.GetFileName(path);
        var bytes = ModelFile.ReadBytes(path);
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        return Make(bytes, name, path, folder);
    }

    /// <summary>Reads a model from the bytes of a file without external data; <paramref name="name"/> is for messages.</summary>
    /// <exception cref="OnnxTransferException">Model: as for <see cref="Read"/>.</exception>
    public static OnnxModel Parse(byte[] bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        return Make(bytes, name, null, null);
    }

    /// <summary>A model that was made here, not read: its hashes are those of the bytes it would be written as.</summary>
    public static OnnxModel FromProto(ModelProto proto, string name)
    {
        ArgumentNullException.ThrowIfNull(proto);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(proto.ToByteArray()));
        return new OnnxModel(proto, name, null, sha256, WeightsHash(proto.Graph));
    }

    /// <summary>The value of a metadata property, or null.</summary>
    public string? Metadata(string key) => Proto.MetadataProps.FirstOrDefault(p => p.Key == key)?.Value;

    /// <summary>
    /// Another model of the same origin: name, path and hashes stay those of the source. The caller gives
    /// <paramref name="proto"/> away and changes it no more.
    /// </summary>
    public OnnxModel WithProto(ModelProto proto)
    {
        ArgumentNullException.ThrowIfNull(proto);
        return new OnnxModel(proto, Name, Path, Sha256, WeightsSha256);
    }

    /// <summary>The bytes of the .onnx file, all weights inside.</summary>
    /// <exception cref="OnnxTransferException">Model: more than the 2 GB that the format allows.</exception>
    public byte[] ToBytes()
    {
        ModelFile.CheckSize(Proto, Name);
        return Proto.ToByteArray();
    }

    /// <summary>Writes the .onnx file, whole or not at all.</summary>
    /// <exception cref="OnnxTransferException">
    /// Model: more than the 2 GB that the format allows. Machine: the file cannot be written.
    /// </exception>
    public void Write(string path)
    {
        ModelFile.CheckSize(Proto, Name);
        WholeFile.Write(path, stream => Proto.WriteTo(stream));
    }

    private static OnnxModel Make(byte[] bytes, string name, string? path, string? folder)
    {
        var proto = ModelFile.Decode(bytes, name);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes);
        UnreadTensors.Refuse(proto, name);
        ExternalData.Load(proto, name, folder, hash);
        foreach (var tensor in Tensors.All(proto.Graph))
        {
            TensorData.Check(tensor);
        }

        return new OnnxModel(proto, name, path, Hex(hash), WeightsHash(proto.Graph));
    }

    private static string WeightsHash(GraphProto graph)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<TensorProto> weights = graph.Initializer.Count > 0
            ? graph.Initializer
            : graph.Node.SelectMany(n => n.Attribute).Select(a => a.T).Where(t => t is not null);
        foreach (var tensor in weights.Where(t => TensorData.Type(t) != TensorProto.Types.DataType.String))
        {
            hash.AppendData(TensorData.Bytes(tensor).Span);
        }

        return Hex(hash);
    }

    private static string Hex(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
