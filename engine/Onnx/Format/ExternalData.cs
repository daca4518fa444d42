using System.Globalization;
using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// Weights that lie in files beside the model. They are loaded into the model, and only from regular files inside its
/// folder: a model comes from a stranger and must not name other files of this machine.
/// </summary>
internal static class ExternalData
{
    /// <summary>Loads every external tensor of the graph, its subgraphs and attributes.</summary>
    public static void Load(GraphProto graph, string modelPath)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        foreach (var tensor in Tensors(graph).Where(t => t.DataLocation == TensorProto.Types.DataLocation.External))
        {
            tensor.RawData = ByteString.CopyFrom(Read(tensor, folder, modelPath));
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }
    }

    /// <summary>Every tensor of the graph: initializers, attributes, and those of subgraphs.</summary>
    public static IEnumerable<TensorProto> Tensors(GraphProto graph)
    {
        var attributes = graph.Node.SelectMany(n => n.Attribute).ToList();
        return graph.Initializer
            .Concat(attributes.Where(a => a.T is not null).Select(a => a.T))
            .Concat(attributes.SelectMany(a => a.Tensors))
            .Concat(attributes.Where(a => a.G is not null).SelectMany(a => Tensors(a.G)))
            .Concat(attributes.SelectMany(a => a.Graphs).SelectMany(Tensors));
    }

    private static byte[] Read(TensorProto tensor, string folder, string modelPath)
    {
        var location = Entry(tensor, "location") ?? string.Empty;
        var path = Confine(location, folder)
            ?? throw Refused(tensor, modelPath, $"lies in '{location}', outside the model's folder");
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var offset = Number(tensor, "offset", modelPath) ?? 0;
            var length = Number(tensor, "length", modelPath) ?? (file.Length - offset);
            if (offset > file.Length || length > file.Length - offset || length > Array.MaxLength || length < 0)
            {
                throw Refused(tensor, modelPath, $"asks for {length} bytes at {offset} of '{location}', which has {file.Length}");
            }

            var bytes = new byte[length];
            file.Position = offset;
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxTransferException(
                FailureKind.Model,
                $"The tensor '{tensor.Name}' of {modelPath} lies in '{location}', which cannot be read; put that file beside the model.",
                e);
        }
    }

    /// <summary>The full path if the location is a relative path to a file inside the folder, links resolved; else null.</summary>
    private static string? Confine(string location, string folder)
    {
        if (location.Length == 0 || location.Contains('\0') || Path.IsPathRooted(location) || location.Contains(':'))
        {
            return null;
        }

        var parts = location.Split('/', '\\');
        if (parts.Any(p => p is ".."))
        {
            return null;
        }

        var path = folder;
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            // A link inside the folder may lead out of it, and what it leads to may change: none is followed.
            if (new FileInfo(path).LinkTarget is not null)
            {
                return null;
            }
        }

        return path;
    }

    private static string? Entry(TensorProto tensor, string key) =>
        tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;

    private static long? Number(TensorProto tensor, string key, string modelPath) => Entry(tensor, key) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) => value,
        var text => throw Refused(tensor, modelPath, $"has the {key} '{text}'"),
    };

    private static OnnxTransferException Refused(TensorProto tensor, string modelPath, string what) => new(
        FailureKind.Model,
        $"The external data of the tensor '{tensor.Name}' of {modelPath} {what}: it is not loaded.");
}
