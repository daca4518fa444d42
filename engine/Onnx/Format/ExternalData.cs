using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>
/// Weights that a model keeps in other files. They are read into the model from its own folder and nowhere else, and only
/// as many bytes as the tensor declares and the file holds.
/// </summary>
internal static class ExternalData
{
    private const int MostLinks = 16;

    /// <summary>Loads every external tensor of <paramref name="proto"/> and adds its bytes to <paramref name="hash"/>.</summary>
    /// <param name="proto">The model, changed in place.</param>
    /// <param name="name">The model's name for messages.</param>
    /// <param name="folder">The model's folder, or null where the model came without one.</param>
    /// <param name="hash">Takes the loaded bytes in the order of the tensors.</param>
    public static void Load(ModelProto proto, string name, string? folder, IncrementalHash hash)
    {
        long total = 0;
        foreach (var tensor in Tensors.All(proto.Graph).Where(t => t.DataLocation == DataLocation.External))
        {
            if (folder is null)
            {
                throw Bad(name, tensor, "keeps its data in another file; read the model from its folder");
            }

            var bytes = Read(name, folder, tensor, ref total);
            hash.AppendData(bytes);
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }
    }

    private static byte[] Read(string name, string folder, TensorProto tensor, ref long total)
    {
        var location = tensor.ExternalData.FirstOrDefault(e => e.Key == "location")?.Value;
        if (string.IsNullOrEmpty(location))
        {
            throw Bad(name, tensor, "keeps its data in another file but does not say in which");
        }

        var file = Confine(name, folder, tensor, location);
        var bits = TensorData.Bits(TensorData.Type(tensor));
        var elements = TensorData.Elements(tensor);
        if (bits == 0 || elements > ModelFile.MostBytes)
        {
            throw Bad(name, tensor, $"cannot be kept in another file with {elements} elements of type {tensor.DataType}");
        }

        var needed = ((elements * bits) + 7) / 8;
        total += needed;
        if (total > ModelFile.MostBytes)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"{name} has more than 2 GB of weights in other files, which is not supported; use a smaller model.");
        }

        var size = new FileInfo(file).Length;
        var offset = Number(name, tensor, "offset") ?? 0;
        var length = Number(name, tensor, "length") ?? needed;
        if (length != needed || offset > size || length > size - offset)
        {
            throw Bad(name, tensor, $"needs {needed} bytes at {offset} of '{location}', declares {length}, and the file has {size}");
        }

        try
        {
            using var handle = File.OpenHandle(file);
            var bytes = new byte[needed];
            for (var at = 0; at < bytes.Length;)
            {
                var read = RandomAccess.Read(handle, bytes.AsSpan(at), offset + at);
                at += read > 0 ? read : throw Bad(name, tensor, $"has its data in '{location}', which became shorter while it was read");
            }

            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"Cannot read {file}: {e.Message.TrimEnd('.')}; check the file and its permissions.", e);
        }
    }

    // The file at `location`, proved to lie inside `folder`: relative, without "..", and no link on the way leads out.
    private static string Confine(string name, string folder, TensorProto tensor, string location)
    {
        var root = Path.GetFullPath(folder);
        var rest = new Stack<string>(Parts(name, tensor, location).Reverse());
        var current = root;
        for (var links = 0; rest.TryPop(out var part);)
        {
            current = Path.Combine(current, part);
            if (new FileInfo(current).LinkTarget is not { } target)
            {
                continue;
            }

            // A link is followed by hand: its target must again be a path inside, whose own parts may be links.
            var full = Path.GetFullPath(target, Path.GetDirectoryName(current)!);
            var inside = Path.GetRelativePath(root, full);
            if (++links > MostLinks || Path.IsPathRooted(inside) || inside.Split(Path.DirectorySeparatorChar)[0] == "..")
            {
                throw Bad(name, tensor, $"has its data at '{location}', a link that leads out of the model's folder, where nothing is read");
            }

            foreach (var step in inside.Split(Path.DirectorySeparatorChar).Reverse().Where(s => s != "."))
            {
                rest.Push(step);
            }

            current = root;
        }

        return File.Exists(current)
            ? current
            : throw Bad(name, tensor, $"has its data in '{location}', which is not in the model's folder; put it beside the model");
    }

    private static IEnumerable<string> Parts(string name, TensorProto tensor, string location)
    {
        var parts = location.Split('/', '\\');
        var outside = parts.Contains("..") || parts[0].Length == 0 || location.Contains('\0', StringComparison.Ordinal)
            || (parts[0].Length == 2 && parts[0][1] == ':') || Path.IsPathRooted(location);
        return outside
            ? throw Bad(name, tensor, $"has its data at '{location}', outside the model's folder, where nothing is read")
            : parts.Where(p => p.Length > 0 && p != ".");
    }

    private static long? Number(string name, TensorProto tensor, string key)
    {
        var text = tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;
        if (text is null)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Bad(name, tensor, $"declares the {key} '{text}' of its data, which is not a number");
    }

    private static OnnxTransferException Bad(string name, TensorProto tensor, string what) =>
        new(FailureKind.Model, $"The tensor '{tensor.Name}' of {name} {what}.");
}
