using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.FineTuning.Tests.Reference;

/// <summary>A node with its inputs' values, null for those left out.</summary>
internal sealed record RefNode(NodeProto Proto, Nd?[] Inputs)
{
    public Nd this[int input] => Inputs[input]!;

    public bool Has(int input) => input < Inputs.Length && Inputs[input] is not null;

    public long Int(string name, long otherwise) => Proto.Int(name, otherwise);

    public double Float(string name, float otherwise) => Proto.Float(name, otherwise);

    public string Text(string name, string otherwise) => Proto.Text(name, otherwise);

    public long[]? Ints(string name) => Proto.Ints(name);

    public int Axis(string name, long otherwise, int rank) => (int)((Int(name, otherwise) + rank) % rank);
}
