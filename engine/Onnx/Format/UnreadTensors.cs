using OnnxTransfer.Onnx.Protos;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx;

/// <summary>
/// Tensors that are not read here, and whose files ONNX Runtime would look for by itself, in whatever folder the program
/// runs: sparse ones, and those that the model's functions keep in other files.
/// </summary>
internal static class UnreadTensors
{
    /// <summary>Refuses a model that has any, by the tensor's name.</summary>
    /// <exception cref="OnnxTransferException">Model: it has.</exception>
    public static void Refuse(ModelProto proto, string name)
    {
        var functions = proto.Functions.SelectMany(f => f.Node.SelectMany(n => n.Attribute).Concat(f.AttributeProto).Select(a => (Function: f, Attribute: a))).ToList();
        if (Tensors.Sparse(proto.Graph).Concat(functions.SelectMany(f => Tensors.Sparse(f.Attribute))).FirstOrDefault() is { } sparse)
        {
            throw new OnnxTransferException(
                FailureKind.Model, $"The tensor '{sparse.Values?.Name}' of {name} is sparse, which is not supported; export the model with dense weights.");
        }

        foreach (var (function, attribute) in functions)
        {
            if (Tensors.Of(attribute).FirstOrDefault(t => t.DataLocation == DataLocation.External) is { } tensor)
            {
                throw new OnnxTransferException(
                    FailureKind.Model,
                    $"The tensor '{tensor.Name}' in the function {function.Name} of {name} keeps its data in another file, which is not supported; export the model without functions.");
            }
        }
    }
}
