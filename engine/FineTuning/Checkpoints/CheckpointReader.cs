using System.Runtime.InteropServices;
using System.Text;
using OnnxTransfer.Engine;
using static OnnxTransfer.FineTuning.CheckpointFields;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Checkpoints from bytes that a stranger may have written: every access is checked, and nothing is allocated that the file does
/// not hold and the program does not ask for.
/// </summary>
internal static class CheckpointReader
{
    private const int Header = 8;

    /// <summary>The checkpoint in <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="program">What it must fit.</param>
    /// <exception cref="OnnxTransferException">Data: damaged, or no checkpoint. Model: one of another model.</exception>
    public static Checkpoint Parse(ReadOnlySpan<byte> bytes, string name, TrainingProgram program)
    {
        if (bytes.Length < Header || !bytes[4..Header].SequenceEqual(Encoding.ASCII.GetBytes(Identifier)))
        {
            throw Damaged(name, $"it does not begin as one ({bytes.Length} bytes read)");
        }

        if (CheckpointSeal.IsBroken(bytes))
        {
            throw Damaged(name, "its content does not agree with its seal");
        }

        try
        {
            var root = FlatTable.Root(bytes);
            if (root.Int32(CheckpointFields.Root.Version) is not CheckpointFields.Version and var version)
            {
                throw Damaged(name, $"it is of version {version} of the format, and {CheckpointFields.Version} is read");
            }

            var (longs, floats, texts) = Properties(root);
            if (texts.Remove(Program, out var identity) && identity != ProgramIdentity.Of(program))
            {
                throw Other(name, "its parameters or classes are others");
            }

            return new Checkpoint { State = State(root, name, program), Longs = longs, Floats = floats, Texts = texts };
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw Damaged(name, "it is cut off or its tables are broken", e);
        }
    }

    /// <summary>The sentence for a file that is not what it should be.</summary>
    public static OnnxTransferException Damaged(string name, string why, Exception? inner = null) =>
        new(FailureKind.Data, $"{name} is not a whole checkpoint: {Plain(why)}; use an earlier one, or start again from the pretrained weights.", inner);

    private static OnnxTransferException Other(string name, string why) => new(
        FailureKind.Model, $"{name} is a checkpoint of another model: {Plain(why)}; continue with the model, the layers and the classes that it was written for.");

