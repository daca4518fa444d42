using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The step as ordinary graphs on the stock ONNX Runtime: one for the gradients, one for the update. Weights, moments and running
/// statistics lie in two sets of tensors that are input and output by turns, where the execution provider computes: nothing is copied.
/// </summary>
internal sealed class GraphEngine : ITrainingEngine
{
    private readonly TrainingProgram program;
    private readonly Optimizer optimizer;
    private readonly InferenceSession gradients;
    private readonly IReadOnlyList<string> gradientOutputs;
    private readonly InferenceSession? update;
    private readonly DirectUpdate? direct;
    private readonly TensorMemory? memory;
    private readonly Lazy<InferenceSession> evaluation;
    private readonly RunOptions options = new();
    private readonly StatePair[] weights;
    private readonly StatePair[][] moments;
    private readonly StatePair[] statistics;
    private readonly StatePair[] sums;
    private StatePair[]? fresh;
    private int batches;
    private long step;

    /// <summary>Opens the sessions and copies the state in.</summary>
    /// <param name="program">What is run.</param>
    /// <param name="start">Where it starts; moments that it lacks are 0.</param>
    /// <param name="optimizer">How gradients change the weights.</param>
    /// <param name="clip">The length that the mean gradient is shortened to; null: it is not.</param>
    /// <param name="threads">Threads inside one run.</param>
    /// <param name="provider">What runs it; null: the processor.</param>
    /// <param name="form">
    /// The form of the gradients; null: the provider's. Operators of this project are for the processor alone, and come with the update that
    /// is written out; where the library does not take them, that form's gradients are in ONNX's operators.
    /// </param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: ONNX Runtime cannot run it; <see cref="FailureKind.Machine"/>: there is no native library.</exception>
    public GraphEngine(TrainingProgram program, TrainingState start, Optimizer optimizer, double? clip, int threads, ExecutionProvider? provider = null, GradientForm? form = null)
    {
        (this.program, this.optimizer) = (program, optimizer);
        provider ??= ExecutionProvider.Cpu;
        form ??= provider == ExecutionProvider.Cpu ? GradientForm.Custom : GradientForm.Gpu;
        var custom = form == GradientForm.Custom && CustomDomain.IsAvailable;
        (var graph, gradientOutputs) = program.In(form == GradientForm.Custom && !custom ? GradientForm.Standard : form.Value);
        gradients = Runtime.Open(graph, threads: threads, configure: custom ? Configure : null, provider: provider);
        direct = form == GradientForm.Custom ? new DirectUpdate(program.Parameters, optimizer, clip, threads) : null;
        update = direct is null ? Runtime.Open(UpdateGraph.Make(program.Parameters, optimizer, clip), threads: threads, provider: provider) : null;
        memory = direct is null ? new TensorMemory(provider) : null;
        evaluation = new(() => Runtime.Open(program.Evaluation, threads: threads, provider: provider));
        weights = [.. program.Parameters.Select(parameter => new StatePair(memory, start.Parameters[parameter.Name], parameter.Dims))];
        moments = [.. program.Parameters.Select(parameter => Enumerable.Range(0, optimizer.Moments)
            .Select(moment => new StatePair(memory, start.Moments.GetValueOrDefault(parameter.Name)?[moment] ?? new float[parameter.Count], parameter.Dims)).ToArray())];
        statistics = [.. program.Statistics.Select(statistic => new StatePair(memory, start.Statistics[statistic.Name], [statistic.Count]))];
        sums = Zeros();
        step = start.Step;
    }

