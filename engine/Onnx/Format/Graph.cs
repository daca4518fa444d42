using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>A read-only index over a model's graph: nodes in topological order, who makes a tensor and who takes it.</summary>
public sealed class Graph
{
    private readonly Dictionary<string, NodeProto> producers = [];
    private readonly Dictionary<string, List<NodeProto>> consumers = [];
    private readonly Dictionary<string, TensorProto> constants = [];
    private readonly Dictionary<NodeProto, int> positions = new(ReferenceEqualityComparer.Instance);

    /// <summary>Indexes the graph of <paramref name="model"/>.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: a tensor that two nodes make, that nothing makes, or a circle.
    /// </exception>
    public Graph(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        var proto = model.Proto.Graph;
        foreach (var tensor in proto.Initializer)
        {
            constants[tensor.Name] = tensor;
        }

        foreach (var node in proto.Node)
        {
            positions[node] = positions.Count;
            foreach (var output in node.Output.Where(o => o.Length > 0))
            {
                if (!producers.TryAdd(output, node))
                {
                    throw Broken($"makes the tensor '{output}' twice");
                }
            }

            if (node is { OpType: "Constant", Output.Count: 1 } && ConstantOf(node) is { } value)
            {
                constants[node.Output[0]] = value;
            }
        }

        Inputs = [.. proto.Input.Where(i => !constants.ContainsKey(i.Name))];
        Outputs = [.. proto.Output];
        Nodes = Sort(proto);
        foreach (var node in Nodes)
        {
            foreach (var input in Reads(node).Distinct())
            {
                (consumers.TryGetValue(input, out var list) ? list : consumers[input] = []).Add(node);
            }
        }
    }

    /// <summary>The model that is indexed.</summary>
    public OnnxModel Model { get; }

    /// <summary>The nodes, each after those whose tensors it reads; the order of the file where that leaves a choice.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>The graph's inputs without the initializers that IR 3 lists among them.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    /// <summary>The graph's outputs.</summary>
    public IReadOnlyList<ValueInfoProto> Outputs { get; }

    /// <summary>The node that makes a tensor; null for inputs, initializers and names that do not exist.</summary>
    public NodeProto? Producer(string tensor) => producers.GetValueOrDefault(tensor);

    /// <summary>The nodes that read a tensor, subgraphs included, in topological order.</summary>
    public IReadOnlyList<NodeProto> Consumers(string tensor) => consumers.TryGetValue(tensor, out var list) ? list : [];

    /// <summary>The value of an initializer or of a Constant node's output; null for anything else.</summary>
    public TensorProto? Constant(string tensor) => constants.GetValueOrDefault(tensor);

    /// <summary>The node's name; where it has none, its operator, its place in the file and what it makes.</summary>
    public string DisplayName(NodeProto node) => node.Name.Length > 0
        ? node.Name
        : $"{node.OpType} (node {positions.GetValueOrDefault(node)}, which makes '{node.Output.FirstOrDefault()}')";

    /// <summary>The tensors that a node reads: its inputs, and what its subgraphs take from outside.</summary>
    public static IEnumerable<string> Reads(NodeProto node)
    {
        var captured = node.Attribute.SelectMany(a => a.G is null ? a.Graphs : a.Graphs.Append(a.G)).SelectMany(Captured);
        return node.Input.Where(i => i.Length > 0).Concat(captured);
    }

    private static IEnumerable<string> Captured(GraphProto body)
    {
        var inside = body.Input.Select(i => i.Name)
            .Concat(body.Initializer.Select(t => t.Name))
            .Concat(body.Node.SelectMany(n => n.Output))
            .ToHashSet();
        return body.Node.SelectMany(Reads).Concat(body.Output.Select(o => o.Name)).Where(name => !inside.Contains(name));
    }

    private static TensorProto? ConstantOf(NodeProto node)
    {
        var attribute = node.Attribute.FirstOrDefault();
        return attribute?.Name switch
        {
            "value" => attribute.T,
            "value_float" => TensorData.Of(node.Output[0], [attribute.F]),
            "value_floats" => TensorData.Of(node.Output[0], [.. attribute.Floats], attribute.Floats.Count),
            "value_int" => TensorData.Of(node.Output[0], [attribute.I]),
            "value_ints" => TensorData.Of(node.Output[0], [.. attribute.Ints], attribute.Ints.Count),
            _ => null,
        };
    }

    private List<NodeProto> Sort(GraphProto proto)
    {
        var known = constants.Keys.Concat(proto.Input.Select(i => i.Name)).ToHashSet();
        var missing = new Dictionary<NodeProto, int>(ReferenceEqualityComparer.Instance);
        var waiting = new Dictionary<string, List<int>>();
        var ready = new PriorityQueue<int, int>();
        for (var i = 0; i < proto.Node.Count; i++)
        {
            var needs = Reads(proto.Node[i]).Distinct().Where(t => !known.Contains(t)).ToList();
            foreach (var tensor in needs)
            {
                if (!producers.ContainsKey(tensor))
                {
                    throw Broken($"reads the tensor '{tensor}' at {DisplayName(proto.Node[i])}, but nothing makes it");
                }

                (waiting.TryGetValue(tensor, out var list) ? list : waiting[tensor] = []).Add(i);
            }

            missing[proto.Node[i]] = needs.Count;
            if (needs.Count == 0)
            {
                ready.Enqueue(i, i);
            }
        }

        var sorted = new List<NodeProto>(proto.Node.Count);
        while (ready.TryDequeue(out var index, out _))
        {
            var node = proto.Node[index];
            sorted.Add(node);
            foreach (var next in node.Output.Where(waiting.ContainsKey).SelectMany(o => waiting[o]))
            {
                if (--missing[proto.Node[next]] == 0)
                {
                    ready.Enqueue(next, next);
                }
            }
        }

        var stuck = proto.Node.FirstOrDefault(n => missing[n] > 0);
        return stuck is null ? sorted : throw Broken($"has a circle through {DisplayName(stuck)}");
    }

    private OnnxTransferException Broken(string what) =>
        new(FailureKind.Model, $"The graph of {Model.Name} {what}: the model is damaged, export it again.");
}
