namespace OnnxTransfer.Onnx;

/// <summary>Thrown by a rule whose node cannot work on its inputs; the walk turns it into a fact about the outputs.</summary>
internal sealed class ImpossibleShapeException(string reason) : Exception(reason);