    // Names in the file may hold anything, line ends and escapes of terminals too.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static TrainingState State(FlatTable root, string name, TrainingProgram program)
    {
        var module = root.Table(CheckpointFields.Root.Module);
        if (module.Byte(CheckpointFields.Module.HasExternalData) != 0)
        {
            throw Damaged(name, "it keeps its weights in another file, which is not read");
        }

        var shapes = program.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Dims, StringComparer.Ordinal);
        var lengths = program.Statistics.ToDictionary(statistic => statistic.Name, statistic => (IReadOnlyList<long>)[statistic.Count], StringComparer.Ordinal);
        var (moments, step) = Moments(root, name, shapes);
        return new TrainingState
        {
            Parameters = Tensors(module, CheckpointFields.Module.Trainable, name, shapes),
            Statistics = Tensors(module, CheckpointFields.Module.Frozen, name, lengths),
            Moments = moments,
            Step = step,
        };
    }

    // Each wanted tensor once, and no other.
    private static Dictionary<string, float[]> Tensors(FlatTable module, int field, string name, Dictionary<string, IReadOnlyList<long>> wanted)
    {
        var found = new Dictionary<string, float[]>(StringComparer.Ordinal);
        for (var i = 0; i < module.Count(field); i++)
        {
            var tensor = module.Element(field, i);
            var title = tensor.Text(CheckpointFields.Tensor.Name);
            var dims = wanted.GetValueOrDefault(title) ?? throw Other(name, $"it has '{title}'");
            if (!found.TryAdd(title, Values(tensor, name, title, dims)))
            {
                throw Damaged(name, $"it has '{title}' twice");
            }
        }

        return wanted.Keys.FirstOrDefault(title => !found.ContainsKey(title)) is { } missing ? throw Other(name, $"it lacks '{missing}'") : found;
    }

    private static float[] Values(FlatTable tensor, string name, string title, IReadOnlyList<long> dims)
    {
        var found = tensor.Int64s(CheckpointFields.Tensor.Dims);
        if (!found.SequenceEqual(dims))
        {
            throw Other(name, $"its '{title}' is [{string.Join(", ", found)}] and not [{string.Join(", ", dims)}]");
        }

        var bytes = tensor.Bytes(CheckpointFields.Tensor.Data);
        return tensor.Int32(CheckpointFields.Tensor.Type) == Float32 && bytes.Length == sizeof(float) * dims.Aggregate(1L, (product, dim) => product * dim)
            ? MemoryMarshal.Cast<byte, float>(bytes).ToArray()
            : throw Damaged(name, $"the numbers of '{title}' are not as many as its shape says, or not of type float32");
    }

    private static (Dictionary<string, float[][]> Moments, long Step) Moments(FlatTable root, string name, Dictionary<string, IReadOnlyList<long>> shapes)
    {
        var all = new Dictionary<string, float[][]>(StringComparer.Ordinal);
        if (root.Count(CheckpointFields.Root.Groups) == 0)
        {
            return (all, 0);
        }

        var group = root.Element(CheckpointFields.Root.Groups, 0);
        if (root.Count(CheckpointFields.Root.Groups) > 1 || group.Text(OptimizerGroup.Name) != CheckpointFields.Group || group.Int64(OptimizerGroup.Step) < 0)
        {
            throw Damaged(name, $"its optimizer has other groups of parameters than {CheckpointFields.Group}, or a negative number of steps");
        }

        for (var i = 0; i < group.Count(OptimizerGroup.States); i++)
        {
            var state = group.Element(OptimizerGroup.States, i);
            var title = state.Text(ParameterState.Name);
            var dims = shapes.GetValueOrDefault(title) ?? throw Other(name, $"its optimizer remembers '{title}'");
            if (!all.TryAdd(title, MomentsOf(state, name, title, dims)))
            {
                throw Damaged(name, $"its optimizer remembers '{title}' twice");
            }
        }

        return all.Count == 0 || (all.Count == shapes.Count && all.Values.All(moments => moments.Length == all.Values.First().Length))
            ? (all, group.Int64(OptimizerGroup.Step))
            : throw Damaged(name, "its optimizer remembers some parameters and forgets others");
    }

    private static float[][] MomentsOf(FlatTable state, string name, string title, IReadOnlyList<long> dims)
    {
        // No optimizer remembers more than two.
        var moments = new float[Math.Clamp(state.Count(ParameterState.Moments), 0, 2)][];
        for (var i = 0; i < state.Count(ParameterState.Moments); i++)
        {
            var tensor = state.Element(ParameterState.Moments, i);
            var moment = tensor.Text(CheckpointFields.Tensor.Name);
            var place = Enumerable.Range(0, moments.Length).FirstOrDefault(m => moments[m] is null && moment == Moment(m), -1);
            moments[place >= 0 ? place : throw Damaged(name, $"its optimizer remembers something unknown of '{title}'")] = Values(tensor, name, title, dims);
        }

        return moments;
    }

    private static (Dictionary<string, long> Longs, Dictionary<string, float> Floats, Dictionary<string, string> Texts) Properties(FlatTable root)
    {
        var longs = new Dictionary<string, long>(StringComparer.Ordinal);
        var floats = new Dictionary<string, float>(StringComparer.Ordinal);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!root.Has(CheckpointFields.Root.Properties))
        {
            return (longs, floats, texts);
        }

        // A name that stands twice is an ArgumentException, as other damage is.
        var bag = root.Table(CheckpointFields.Root.Properties);
        for (var i = 0; i < bag.Count(CheckpointFields.Properties.Longs); i++)
        {
            var property = bag.Element(CheckpointFields.Properties.Longs, i);
            longs.Add(property.Text(Property.Name), property.Int64(Property.Value));
        }

        for (var i = 0; i < bag.Count(CheckpointFields.Properties.Floats); i++)
        {
            var property = bag.Element(CheckpointFields.Properties.Floats, i);
            floats.Add(property.Text(Property.Name), property.Single(Property.Value));
        }

        for (var i = 0; i < bag.Count(CheckpointFields.Properties.Texts); i++)
        {
            var property = bag.Element(CheckpointFields.Properties.Texts, i);
            texts.Add(property.Text(Property.Name), property.Text(Property.Value));
        }

        return (longs, floats, texts);
    }
}
