using Google.FlatBuffers;
using static OnnxTransfer.FineTuning.CheckpointFields;

namespace OnnxTransfer.FineTuning;

/// <summary>Checkpoints as bytes: tables are written before those that point to them, as FlatBuffers are.</summary>
internal static class CheckpointWriter
{
    // What ONNX Runtime Training saves there, and begins with whatever stands there.
    private const float Rate = 1e-3f;

    // What the tables take beside the numbers; a FlatBuffer ends at 2 GB.
    private const int Around = 1 << 16, AroundTensor = 1 << 10;
    private const int Alignment = 8;

    /// <summary>The bytes of the file, sealed.</summary>
    /// <param name="checkpoint">What is written.</param>
    /// <param name="program">Gives the shapes of the parameters, and the order.</param>
    /// <exception cref="OnnxTransferException">Model: the weights are more than such a file can hold.</exception>
    public static byte[] Bytes(Checkpoint checkpoint, TrainingProgram program)
    {
        var state = checkpoint.State;
        var builder = new FlatBufferBuilder(Size(state));
        var trainable = program.Parameters.Select(parameter => Tensor(builder, parameter.Name, parameter.Dims, state.Parameters[parameter.Name])).ToArray();
        var frozen = program.Statistics.Select(statistic => Tensor(builder, statistic.Name, [statistic.Count], state.Statistics[statistic.Name])).ToArray();
        var module = Module(builder, trainable, frozen);
        var groups = Vector(builder, [Group(builder, state, program)]);
        var properties = Properties(builder, checkpoint, ProgramIdentity.Of(program));

        builder.StartTable(CheckpointFields.Root.Fields);
        builder.AddInt(CheckpointFields.Root.Version, CheckpointFields.Version, 0);
        builder.AddOffset(CheckpointFields.Root.Module, module, 0);
        builder.AddOffset(CheckpointFields.Root.Groups, groups, 0);
        builder.AddOffset(CheckpointFields.Root.Properties, properties, 0);
        builder.Finish(builder.EndTable(), Identifier);
        return CheckpointSeal.Put(builder.DataBuffer.ToArraySegment(builder.DataBuffer.Position, builder.Offset));
    }

    private static int Size(TrainingState state)
    {
        var tensors = state.Parameters.Values.Concat(state.Statistics.Values).Concat(state.Moments.Values.SelectMany(moments => moments)).ToList();
        var bytes = tensors.Sum(values => ((long)values.Length * sizeof(float)) + AroundTensor) + Around;
        return bytes < Array.MaxLength
            ? (int)bytes
            : throw new OnnxTransferException(
                FailureKind.Model, $"A checkpoint would have {bytes} bytes, more than the 2 GB of the format; train fewer layers, or with an optimizer that remembers less.");
    }

    private static int Tensor(FlatBufferBuilder builder, string name, IReadOnlyList<long> dims, float[] values)
    {
        var title = builder.CreateString(name).Value;
        builder.StartVector(sizeof(long), dims.Count, sizeof(long));
        foreach (var dim in dims.Reverse())
        {
            builder.AddLong(dim);
        }

        var shape = builder.EndVector().Value;
        builder.StartVector(1, values.Length * sizeof(float), Alignment);
        builder.Add(values);
        var data = builder.EndVector().Value;
        builder.StartTable(CheckpointFields.Tensor.Fields);
        builder.AddOffset(CheckpointFields.Tensor.Name, title, 0);
        builder.AddOffset(CheckpointFields.Tensor.Dims, shape, 0);
        builder.AddInt(CheckpointFields.Tensor.Type, Float32, 0);
        builder.AddOffset(CheckpointFields.Tensor.Data, data, 0);
        return builder.EndTable();
    }

    private static int Module(FlatBufferBuilder builder, int[] trainable, int[] frozen)
    {
        var (first, second) = (Vector(builder, trainable), Vector(builder, frozen));
        builder.StartTable(CheckpointFields.Module.Fields);
        builder.AddOffset(CheckpointFields.Module.Trainable, first, 0);
        builder.AddOffset(CheckpointFields.Module.Frozen, second, 0);
        return builder.EndTable();
    }

    private static int Group(FlatBufferBuilder builder, TrainingState state, TrainingProgram program)
    {
        var states = program.Parameters.Where(parameter => state.Moments.ContainsKey(parameter.Name)).Select(parameter =>
        {
            var moments = Vector(builder, [.. state.Moments[parameter.Name].Select((values, i) => Tensor(builder, Moment(i), parameter.Dims, values))]);
            var title = builder.CreateString(parameter.Name).Value;
            builder.StartTable(ParameterState.Fields);
            builder.AddOffset(ParameterState.Name, title, 0);
            builder.AddOffset(ParameterState.Moments, moments, 0);
            return builder.EndTable();
        }).ToArray();
        var (all, name) = (Vector(builder, states), builder.CreateString(CheckpointFields.Group).Value);
        builder.StartTable(OptimizerGroup.Fields);
        builder.AddOffset(OptimizerGroup.Name, name, 0);
        builder.AddLong(OptimizerGroup.Step, state.Step, 0);
        builder.AddFloat(OptimizerGroup.Rate, Rate, 0);
        builder.AddOffset(OptimizerGroup.States, all, 0);
        return builder.EndTable();
    }

    private static int Properties(FlatBufferBuilder builder, Checkpoint checkpoint, string identity)
    {
        var texts = new Dictionary<string, string>(checkpoint.Texts, StringComparer.Ordinal) { [Program] = identity };
        var longs = Each(builder, checkpoint.Longs, value => value, value => builder.AddLong(Property.Value, value, 0));
        var floats = Each(builder, checkpoint.Floats, value => value, value => builder.AddFloat(Property.Value, value, 0));
        var strings = Each(builder, texts, value => builder.CreateString(value).Value, place => builder.AddOffset(Property.Value, place, 0));
        builder.StartTable(CheckpointFields.Properties.Fields);
        builder.AddOffset(CheckpointFields.Properties.Longs, longs, 0);
        builder.AddOffset(CheckpointFields.Properties.Floats, floats, 0);
        builder.AddOffset(CheckpointFields.Properties.Texts, strings, 0);
        return builder.EndTable();
    }

    // A table cannot be begun inside another: what a value points to is written first.
    private static int Each<T, TStored>(FlatBufferBuilder builder, IReadOnlyDictionary<string, T> properties, Func<T, TStored> store, Action<TStored> add)
    {
        var tables = properties.OrderBy(property => property.Key, StringComparer.Ordinal).Select(property =>
        {
            var (name, value) = (builder.CreateString(property.Key).Value, store(property.Value));
            builder.StartTable(Property.Fields);
            builder.AddOffset(Property.Name, name, 0);
            add(value);
            return builder.EndTable();
        }).ToArray();
        return Vector(builder, tables);
    }

    private static int Vector(FlatBufferBuilder builder, int[] tables)
    {
        builder.StartVector(sizeof(int), tables.Length, sizeof(int));
        foreach (var table in tables.Reverse())
        {
            builder.AddOffset(table);
        }

        return builder.EndVector().Value;
    }
}
