using Google.Protobuf;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>Appends nodes and constants to a copy of a model; <see cref="Build"/> gives the result.</summary>
public sealed class GraphBuilder
{
    private readonly OnnxModel origin;
    private readonly ModelProto proto;
    private readonly HashSet<string> names;

    /// <summary>Starts with a copy of <paramref name="model"/>.</summary>
    public GraphBuilder(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        origin = model;
        proto = model.Proto.Clone();
        var graph = proto.Graph;
        names = [.. graph.Node.Select(n => n.Name), .. graph.Node.SelectMany(n => n.Output), .. graph.Input.Select(i => i.Name), .. graph.Initializer.Select(t => t.Name)];
    }

    /// <summary>The version of the default operator set: what appended nodes must be written for.</summary>
    public long Opset => ModelFile.DefaultOpset(proto) ?? 0;

    /// <summary>Starts with an empty graph.</summary>
    public static GraphBuilder Empty(string name, long opset, long irVersion) => new(OnnxModel.FromProto(
        new ModelProto
        {
            IrVersion = irVersion,
            ProducerName = "OnnxTransfer",
            Graph = new GraphProto { Name = name },
            OpsetImport = { new OperatorSetIdProto { Domain = string.Empty, Version = opset } },
        },
        name));

    /// <summary><paramref name="wanted"/>, or the first of its variants that no tensor or node has yet; it is taken from now on.</summary>
    public string Unique(string wanted)
    {
        var name = wanted;
        for (var i = 1; !names.Add(name); i++)
        {
            name = $"{wanted}_{i}";
        }

        return name;
    }

    /// <summary>Appends a node with one output and returns the output's name.</summary>
    /// <param name="opType">The operator.</param>
    /// <param name="inputs">The tensors it reads; an empty name leaves one out.</param>
    /// <param name="output">The wanted name of its output, made unique.</param>
    /// <param name="attributes">Values of type long, float, string, long[] or float[].</param>
    public string Add(string opType, IReadOnlyList<string> inputs, string output, params (string Name, object Value)[] attributes) =>
        Add(string.Empty, opType, inputs, [output], attributes)[0];

    /// <summary>Appends a node of any domain and number of outputs and returns the outputs' names.</summary>
    /// <param name="domain">The operator's domain; empty: ONNX's own. Others are to be imported by <see cref="Import"/>.</param>
    /// <param name="opType">The operator.</param>
    /// <param name="inputs">The tensors it reads; an empty name leaves one out.</param>
    /// <param name="outputs">The wanted names of its outputs, made unique; an empty name leaves one out.</param>
    /// <param name="attributes">Values of type long, float, string, long[] or float[].</param>
    public IReadOnlyList<string> Add(
        string domain, string opType, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, params (string Name, object Value)[] attributes)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        string[] tensors = [.. outputs.Select(output => output.Length > 0 ? Unique(output) : output)];
        var node = new NodeProto { OpType = opType, Name = Unique($"{tensors.First(tensor => tensor.Length > 0)}/{opType}"), Input = { inputs }, Output = { tensors } };
        if (domain.Length > 0)
        {
            node.Domain = domain;
        }

