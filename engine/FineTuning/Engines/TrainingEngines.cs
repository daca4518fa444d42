using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning;

/// <summary>The engines by their name on the command line.</summary>
internal static class TrainingEngines
{
    /// <summary>Refuses an engine whose package is not there, or that does not run on the provider, before anything is computed for it.</summary>
    /// <exception cref="OnnxTransferException">Machine: what to install where. Usage: the provider.</exception>
    public static void RequireInstalled(string name, ExecutionProvider provider)
    {
        if (name != "graph" && provider != ExecutionProvider.Cpu)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The engine {name} runs on the processor; leave out --provider {provider.Name}, or train with --engine graph.");
        }

        if (name == "wasm")
        {
            WebAssemblyRunner.Package(null);
        }
    }

    /// <summary>Opens an engine.</summary>
    /// <param name="name"><c>graph</c>, <c>ort</c> or <c>wasm</c>.</param>
    /// <param name="program">What is run.</param>
    /// <param name="start">Where it starts.</param>
    /// <param name="optimizer">How gradients change the weights; ONNX Runtime Training has AdamW alone.</param>
    /// <param name="clip">The length that gradients are shortened to; null: they are not.</param>
    /// <param name="threads">Threads inside one run, where the engine lets them be chosen.</param>
    /// <param name="provider">What the graph engine runs on.</param>
    /// <exception cref="OnnxTransferException">Usage: an optimizer that the engine does not have. Machine: the engine is not there. Model: it refuses the graphs.</exception>
    public static ITrainingEngine Open(string name, TrainingProgram program, TrainingState start, Optimizer optimizer, double? clip, int threads, ExecutionProvider provider) => (name, optimizer) switch
    {
        ("graph", _) => new GraphEngine(program, start, optimizer, clip, threads, provider),
        ("wasm", AdamW adam) => OnnxRuntimeTrainingEngine.InWebAssembly(program, start, adam, clip),
        ("ort", AdamW adam) => OnnxRuntimeTrainingEngine.Native(program, start, adam, clip),
        ("wasm" or "ort", _) => throw new OnnxTransferException(FailureKind.Usage, $"The engine {name} has no sgd with momentum; train with --optimizer adamw, or with --engine graph."),
        _ => throw new OnnxTransferException(FailureKind.Usage, $"There is no engine '{name}'; choose graph, ort or wasm."),
    };
}
