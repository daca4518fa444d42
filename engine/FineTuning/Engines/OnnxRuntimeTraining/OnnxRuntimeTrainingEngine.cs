namespace OnnxTransfer.FineTuning;

/// <summary>
/// ONNX Runtime Training itself: another library with its own optimizer, and the judge of the other engines. Optimizer: AdamW,
/// with one rate and one weight decay for all parameters.
/// </summary>
internal sealed class OnnxRuntimeTrainingEngine : ITrainingEngine
{
    private readonly TrainingProgram program;
    private readonly AdamW optimizer;
    private readonly double? clip;
    private readonly IArtifactRunner runner;
    private readonly Dictionary<string, float[]> sums = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[][]> moments;
    private int batches;
    private long step;

    private OnnxRuntimeTrainingEngine(TrainingProgram program, TrainingState start, AdamW optimizer, double? clip, Func<TrainingProgram, Artifacts, IArtifactRunner> run)
    {
        (this.program, this.optimizer, this.clip, step) = (program, optimizer, clip, start.Step);
        TrainingArtifacts.RequireOneGroup(program, optimizer);
        moments = program.Parameters.ToDictionary(
            parameter => parameter.Name,
            parameter => Copy(start.Moments.GetValueOrDefault(parameter.Name) ?? [new float[parameter.Count], new float[parameter.Count]]),
            StringComparer.Ordinal);
        var steered = Steering.Add(program);
        runner = run(program, new Artifacts(
            CheckpointWriter.Bytes(new Checkpoint { State = Steering.Add(start with { Moments = moments }) }, steered),
            TrainingArtifacts.Training(steered, gradients: true).ToBytes(),
            TrainingArtifacts.Evaluation(steered).ToBytes(),
            Steering.Optimizer(steered, optimizer).ToBytes()));
    }

    /// <summary>The engine in WebAssembly, under Node.js; slow, and the same on every machine.</summary>
    /// <param name="program">What is run.</param>
    /// <param name="start">Where it starts; moments that it lacks are 0.</param>
    /// <param name="optimizer">How gradients change the weights.</param>
    /// <param name="clip">The length that the mean gradient is shortened to; null: it is not.</param>
    /// <param name="folder">The folder of package.json; null: the one that <see cref="WebAssemblyRunner.Variable"/> names.</param>
    /// <exception cref="OnnxTransferException">
    /// Machine: no Node.js, or no package in the folder. Usage: parameters differ in rate or decay. Model: the engine refuses the graphs.
    /// </exception>
    public static OnnxRuntimeTrainingEngine InWebAssembly(TrainingProgram program, TrainingState start, AdamW optimizer, double? clip, string? folder = null) =>
        new(program, start, optimizer, clip, (given, artifacts) => new WebAssemblyRunner(given, artifacts, folder));

    /// <summary>The native engine; parameters as for <see cref="InWebAssembly"/>.</summary>
    /// <exception cref="OnnxTransferException">
    /// Machine: the application's native library is missing or cannot train. Usage: parameters differ in rate or decay.
    /// </exception>
    public static OnnxRuntimeTrainingEngine Native(TrainingProgram program, TrainingState start, AdamW optimizer, double? clip) =>
        new(program, start, optimizer, clip, (given, artifacts) => new NativeRunner(given, artifacts));

    /// <inheritdoc/>
    public ForwardResult Accumulate(TrainingBatch batch)
    {
        var answer = runner.Train(batch);
        for (var i = 0; i < program.Parameters.Count; i++)
        {
            var (name, gradient) = (program.Parameters[i].Name, answer[2 + i]);
            sums[name] = batches == 0 ? gradient : [.. sums[name].Zip(gradient, static (sum, value) => sum + value)];
        }

        batches++;
        return Forward(answer);
    }

    /// <inheritdoc/>
    public double Update(double rate)
    {
        if (batches == 0)
        {
            throw new InvalidOperationException("There are no gradients to update the weights by.");
        }

        var length = Math.Sqrt(sums.Values.Sum(values => values.Sum(value => (double)value * value))) / batches;
        var share = (float)((length > clip ? clip.Value / length : 1) / batches);
        runner.Update((float)rate * program.Parameters[0].RateFactor, share);
        Remember(share);
        (batches, step) = (0, step + 1);
        return length;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, float[]> Gradients() => sums.ToDictionary(pair => pair.Key, pair => (float[])pair.Value.Clone(), StringComparer.Ordinal);

    /// <inheritdoc/>
    public ForwardResult Evaluate(TrainingBatch batch) => Forward(runner.Evaluate(batch));

    /// <inheritdoc/>
    public TrainingState State()
    {
        // Parameters, the two numbers of the steering, statistics.
        var all = runner.Parameters();
        var at = 0;
        var parameters = program.Parameters.ToDictionary(parameter => parameter.Name, parameter => Next(parameter.Count), StringComparer.Ordinal);
        at += Steering.Parameter.Count;
        return new TrainingState
        {
            Parameters = parameters,
            Statistics = program.Statistics.ToDictionary(statistic => statistic.Name, statistic => Next(statistic.Count), StringComparer.Ordinal),
            Moments = step == 0
                ? new Dictionary<string, float[][]>(StringComparer.Ordinal)
                : moments.ToDictionary(pair => pair.Key, pair => Copy(pair.Value), StringComparer.Ordinal),
            Step = step,
        };

        float[] Next(int count) => all[at..(at += count)];
    }

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();

    // The engine does not show its moments: they follow from the gradients, by the same two lines as there.
    private void Remember(float share)
    {
        var (beta1, beta2) = ((float)optimizer.Beta1, (float)optimizer.Beta2);
        foreach (var (name, values) in sums)
        {
            var (first, second) = (moments[name][0], moments[name][1]);
            for (var i = 0; i < values.Length; i++)
            {
                var gradient = values[i] * share;
                first[i] = (beta1 * first[i]) + ((1 - beta1) * gradient);
                second[i] = (beta2 * second[i]) + ((1 - beta2) * gradient * gradient);
            }
        }
    }

    private static ForwardResult Forward(float[][] answer) => new(answer[0][0], answer[1]);

    private static float[][] Copy(float[][] values) => [.. values.Select(each => (float[])each.Clone())];
}