        node.Attribute.AddRange(attributes.Select(a => Attribute(a.Name, a.Value)));
        proto.Graph.Node.Add(node);
        return tensors;
    }

    /// <summary>Declares that nodes of a domain are written for a version of its operator set.</summary>
    public void Import(string domain, long version)
    {
        if (proto.OpsetImport.All(import => import.Domain != domain))
        {
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
    }

    /// <summary>Makes the node that makes <paramref name="tensor"/> put out one of its further outputs too.</summary>
    /// <param name="tensor">An output that the node has.</param>
    /// <param name="index">The further output's place.</param>
    /// <param name="wanted">Its wanted name, made unique.</param>
    /// <returns>The name of the output: the one that it has, where the node puts it out already.</returns>
    public string Output(string tensor, int index, string wanted)
    {
        var node = proto.Graph.Node.Single(n => n.Output.Contains(tensor));
        while (node.Output.Count <= index)
        {
            node.Output.Add(string.Empty);
        }

        return node.Output[index] = node.Output[index].Length > 0 ? node.Output[index] : Unique(wanted);
    }

    /// <summary>Makes the node that makes <paramref name="tensor"/> read another tensor as one of its inputs, which it may have left out.</summary>
    public void Rewire(string tensor, int input, string other)
    {
        var inputs = proto.Graph.Node.Single(n => n.Output.Contains(tensor)).Input;
        while (inputs.Count <= input)
        {
            inputs.Add(string.Empty);
        }

        inputs[input] = other;
    }

    /// <summary>Makes the node that makes <paramref name="tensor"/> one of another operator, with the same inputs and outputs.</summary>
    public void Become(string tensor, string domain, string opType, params (string Name, object Value)[] attributes)
    {
        var node = proto.Graph.Node.Single(n => n.Output.Contains(tensor));
        (node.Domain, node.OpType) = (domain, opType);
        node.Attribute.Clear();
        node.Attribute.AddRange(attributes.Select(a => Attribute(a.Name, a.Value)));
    }

    /// <summary>Makes the node that makes <paramref name="tensor"/> put out <paramref name="result"/> instead; the node that made this goes.</summary>
    /// <param name="tensor">An output of one node that only the other node reads.</param>
    /// <param name="result">The first output of that other node.</param>
    public void Absorb(string tensor, string result)
    {
        proto.Graph.Node.Remove(proto.Graph.Node.Single(n => n.Output.Contains(result)));
        var node = proto.Graph.Node.Single(n => n.Output.Contains(tensor));
        node.Output[node.Output.IndexOf(tensor)] = result;
    }

    /// <summary>Notes the shape of a float32 tensor, where every extent is a number or a symbol and the graph says nothing of it yet.</summary>
    public void Describe(string tensor, TensorShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Dims.All(static dim => dim.IsKnown) && proto.Graph.ValueInfo.Concat(proto.Graph.Output).All(value => value.Name != tensor))
        {
            proto.Graph.ValueInfo.Add(Value(tensor, TensorProto.Types.DataType.Float, [.. shape.Dims.Select(static dim => (object?)dim.Value ?? dim.Symbol!)]));
        }
    }

    /// <summary>Puts the nodes that <paramref name="append"/> appends before the node that makes <paramref name="tensor"/>.</summary>
    public void Before(string tensor, Action append)
    {
        ArgumentNullException.ThrowIfNull(append);
        var (nodes, count) = (proto.Graph.Node, proto.Graph.Node.Count);
        var place = nodes.IndexOf(nodes.Single(n => n.Output.Contains(tensor)));
        append();
        NodeProto[] appended = [.. nodes.Skip(count)];
        for (var i = 0; i < appended.Length; i++)
        {
            nodes.RemoveAt(count + i);
            nodes.Insert(place + i, appended[i]);
        }
    }

    /// <summary>Makes a constant an input of the same name, type and shape; its value is given back.</summary>
    public TensorProto Free(string constant)
    {
        var tensor = proto.Graph.Initializer.Single(t => t.Name == constant);
        proto.Graph.Initializer.Remove(tensor);
        proto.Graph.Input.Add(Value(constant, TensorData.Type(tensor), [.. tensor.Dims.Select(dim => (object)dim)]));
        return tensor;
    }

    /// <summary>Makes a constant of the tensor that a node has made; the node goes.</summary>
    public void Store(string tensor, TensorProto value)
    {
        ArgumentNullException.ThrowIfNull(value);
        proto.Graph.Node.Remove(proto.Graph.Node.Single(n => n.Output.Contains(tensor)));
        var stored = value.Clone();
        stored.Name = tensor;
        proto.Graph.Initializer.Add(stored);
    }

    /// <summary>Appends a float32 constant and returns its name.</summary>
    public string Constant(string name, float[] values, params long[] dims)
    {
        var tensor = TensorData.Of(Unique(name), values, dims);
        proto.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Appends an int64 constant and returns its name.</summary>
    public string Constant(string name, long[] values, params long[] dims)
    {
        var tensor = TensorData.Of(Unique(name), values, dims);
        proto.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Declares an input.</summary>
    /// <param name="tensor">Its name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="dims">Its dimensions: long, int or string (symbolic).</param>
    public void Input(string tensor, TensorProto.Types.DataType type, params object[] dims)
    {
        names.Add(tensor);
        proto.Graph.Input.Add(Value(tensor, type, dims));
    }

    /// <summary>Declares an input that is a sequence of tensors of any shapes.</summary>
    public void Sequence(string name, TensorProto.Types.DataType type)
    {
        names.Add(name);
        var element = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } };
        proto.Graph.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = element } } });
    }

    /// <summary>Declares a tensor as an output; dimensions as for <see cref="Input"/>.</summary>
    public void Output(string tensor, TensorProto.Types.DataType type, params object[] dims) =>
        proto.Graph.Output.Add(Value(tensor, type, dims));

    /// <summary>Takes all outputs away: the tensors stay, undeclared.</summary>
    public void ClearOutputs() => proto.Graph.Output.Clear();

    /// <summary>Sets or replaces a metadata entry.</summary>
    public void SetMetadata(string key, string value)
    {
        var entry = proto.MetadataProps.FirstOrDefault(p => p.Key == key);
        if (entry is null)
        {
            proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
        else
        {
            entry.Value = value;
        }
    }

    /// <summary>Gives a tensor another name wherever the main graph mentions it.</summary>
    public void RenameTensor(string from, string to)
    {
        foreach (var node in proto.Graph.Node)
        {
            Rename(node.Input, from, to);
            Rename(node.Output, from, to);
        }

        foreach (var value in proto.Graph.Input.Concat(proto.Graph.Output).Concat(proto.Graph.ValueInfo).Where(v => v.Name == from))
        {
            value.Name = to;
        }

        foreach (var tensor in proto.Graph.Initializer.Where(t => t.Name == from))
        {
            tensor.Name = to;
        }

        names.Remove(from);
        names.Add(to);
    }

    /// <summary>The model as built; the builder must not be used afterwards.</summary>
    public OnnxModel Build() => origin.WithProto(proto);

    private static void Rename(Google.Protobuf.Collections.RepeatedField<string> list, string from, string to)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] == from)
            {
                list[i] = to;
            }
        }
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int number:
                attribute.I = number;
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                break;
            case long number:
                attribute.I = number;
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                break;
            case float number:
                attribute.F = number;
                attribute.Type = AttributeProto.Types.AttributeType.Float;
                break;
            case string text:
                attribute.S = ByteString.CopyFromUtf8(text);
                attribute.Type = AttributeProto.Types.AttributeType.String;
                break;
            case long[] numbers:
                attribute.Ints.AddRange(numbers);
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                break;
            case float[] numbers:
                attribute.Floats.AddRange(numbers);
                attribute.Type = AttributeProto.Types.AttributeType.Floats;
                break;
            default:
                throw new ArgumentException($"An attribute cannot hold a {value.GetType().Name}.", nameof(value));
        }

        return attribute;
    }

    private static ValueInfoProto Value(string tensor, TensorProto.Types.DataType type, object[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (var dim in dims)
        {
            shape.Dim.Add(dim switch
            {
                string symbol => new TensorShapeProto.Types.Dimension { DimParam = symbol },
                int number => new TensorShapeProto.Types.Dimension { DimValue = number },
                long number => new TensorShapeProto.Types.Dimension { DimValue = number },
                _ => throw new ArgumentException($"A dimension cannot be a {dim.GetType().Name}.", nameof(dims)),
            });
        }

        return new ValueInfoProto
        {
            Name = tensor,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}
