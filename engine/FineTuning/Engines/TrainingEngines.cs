namespace OnnxTransfer.FineTuning;

/// <summary>The engines by their name on the command line.</summary>
internal static class TrainingEngines
{
    /// <summary>Opens an engine.</summary>
    /// <param name="name"><c>graph</c>.</param>
    /// <param name="program">What is run.</param>
    /// <param name="start">Where it starts.</param>
    /// <param name="optimizer">How gradients change the weights.</param>
    /// <param name="clip">The length that gradients are shortened to; null: they are not.</param>
    /// <param name="threads">Threads inside one run.</param>
    public static ITrainingEngine Open(string name, TrainingProgram program, TrainingState start, Optimizer optimizer, double? clip, int threads) => name switch
    {
        "graph" => new GraphEngine(program, start, optimizer, clip, threads),
        _ => throw new OnnxTransferException(FailureKind.Usage, $"There is no engine '{name}'; choose graph."),
    };
}