    /// <inheritdoc/>
    public ForwardResult Accumulate(TrainingBatch batch)
    {
        // The first batch writes its gradients where the sums are; later ones are added.
        var target = batches == 0 ? sums : fresh ??= Zeros();
        using var run = new StepRun(gradients, options, program.Gradients.Name);
        run.Feed(program, batch);
        foreach (var (parameter, index) in program.Parameters.Select((parameter, index) => (parameter, index)))
        {
            run.Input(parameter.Name, weights[index].Current);
            run.Output(gradientOutputs[index], target[index].Current);
        }

        foreach (var (statistic, index) in program.Statistics.Select((statistic, index) => (statistic, index)))
        {
            run.Input(statistic.Name, statistics[index].Current);
            run.Output(statistic.Next, statistics[index].Other);
        }

        var result = run.Forward(batch.Count, program.Classes);
        Array.ForEach(statistics, static pair => pair.Swap());
        if (batches++ > 0)
        {
            for (var index = 0; index < sums.Length; index++)
            {
                Add(sums[index], target[index].Current);
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public double Update(double rate)
    {
        if (batches == 0)
        {
            throw new InvalidOperationException("There are no gradients to update the weights by.");
        }

        if (direct is not null)
        {
            var size = direct.Run(
                [.. weights.Select(pair => pair.Current.Array)], [.. sums.Select(sum => sum.Current.Array)],
                [.. moments.Select(pairs => pairs.Select(pair => pair.Current.Array).ToArray())], (float)rate, 1f / batches, step + 1);
            (batches, step) = (0, step + 1);
            return size;
        }

        using var run = new StepRun(update!, options, "the update");
        run.Scalar(UpdateGraph.Rate, (float)rate);
        run.Scalar(UpdateGraph.Share, 1f / batches);
        run.Scalar(UpdateGraph.UpdateNumber, step + 1);
        foreach (var (parameter, index) in program.Parameters.Select((parameter, index) => (parameter, index)))
        {
            run.Input(UpdateGraph.Gradient(parameter), sums[index].Current);
            run.Move(parameter.Name, weights[index]);
            for (var moment = 0; moment < optimizer.Moments; moment++)
            {
                run.Move(UpdateGraph.Moment(parameter, moment), moments[index][moment]);
            }
        }

        var length = run.Length();
        Array.ForEach(weights, static pair => pair.Swap());
        Array.ForEach(moments, static pairs => Array.ForEach(pairs, static pair => pair.Swap()));
        (batches, step) = (0, step + 1);
        return length;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, float[]> Gradients() => ByName(index => sums[index].Current.Read());

    /// <inheritdoc/>
    public ForwardResult Evaluate(TrainingBatch batch)
    {
        using var run = new StepRun(evaluation.Value, options, program.Evaluation.Name);
        run.Feed(program, batch);
        foreach (var (parameter, index) in program.Parameters.Select((parameter, index) => (parameter, index)))
        {
            run.Input(parameter.Name, weights[index].Current);
        }

        foreach (var (statistic, index) in program.Statistics.Select((statistic, index) => (statistic, index)))
        {
            run.Input(statistic.Name, statistics[index].Current);
        }

        return run.Forward(batch.Count, program.Classes);
    }

    /// <inheritdoc/>
    public TrainingState State() => new()
    {
        Parameters = ByName(index => weights[index].Current.Read()),
        Statistics = program.Statistics.Select((statistic, index) => (statistic.Name, Values: statistics[index].Current.Read()))
            .ToDictionary(pair => pair.Name, pair => pair.Values, StringComparer.Ordinal),
        Moments = ByName(index => moments[index].Select(pair => pair.Current.Read()).ToArray()),
        Step = step,
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        gradients.Dispose();
        update?.Dispose();
        if (evaluation.IsValueCreated)
        {
            evaluation.Value.Dispose();
        }

        options.Dispose();
        foreach (var pair in weights.Concat(moments.SelectMany(pairs => pairs)).Concat(statistics).Concat(sums).Concat(fresh ?? []))
        {
            pair.Dispose();
        }

        memory?.Dispose();
    }

    /// <summary>What a session of <see cref="GradientForm.Custom"/> needs.</summary>
    internal static void Configure(SessionOptions options)
    {
        // Layouts that suit stored kernels are turned back and forth around pooling where kernels are inputs.
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED;

        // A plan of memory is one block for a whole run, beside the blocks that the first run made: twice the memory for the same time.
        options.EnableMemoryPattern = false;
        CustomDomain.Register(options);
    }

    private StatePair[] Zeros() => [.. program.Parameters.Select(parameter => new StatePair(memory, new float[parameter.Count], parameter.Dims))];

    private void Add(StatePair sum, StateTensor added)
    {
        if (memory is not null)
        {
            memory.Add(sum.Current.Value, added.Value, sum.Other.Value);
            sum.Swap();
            return;
        }

        var (total, values) = (sum.Current.Array, added.Array);
        for (var i = 0; i < total.Length; i++)
        {
            total[i] += values[i];
        }
    }

    private Dictionary<string, T> ByName<T>(Func<int, T> of) =>
        program.Parameters.Select((parameter, index) => (parameter.Name, Value: of(index))).ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
}
