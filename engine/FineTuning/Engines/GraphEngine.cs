using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The step as ordinary graphs on the stock ONNX Runtime: one for the gradients, one for the update. Weights, moments and running
/// statistics lie in two sets of tensors that are input and output by turns: nothing is copied.
/// </summary>
internal sealed class GraphEngine : ITrainingEngine
{
    private readonly TrainingProgram program;
    private readonly Optimizer optimizer;
    private readonly InferenceSession gradients;
    private readonly IReadOnlyList<string> gradientOutputs;
    private readonly InferenceSession? update;
    private readonly DirectUpdate? direct;
    private readonly Lazy<InferenceSession> evaluation;
    private readonly RunOptions options = new();
    private readonly Pair[] weights;
    private readonly Pair[][] moments;
    private readonly Pair[] statistics;
    private readonly Tensor[] sums;
    private Tensor[]? fresh;
    private int batches;
    private long step;

    /// <summary>Opens the sessions and copies the state in.</summary>
    /// <param name="program">What is run.</param>
    /// <param name="start">Where it starts; moments that it lacks are 0.</param>
    /// <param name="optimizer">How gradients change the weights.</param>
    /// <param name="clip">The length that the mean gradient is shortened to; null: it is not.</param>
    /// <param name="threads">Threads inside one run.</param>
    /// <param name="custom">Take the program's form with operators of this project, and the update that is written out, where there are such.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: ONNX Runtime cannot run it; <see cref="FailureKind.Machine"/>: there is no native library.</exception>
    public GraphEngine(TrainingProgram program, TrainingState start, Optimizer optimizer, double? clip, int threads, bool custom = true)
    {
        (this.program, this.optimizer) = (program, optimizer);
        var form = custom && CustomDomain.IsAvailable ? program.Custom : null;
        (gradients, gradientOutputs) = form is { } faster
            ? (Runtime.Open(faster.Gradients, threads: threads, configure: Configure), faster.Outputs)
            : (Runtime.Open(program.Gradients, threads: threads), program.GradientOutputs);
        direct = custom ? new DirectUpdate(program.Parameters, optimizer, clip, threads) : null;
        update = direct is null ? Runtime.Open(UpdateGraph.Make(program.Parameters, optimizer, clip), threads: threads) : null;
        evaluation = new(() => Runtime.Open(program.Evaluation, threads: threads));
        weights = [.. program.Parameters.Select(parameter => new Pair(start.Parameters[parameter.Name], parameter.Dims))];
        moments = [.. program.Parameters.Select(parameter => Enumerable.Range(0, optimizer.Moments)
            .Select(moment => new Pair(start.Moments.GetValueOrDefault(parameter.Name)?[moment] ?? new float[parameter.Count], parameter.Dims)).ToArray())];
        statistics = [.. program.Statistics.Select(statistic => new Pair(start.Statistics[statistic.Name], [statistic.Count]))];
        sums = Zeros();
        step = start.Step;
    }

    /// <inheritdoc/>
    public ForwardResult Accumulate(TrainingBatch batch)
    {
        // The first batch writes its gradients where the sums are; later ones are added.
        var target = batches == 0 ? sums : fresh ??= Zeros();
        using var run = new Run(gradients, options, program.Gradients.Name);
        run.Feed(program, batch);
        foreach (var (parameter, index) in program.Parameters.Select((parameter, index) => (parameter, index)))
        {
            run.Input(parameter.Name, weights[index].Current);
            run.Output(gradientOutputs[index], target[index]);
        }

        foreach (var (statistic, index) in program.Statistics.Select((statistic, index) => (statistic, index)))
        {
            run.Input(statistic.Name, statistics[index].Current);
            run.Output(statistic.Next, statistics[index].Other);
        }

        var result = run.Forward(batch.Count * program.Classes);
        Array.ForEach(statistics, static pair => pair.Swap());
        if (batches++ > 0)
        {
            for (var index = 0; index < sums.Length; index++)
            {
                Add(sums[index].Values, target[index].Values);
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
                [.. weights.Select(pair => pair.Current.Values)], [.. sums.Select(sum => sum.Values)],
                [.. moments.Select(pairs => pairs.Select(pair => pair.Current.Values).ToArray())], (float)rate, 1f / batches, step + 1);
            (batches, step) = (0, step + 1);
            return size;
        }

        using var run = new Run(update!, options, "the update");
        run.Scalar(UpdateGraph.Rate, (float)rate);
        run.Scalar(UpdateGraph.Share, 1f / batches);
        run.Scalar(UpdateGraph.UpdateNumber, step + 1);
        foreach (var (parameter, index) in program.Parameters.Select((parameter, index) => (parameter, index)))
        {
            run.Input(UpdateGraph.Gradient(parameter), sums[index]);
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
    public IReadOnlyDictionary<string, float[]> Gradients() => ByName(index => (float[])sums[index].Values.Clone());

    /// <inheritdoc/>
    public ForwardResult Evaluate(TrainingBatch batch)
    {
        using var run = new Run(evaluation.Value, options, program.Evaluation.Name);
        run.Feed(program, batch);
        foreach (var (parameter, index) in program.Parameters.Select((parameter, index) => (parameter, index)))
        {
            run.Input(parameter.Name, weights[index].Current);
        }

        foreach (var (statistic, index) in program.Statistics.Select((statistic, index) => (statistic, index)))
        {
            run.Input(statistic.Name, statistics[index].Current);
        }

        return run.Forward(batch.Count * program.Classes);
    }

    /// <inheritdoc/>
    public TrainingState State() => new()
    {
        Parameters = ByName(index => (float[])weights[index].Current.Values.Clone()),
        Statistics = program.Statistics.Select((statistic, index) => (statistic.Name, Values: (float[])statistics[index].Current.Values.Clone()))
            .ToDictionary(pair => pair.Name, pair => pair.Values, StringComparer.Ordinal),
        Moments = ByName(index => moments[index].Select(pair => (float[])pair.Current.Values.Clone()).ToArray()),
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
        foreach (var pair in weights.Concat(moments.SelectMany(pairs => pairs)).Concat(statistics))
        {
            pair.Dispose();
        }

        foreach (var tensor in sums.Concat(fresh ?? []))
        {
            tensor.Dispose();
        }
    }

    // Layouts that suit stored kernels are turned back and forth around pooling where kernels are inputs.
    private static void Configure(SessionOptions options)
    {
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED;

        // A plan of memory is one block for a whole run, beside the blocks that the first run made: twice the memory for the same time.
        options.EnableMemoryPattern = false;
        CustomDomain.Register(options);
    }

    private Tensor[] Zeros() => [.. program.Parameters.Select(parameter => new Tensor(new float[parameter.Count], parameter.Dims))];

    private static void Add(float[] sum, float[] added)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += added[i];
        }
    }

