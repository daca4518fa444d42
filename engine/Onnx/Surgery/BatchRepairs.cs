using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>The changes that free a graph of its exported batch; each gives null, or why it cannot be made.</summary>
internal sealed class BatchRepairs(ModelProto proto, Graph graph, GraphShapes shapes, long batch)
{
    private const long ExpandSince = 8;
    private readonly HashSet<string> names =
        [.. proto.Graph.Node.Select(n => n.Name), .. proto.Graph.Node.SelectMany(n => n.Output), .. proto.Graph.Input.Select(i => i.Name), .. proto.Graph.Initializer.Select(t => t.Name)];

    /// <summary>Leaves open the extent of a reshape that has the images in it.</summary>
    /// <param name="node">The Reshape.</param>
    /// <param name="shape">The shape that it makes whatever the batch; changed.</param>
    /// <param name="before">Where the images lie in its input.</param>
    /// <param name="after">Where they lie in its output.</param>
    public string? Reshape(NodeProto node, long[] shape, BatchPlace before, BatchPlace after)
    {
        var copies = (node.Attribute.FirstOrDefault(a => a.Name == "allowzero")?.I ?? 0) == 0;
        if (shape[after.Axis] == -1 || (shape[after.Axis] == 0 && copies && after == before))
        {
            return null;
        }

        var text = string.Join(", ", shape);
        if (!shape.Contains(-1))
        {
            shape[after.Axis] = -1;
        }
        else if (copies && after == before && shapes.Shape(node.Input[0])?[before.Axis] == shapes.Shape(node.Output[0])?[after.Axis])
        {
            // Only one dimension may be left open; with -1 in use elsewhere, 0 copies the batch from the input.
            shape[after.Axis] = 0;
        }
        else
        {
            return $"always makes the shape [{text}]";
        }

        var name = Unique($"{node.Input[1]}/any_batch/{node.Name}");
        proto.Graph.Initializer.Add(TensorData.Of(name, shape, shape.Length));
        node.Input[1] = name;
        return null;
    }

    /// <summary>Repeats what a Concat joins to the one exported image, such as a class token, for every image.</summary>
    /// <param name="node">The Concat.</param>
    /// <param name="input">The tensor without images.</param>
    /// <param name="like">A tensor with images that it is joined to.</param>
    /// <param name="place">Where the images lie in that.</param>
    public string? Repeat(NodeProto node, string input, string like, BatchPlace place)
    {
        if (batch != 1 || place.Before != 1 || shapes.Shape(input) is not { IsKnown: true } shape
            || shape.Rank <= place.Axis || shape[place.Axis].Value != 1
            || shapes.Shape(like)?[place.Axis].Value != 1 || graph.Model.Opset < ExpandSince)
        {
            return $"joins '{input}', made for that batch, to every image";
        }

        // Expand's shape has 1 for all but the images: an extent of 1 leaves the input's own.
        var prefix = Unique($"{input}/any_batch/{node.Name}");
        var nodes = new List<NodeProto>
        {
            New("Shape", [like], "shape"),
            New("Gather", [prefix + "/shape", Constant("axis", place.Axis)], "images"),
            New("Concat", Enumerable.Range(0, shape.Rank).Select(axis => axis == place.Axis ? prefix + "/images" : Constant($"one_{axis}", 1)), "extents"),
            New("Expand", [input, prefix + "/extents"], "repeated"),
        };
        nodes[2].Attribute.Add(new AttributeProto { Name = "axis", I = 0, Type = AttributeProto.Types.AttributeType.Int });
        var at = proto.Graph.Node.IndexOf(node);
        foreach (var added in nodes)
        {
            proto.Graph.Node.Insert(at++, added);
        }

        for (var i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = node.Input[i] == input ? prefix + "/repeated" : node.Input[i];
        }

        return null;

        string Constant(string part, long value)
        {
            proto.Graph.Initializer.Add(TensorData.Of($"{prefix}/{part}", [value], 1));
            return $"{prefix}/{part}";
        }

        NodeProto New(string op, IEnumerable<string> inputs, string part) =>
            new() { OpType = op, Name = $"{prefix}/{op}", Input = { inputs }, Output = { $"{prefix}/{part}" } };
    }

    // Two nodes may have one name, and what is added for them must not.
    private string Unique(string wanted)
    {
        while (!names.Add(wanted))
        {
            wanted += "_";
        }

        return wanted;
    }
}
