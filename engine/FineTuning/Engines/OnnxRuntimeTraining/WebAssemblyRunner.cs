using System.Text.Json;

namespace OnnxTransfer.FineTuning;

/// <summary>npm's onnxruntime-web in a process of Node.js.</summary>
internal sealed class WebAssemblyRunner : IArtifactRunner
{
    /// <summary>The environment variable with the folder in which npm installed the package.</summary>
    public const string Variable = "ONNXTRANSFER_ORT_TRAINING";

    private readonly NodeProcess node;

    /// <summary>Starts Node.js and gives the engine its artifacts.</summary>
    /// <param name="program">Names the user inputs and the parameters.</param>
    /// <param name="artifacts">What is run.</param>
    /// <param name="folder">The folder of package.json; null: the one that <see cref="Variable"/> names.</param>
    /// <exception cref="OnnxTransferException">Machine: no Node.js, or no package in the folder. Model: the engine refuses the graphs.</exception>
    public WebAssemblyRunner(TrainingProgram program, Artifacts artifacts, string? folder)
    {
        node = new NodeProcess(Package(folder));
        try
        {
            node.Ask("create", Description(program), artifacts.Checkpoint, artifacts.Training, artifacts.Evaluation, artifacts.Optimizer);
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>The package's folder.</summary>
    /// <param name="folder">The folder of package.json; null: the one that <see cref="Variable"/> names.</param>
    /// <exception cref="OnnxTransferException">Machine: it is not there.</exception>
    public static string Package(string? folder)
    {
        folder ??= Environment.GetEnvironmentVariable(Variable);
        var package = Path.Combine(folder ?? string.Empty, "node_modules", "onnxruntime-web");
        return folder is not null && File.Exists(Path.Combine(package, "dist", "ort.training.wasm.mjs"))
            ? Path.GetFullPath(package)
            : throw new OnnxTransferException(
                FailureKind.Machine,
                $"ONNX Runtime Training in WebAssembly needs npm's onnxruntime-web 1.19.2, which is not in {folder ?? $"a folder that {Variable} names"}; "
                + "run `npm ci --ignore-scripts` there, beside this engine's package.json.");
    }

    /// <inheritdoc/>
    public float[][] Train(TrainingBatch batch) => Floats(node.Ask("train", Blocks(batch)));

    /// <inheritdoc/>
    public float[][] Evaluate(TrainingBatch batch) => Floats(node.Ask("evaluate", Blocks(batch)));

    /// <inheritdoc/>
    public float[] Parameters() => Floats(node.Ask("parameters"))[0];

    /// <inheritdoc/>
    public void Update(float rate, float share) => node.Ask("update", NodeProcess.Block([rate, share]));

    /// <inheritdoc/>
    public void Dispose() => node.Dispose();

    private static float[][] Floats(byte[][] answer) => [.. answer.Select(NodeProcess.Floats)];

    private static byte[][] Blocks(TrainingBatch batch) =>
        [BitConverter.GetBytes(batch.Count), .. batch.Inputs.Select(NodeProcess.Block), NodeProcess.Block(batch.Targets)];

    private static byte[] Description(TrainingProgram program) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["inputs"] = program.Inputs.Append(new ProgramInput(TrainingProgram.Targets, [program.Classes]))
            .Select(input => new Dictionary<string, object> { ["name"] = input.Name, ["dims"] = input.Dims }).ToArray(),
        ["outputs"] = (string[])[TrainingProgram.Loss, TrainingProgram.Logits, .. program.Parameters.Select(TrainingArtifacts.GradientName)],
    });
}
