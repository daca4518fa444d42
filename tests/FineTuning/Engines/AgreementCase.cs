using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.FineTuning.Tests.Reference;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Tests;
using Runtime = OnnxTransfer.Onnx.Tests.Runtime;

namespace OnnxTransfer.FineTuning.Tests.Engines;

/// <summary>A network with a new head, compiled as fine-tuning does, and batches to run it on.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Batches">Three batches.</param>
/// <param name="Compiled">The program.</param>
internal sealed record AgreementCase(string Name, CompiledProgram Compiled, TrainingBatch[] Batches)
{
    private const int Classes = 5;

    /// <summary>The networks by their names: the file and its options are looked up when one is asked for.</summary>
    public static readonly IReadOnlyDictionary<string, Func<AgreementCase>> All = new Dictionary<string, Func<AgreementCase>>
    {
        ["SqueezeNet 1.1, opset 7"] = () => Make("SqueezeNet 1.1, opset 7", SharedFiles.Path("models/squeezenet1_1-fp16.onnx"), 64, "penultimate", false),
        ["ResNet-18, known statistics"] = () => Make("ResNet-18, known statistics", SharedFiles.ResNet18(), 64, "penultimate", false),
        ["ResNet-18, batch statistics"] = () => Make("ResNet-18, batch statistics", SharedFiles.ResNet18(), 64, "penultimate", true),
        ["ResNet-18 to stage 2, batch statistics"] = () => Make("ResNet-18 to stage 2, batch statistics", SharedFiles.ResNet18(), 64, "stage2", true),
        ["MobileNet-v2, first blocks"] = () => Make("MobileNet-v2, first blocks", TorchModels.Path("mobilenet_v2"), 64, "stage2", false),
    };

    /// <summary>The program of one step, and where it starts.</summary>
    public TrainingProgram Program => Compiled.Program;

    /// <summary>How the weights are changed: what both engines have.</summary>
    public static AdamW AdamW => new();

    /// <summary>The stock runtime, in ONNX's operators alone or in those of this project too.</summary>
    public ITrainingEngine Graph(TrainingState? start = null, GradientForm form = GradientForm.Custom) =>
        new GraphEngine(Program, start ?? Compiled.Start, AdamW, null, threads: 1, form: form);

    /// <summary>ONNX Runtime Training under Node; the test is skipped where there is none.</summary>
    public ITrainingEngine WebAssembly(TrainingState? start = null) =>
        OnnxRuntimeTrainingEngine.InWebAssembly(Program, start ?? Compiled.Start, AdamW, null, TrainingPackage.Folder());

    private static AgreementCase Make(string name, string path, int? size, string tapName, bool batchStatistics)
    {
        using var backbone = Backbone.Load(path, new BackboneOptions { Size = size, Recipe = Recipe.FromOption("imagenet") });
        var tap = backbone.Tap(tapName, Pooling.Average);
        double[] weights = [.. Runtime.Noise(Classes * (tap.Width + 1), 3).Select(value => value / Math.Sqrt(tap.Width))];
        var head = new LinearHead([.. Enumerable.Range(0, Classes).Select(k => $"class {k}")], weights, tap.Width, HeadLoss.Softmax, 1, new Certificate(0, 0, 0, 0, false));
        var classifier = ClassifierGraph.Make(backbone.Taps, backbone.Recipe, new JoinedTaps(tap), head, null);
        var compiled = ClassifierCompiler.Compile(backbone, classifier, new FineTuneOptions { BackboneFactor = 1, WeightDecay = 0, BatchStatistics = batchStatistics });
        return new AgreementCase(name, compiled, [.. Enumerable.Range(0, 3).Select(seed => Batch(compiled.Program, batchStatistics, seed))]);
    }

    // Four images of noise look alike, and statistics of a batch of such magnify what is rounded: with those go eight that differ.
    private static TrainingBatch Batch(TrainingProgram program, bool batchStatistics, int seed)
    {
        var images = batchStatistics ? 8 : 4;
        var targets = new float[images * program.Classes];
        for (var image = 0; image < images; image++)
        {
            targets[(image * program.Classes) + ((image + seed) % program.Classes)] = 1;
        }

        return new TrainingBatch(images, [.. program.Inputs.Select(input => batchStatistics
            ? Patches(images * (int)input.Dims[0], (int)input.Dims[1], seed)
            : Array.ConvertAll(Runtime.Noise(images * input.Count, 10 + seed), static value => 2 * value))], targets);
    }

    // Planes of seven by seven patches with grain, much as the proof of a cut has them.
    private static float[] Patches(int planes, int size, int seed)
    {
        var (colours, grain) = (Runtime.Noise(planes * 49, 20 + seed), Runtime.Noise(planes * size * size, 10 + seed));
        return [.. grain.Select((value, i) => (2 * colours[(i / (size * size) * 49) + (i / size % size * 7 / size * 7) + (i % size * 7 / size)]) + (0.3f * value))];
    }

    /// <summary>The derivative of the first batch's loss by one weight, in double, from losses on both sides of it.</summary>
    public double Derivative(string parameter, int element)
    {
        var (graph, batch) = (new Graph(Program.Gradients), Batches[0]);
        var inputs = Program.Inputs.Select((input, i) => (input.Name, Values: batch.Inputs[i], Dims: (long[])[batch.Count, .. input.Dims]))
            .Append((TrainingProgram.Targets, batch.Targets, [batch.Count, Program.Classes]))
            .Concat(Program.Parameters.Select(each => (each.Name, Compiled.Start.Parameters[each.Name], (long[])[.. each.Dims])))
            .Concat(Program.Statistics.Select(each => (each.Name, Compiled.Start.Statistics[each.Name], (long[])[each.Count])))
            .ToDictionary(input => input.Item1, input => Nd.Of(Array.ConvertAll(input.Item2, static value => (double)value), input.Item3));
        var weights = inputs[parameter];
        var step = 2e-8 * Math.Max(weights.Floats.Max(Math.Abs), 1e-3);
        return (Loss(step) - Loss(-step)) / (2 * step);

        double Loss(double by)
        {
            var moved = weights.Floats.ToArray();
            moved[element] += by;
            return ReferenceEvaluator.Run(graph, new Dictionary<string, Nd>(inputs) { [parameter] = Nd.Of(moved, weights.Dims) }, TrainingProgram.Loss)[0].Floats[0];
        }
    }
}
