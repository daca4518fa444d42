using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Engine;

namespace OnnxTransfer.FineTuning;

/// <summary>How good weights are on a part of a set.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Accuracy">The share of images whose highest score is their class's.</param>
internal sealed record Validation(double Loss, double Accuracy);

/// <summary>Scores batches with any weights of a program, as the exported network would; the engine that trains is not asked.</summary>
internal sealed class ProgramEvaluator : IDisposable
{
    private readonly TrainingProgram program;
    private readonly InferenceSession session;
    private readonly TensorMemory memory;
    private readonly RunOptions options = new();

    /// <summary>Opens the session.</summary>
    /// <param name="program">What is scored.</param>
    /// <param name="threads">Threads inside one run.</param>
    /// <param name="provider">What runs it.</param>
    public ProgramEvaluator(TrainingProgram program, int threads, ExecutionProvider provider)
    {
        this.program = program;
        session = Runtime.Open(program.Evaluation, threads: threads, provider: provider);
        memory = new TensorMemory(provider);
    }

    /// <summary>Loss and accuracy over batches.</summary>
    /// <param name="parameters">The weights, by name.</param>
    /// <param name="statistics">The running statistics, by name.</param>
    /// <param name="batches">The part.</param>
    public Validation Of(IReadOnlyDictionary<string, float[]> parameters, IReadOnlyDictionary<string, float[]> statistics, IEnumerable<TrainingBatch> batches)
    {
        var weights = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            foreach (var parameter in program.Parameters)
            {
                weights[parameter.Name] = memory.Put(parameters[parameter.Name], parameter.Dims);
            }

            foreach (var statistic in program.Statistics)
            {
                weights[statistic.Name] = memory.Put(statistics[statistic.Name], [statistic.Count]);
            }

            var (loss, right, count) = (0.0, 0, 0);
            foreach (var batch in batches)
            {
                var result = Run(weights, batch);
                loss += (double)result.Loss * batch.Count;
                right += Enumerable.Range(0, batch.Count).Count(row => Highest(result.Logits, row) == Highest(batch.Targets, row));
                count += batch.Count;
            }

            return new Validation(loss / count, (double)right / count);
        }
        finally
        {
            foreach (var value in weights.Values)
            {
                value.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        memory.Dispose();
        session.Dispose();
        options.Dispose();
    }

    private ForwardResult Run(Dictionary<string, OrtValue> weights, TrainingBatch batch)
    {
        var inputs = new Dictionary<string, OrtValue>(weights, StringComparer.Ordinal);
        List<OrtValue> own = [];
        try
        {
            for (var place = 0; place < program.Inputs.Count; place++)
            {
                own.Add(inputs[program.Inputs[place].Name] = RuntimeTensor.Of(batch.Inputs[place], [batch.Count, .. program.Inputs[place].Dims]));
            }

            own.Add(inputs[TrainingProgram.Targets] = RuntimeTensor.Of(batch.Targets, [batch.Count, program.Classes]));
            using var results = session.Run(options, inputs, [TrainingProgram.Loss, TrainingProgram.Logits]);
            return new ForwardResult(results[0].GetTensorDataAsSpan<float>()[0], results[1].GetTensorDataAsSpan<float>().ToArray());
        }
        catch (OnnxRuntimeException e)
        {
            throw Runtime.CannotRun(program.Evaluation.Name, e);
        }
        finally
        {
            own.ForEach(static value => value.Dispose());
        }
    }

    private int Highest(float[] values, int row)
    {
        var (first, best) = (row * program.Classes, 0);
        for (var k = 1; k < program.Classes; k++)
        {
            best = values[first + k] > values[first + best] ? k : best;
        }

        return best;
    }
}
