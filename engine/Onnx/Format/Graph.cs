using System.Diagnostics.CodeAnalysis;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// A read-only index over a model's graph: who makes and who uses each tensor, what is constant. Bodies of If, Loop and
/// Scan belong to their node: what they capture from outside counts as the node's input.
/// </summary>
public sealed class Graph
{
    private readonly Dictionary<string, NodeProto> producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> consumers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> constants = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeProto, IReadOnlyList<string>> dependencies = new(ReferenceEqualityComparer.Instance);

    /// <summary>Indexes the graph of <paramref name="model"/> and checks that it is one.</summary>
    /// <exception cref="OnnxTransferException">
    /// Model: a tensor made twice, an input that nothing makes, a cycle, an output that nothing makes.
    /// </exception>
    public Graph(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        var graph = model.Proto.Graph;
        foreach (var tensor in graph.Initializer)
        {
            if (!constants.TryAdd(tensor.Name, tensor))
            {
                throw Bad($"has two initializers called '{tensor.Name}'");
            }
        }

        Inputs = [.. graph.Input.Where(i => !constants.ContainsKey(i.Name))];
        Outputs = [.. graph.Output];
        if (graph.Input.GroupBy(i => i.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw Bad($"has two inputs called '{twice.Key}'");
        }

        var sources = graph.Input.Select(i => i.Name).Concat(constants.Keys).ToHashSet(StringComparer.Ordinal);
        IndexNodes(graph, sources);
        Nodes = TopologicalOrder.Of(graph.Node, sources, producers, n => dependencies[n], DisplayName, Bad);
        foreach (var output in Outputs)
        {
            if (!producers.ContainsKey(output.Name) && !sources.Contains(output.Name))
            {
                throw Bad($"has the output '{output.Name}', which nothing makes");
            }
        }
    }

    /// <summary>The model that is indexed.</summary>
    public OnnxModel Model { get; }

    /// <summary>All nodes, each after those whose outputs it uses; the file's order where that is such an order.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>The inputs that a caller must feed: without those that are initializers (IR 3 lists them too).</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    /// <summary>The outputs in the order of the file.</summary>
    public IReadOnlyList<ValueInfoProto> Outputs { get; }

    /// <summary>The node that makes <paramref name="tensor"/>, or null for inputs, initializers and unknown names.</summary>
    public NodeProto? Producer(string tensor) => producers.GetValueOrDefault(tensor);

    /// <summary>The nodes that use <paramref name="tensor"/>, in the order of <see cref="Nodes"/>' file, each once.</summary>
    public IReadOnlyList<NodeProto> Consumers(string tensor) =>
        consumers.TryGetValue(tensor, out var nodes) ? nodes : [];

    /// <summary>The value of <paramref name="tensor"/> where it is an initializer or made by a Constant node, else null.</summary>
    public TensorProto? Constant(string tensor) => constants.GetValueOrDefault(tensor);

    /// <summary>Whether <paramref name="tensor"/> is an input, an initializer or made by a node.</summary>
    public bool Contains(string tensor) =>
        producers.ContainsKey(tensor) || constants.ContainsKey(tensor) || Inputs.Any(i => i.Name == tensor);

    /// <summary>The tensors that a node reads: its inputs, then what its bodies capture from outside; none empty.</summary>
    public static IEnumerable<string> Reads(NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Input.Concat(Captures.Of(node)).Where(i => i.Length > 0);
    }

    /// <summary>What <paramref name="node"/> needs: its inputs and what its bodies capture from outside; each once, none empty.</summary>
    public IReadOnlyList<string> Dependencies(NodeProto node) => dependencies[node];

    /// <summary>The nodes needed to compute <paramref name="tensors"/>, in topological order.</summary>
    public IReadOnlyList<NodeProto> Ancestors(params IEnumerable<string> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var needed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var open = new Stack<string>(tensors);
        while (open.TryPop(out var tensor))
        {
            if (Producer(tensor) is { } node && needed.Add(node))
            {
                foreach (var dependency in dependencies[node])
                {
                    open.Push(dependency);
                }
            }
        }

        return [.. Nodes.Where(needed.Contains)];
    }

    /// <summary>The node's name for messages: its own, or "Conv producing 'x'" for unnamed ones.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "What a node is called is a question to its graph.")]
    public string DisplayName(NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Name.Length > 0 ? node.Name : $"{node.OpType} producing '{node.Output.FirstOrDefault()}'";
    }

    private void IndexNodes(GraphProto graph, HashSet<string> sources)
    {
        foreach (var node in graph.Node)
        {
            if (node.Output.All(o => o.Length == 0))
            {
                throw Bad($"has the node {DisplayName(node)}, which makes nothing");
            }

            foreach (var output in node.Output.Where(o => o.Length > 0))
            {
                if (sources.Contains(output) || !producers.TryAdd(output, node))
                {
                    throw Bad($"makes the tensor '{output}' twice, the second time by {DisplayName(node)}");
                }
            }

            var needs = Reads(node).Distinct(StringComparer.Ordinal).ToArray();
            dependencies[node] = needs;
            foreach (var need in needs)
            {
                if (!consumers.TryGetValue(need, out var users))
                {
                    consumers[need] = users = [];
                }

                users.Add(node);
            }

            if (ConstantNodes.Value(node) is { } value && node.Output.Count == 1)
            {
                constants[node.Output[0]] = value;
            }
        }
    }

    private OnnxTransferException Bad(string what) =>
        new(FailureKind.Model, $"The graph of {Model.Name} {what}; the model is damaged, export it again.");
}
