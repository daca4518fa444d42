namespace OnnxTransfer.Onnx;

/// <summary>Brings a model into the one form that the rest of the project works on.</summary>
public static class Preparation
{
    /// <summary>
    /// The model in float32, with a symbolic batch "N", weights that are constants and not inputs, and a name for each
    /// node. It computes what the original does for every image; the argument is left as it was.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: the batch is built into a node that is named.</exception>
    public static OnnxModel Prepare(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var proto = model.Proto.Clone();
        InitializerInputs.Remove(proto);
        NodeNames.Complete(proto);
        Widening.ToFloat32(proto);
        SymbolicBatch.Apply(proto, model);
        return model.WithProto(proto);
    }
}