    private Dictionary<string, T> ByName<T>(Func<int, T> of) =>
        program.Parameters.Select((parameter, index) => (parameter.Name, Value: of(index))).ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);

    /// <summary>An array that the runtime reads and writes in place.</summary>
    private sealed class Tensor(float[] values, IReadOnlyList<long> dims) : IDisposable
    {
        public float[] Values { get; } = values;

        public OrtValue Value { get; } = OrtValue.CreateTensorValueFromMemory(values, [.. dims]);

        public void Dispose() => Value.Dispose();
    }

    /// <summary>Two arrays that are input and output by turns.</summary>
    private sealed class Pair(float[] start, IReadOnlyList<long> dims) : IDisposable
    {
        public Tensor Current { get; private set; } = new((float[])start.Clone(), dims);

        private Tensor? other;

        public Tensor Other => other ??= new(new float[start.Length], dims);

        public void Swap() => (Current, other) = (Other, Current);

        public void Dispose()
        {
            Current.Dispose();
            other?.Dispose();
        }
    }

    /// <summary>The binding of one run.</summary>
    private sealed class Run(InferenceSession session, RunOptions options, string name) : IDisposable
    {
        private readonly OrtIoBinding binding = session.CreateIoBinding();
        private readonly List<Tensor> own = [];

        public void Input(string tensor, Tensor value) => binding.BindInput(tensor, value.Value);

        public void Output(string tensor, Tensor value) => binding.BindOutput(tensor, value.Value);

        public void Move(string tensor, Pair pair)
        {
            Input(tensor, pair.Current);
            Output(UpdateGraph.Next(tensor), pair.Other);
        }

        public void Scalar(string tensor, float value) => Input(tensor, Own([value], []));

        public void Feed(TrainingProgram program, TrainingBatch batch)
        {
            foreach (var (input, index) in program.Inputs.Select((input, index) => (input, index)))
            {
                Input(input.Name, Own(batch.Inputs[index], [batch.Count, .. input.Dims]));
            }

            Input(TrainingProgram.Targets, Own(batch.Targets, [batch.Count, program.Classes]));
        }

        public ForwardResult Forward(int scores)
        {
            var (loss, logits) = (Own([0], []), Own(new float[scores], [scores / Classes, Classes]));
            Output(TrainingProgram.Loss, loss);
            Output(TrainingProgram.Logits, logits);
            Go();
            return new ForwardResult(loss.Values[0], logits.Values);
        }

        public double Length()
        {
            var length = Own([0], []);
            Output(UpdateGraph.Length, length);
            Go();
            return length.Values[0];
        }

        public void Dispose()
        {
            binding.Dispose();
            own.ForEach(static tensor => tensor.Dispose());
        }

        private int Classes => (int)session.OutputMetadata[TrainingProgram.Logits].Dimensions[1];

        private Tensor Own(float[] values, IReadOnlyList<long> dims)
        {
            var tensor = new Tensor(values, dims);
            own.Add(tensor);
            return tensor;
        }

        private void Go()
        {
            try
            {
                session.RunWithBinding(options, binding);
            }
            catch (OnnxRuntimeException e)
            {
                throw Runtime.CannotRun(name, e);
            }
        }
    }
}
