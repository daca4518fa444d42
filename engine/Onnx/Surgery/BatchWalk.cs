using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>
/// Follows the images of a fixed batch through a graph, to find the constants that have the batch in them. Where a reshape
/// leaves several places possible they are tried in turn until every node treats each image apart; which of the places that
/// pass is taken does not matter then, since all compute the same for each image.
/// </summary>
internal sealed class BatchWalk
{
    private const int MostSteps = 200_000;
    private readonly Graph graph;
    private readonly GraphShapes shapes;
    private readonly long batch;
    private readonly Dictionary<string, BatchPlace> places = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeProto, BatchPlace> reshapes = new(ReferenceEqualityComparer.Instance);

    /// <summary>Follows the batch from the input <paramref name="image"/>.</summary>
    /// <exception cref="OnnxTransferException">Model: a node does not treat each image apart, or the batch is built into it.</exception>
    public BatchWalk(Graph graph, string image, long batch)
    {
        (this.graph, this.batch) = (graph, batch);
        shapes = ShapeInference.Infer(graph);
        places[image] = BatchPlace.First;
        Follow();
    }

    /// <summary>Whether the tensor could be computed for the exported batch.</summary>
    public bool WasPossible(string tensor) => shapes.Impossible(tensor) is null;

    /// <summary>Where the images lie in a tensor, or null where it has none.</summary>
    public BatchPlace? PlaceOf(string tensor) => places.TryGetValue(tensor, out var place) ? place : null;

    /// <summary>Puts "whatever is there" where reshapes have the batch built in, and repeats constants made for one image.</summary>
    /// <param name="proto">The model, changed in place.</param>
    /// <param name="symbolic">The shapes of the model as it is changed so far, with a symbol for the batch.</param>
    public void Repair(ModelProto proto, Func<GraphShapes> symbolic)
    {
        var repairs = new BatchRepairs(proto, graph, shapes, batch);
        foreach (var node in graph.Nodes)
        {
            if (reshapes.TryGetValue(node, out var place))
            {
                if (Made(node, place, symbolic) is { } shape && repairs.Reshape(node, shape, places[node.Input[0]], place) is { } refusal)
                {
                    throw Refuse($"{graph.DisplayName(node)} {refusal}");
                }
            }
            else if (node.OpType == "Concat" && node.Input.FirstOrDefault(places.ContainsKey) is { } like)
            {
                foreach (var input in node.Input.Where(i => !places.ContainsKey(i)).Distinct().ToList())
                {
                    if (repairs.Repeat(node, input, like, places[like]) is { } reason)
                    {
                        throw Refuse($"{graph.DisplayName(node)} {reason}");
                    }
                }
            }
        }
    }

    /// <summary>Puts the symbol into a declared output.</summary>
    public void Declare(ValueInfoProto output, string symbol)
    {
        if (places.TryGetValue(output.Name, out var place) && output.Type?.TensorType?.Shape?.Dim is { } dims && place.Axis < dims.Count)
        {
            if (dims[place.Axis].HasDimValue && dims[place.Axis].DimValue == batch)
            {
                dims[place.Axis].DimParam = symbol;
            }
            else
            {
                dims[place.Axis].ClearValue();
            }
        }
    }

    /// <summary>The model cannot be made to run for any batch.</summary>
    public OnnxTransferException Refuse(string what) => new(
        FailureKind.Model,
        $"{graph.Model.Name} is made for a batch of {batch}: {what}; export the model with a dynamic batch (dynamic_axes in PyTorch).");

    // The shape that a reshape makes whatever the batch: stored, or computed from what is stored. Null where the batch is
    // in it, as the exporters write it with Shape, Gather and Concat: it needs no repair.
    private long[]? Made(NodeProto node, BatchPlace place, Func<GraphShapes> symbolic)
    {
        if (graph.Constant(node.Input[1]) is { } stored)
        {
            return TensorData.Longs(stored);
        }

        if (symbolic().Facts(node.Input[1]).Values is not { } values || values[place.Axis].Value is null)
        {
            return null;
        }

        return values.All(v => v.Value is not null)
            ? [.. values.Select(v => v.Value!.Value)]
            : throw Refuse($"{graph.DisplayName(node)} makes the shape [{string.Join(", ", values)}], which has the batch built in");
    }

    private void Follow()
    {
        var untried = new Stack<(int Node, Queue<BatchPlace> Places)>();
        string? first = null;
        var steps = 0;
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            var refusal = Visit(i, untried);
            if (refusal is null)
            {
                continue;
            }

            first ??= refusal;
            while (untried.TryPeek(out var open) && open.Places.Count == 0)
            {
                untried.Pop();
            }

            if (!untried.TryPeek(out var retry) || ++steps > MostSteps)
            {
                throw Refuse(first);
            }

            foreach (var output in graph.Nodes.Skip(retry.Node).Take(i - retry.Node + 1).SelectMany(n => n.Output))
            {
                places.Remove(output);
            }

            i = retry.Node;
            Place(graph.Nodes[i], retry.Places.Dequeue());
        }
    }

    // Null, or what the node does that keeps the batch from being followed.
    private string? Visit(int index, Stack<(int Node, Queue<BatchPlace> Places)> untried)
    {
        var node = graph.Nodes[index];
        if ((node.OpType is "Shape" or "Size" && ShapeRules.Of(node) is not null) || !graph.Dependencies(node).Any(places.ContainsKey))
        {
            return null;
        }

        if (!IsReshape(node))
        {
            IReadOnlyList<BatchPlace?> inputs = [.. node.Input.Select(i => places.TryGetValue(i, out var place) ? place : (BatchPlace?)null)];
            if (inputs.All(p => p is null))
            {
                return $"{graph.DisplayName(node)} has a body that uses the images";
            }

            if (ShapeRules.Of(node) is null)
            {
                return $"{graph.DisplayName(node)} is of the operator {node.OpType}, which is not known to treat each image apart";
            }

            try
            {
                var step = BatchRules.Of(new NodeFacts(node, graph, shapes.Facts), inputs, batch);
                if (step.Refusal is not null)
                {
                    return $"{graph.DisplayName(node)} {step.Refusal}";
                }

                Place(node, step.Place);
                return null;
            }
            catch (ImpossibleShapeException e)
            {
                return e.Message;
            }
        }

        if (!places.TryGetValue(node.Input[0], out var before)
            || shapes.Shape(node.Input[0]) is not { } input || shapes.Shape(node.Output[0]) is not { } output
            || before.Reshaped(input, output, batch) is not { Count: > 0 } possible)
        {
            return $"{graph.DisplayName(node)} makes a shape in which the images cannot be followed";
        }

        untried.Push((index, new Queue<BatchPlace>(possible.Skip(1))));
        Place(node, possible[0]);
        return null;
    }

    private void Place(NodeProto node, BatchPlace place)
    {
        if (IsReshape(node))
        {
            reshapes[node] = place;
        }

        foreach (var output in node.Output.Where(o => o.Length > 0))
        {
            places[output] = place;
        }
    }

    private static bool IsReshape(NodeProto node) => node.OpType == "Reshape" && node.Input.Count == 2 && ShapeRules.Of(node) is not null;
}
