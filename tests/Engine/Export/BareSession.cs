using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine.Tests;

/// <summary>ONNX Runtime as somebody without OnnxTransfer uses it.</summary>
internal static class BareSession
{
    /// <summary>All outputs of a model for one input.</summary>
    public static Dictionary<string, float[]> Run(byte[] model, float[] values, params long[] shape)
    {
        using var session = new InferenceSession(model);
        using var input = OrtValue.CreateTensorValueFromMemory(values, shape);
        using var options = new RunOptions();
        using var results = session.Run(options, [session.InputNames.Single()], [input], session.OutputNames);
        return session.OutputNames.Zip(results, (name, value) => (name, value.GetTensorDataAsSpan<float>().ToArray()))
            .ToDictionary(pair => pair.name, pair => pair.Item2);
    }

    /// <summary>Numbers as a network's input has them, from a seed.</summary>
    public static float[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 4) - 2))];
    }

    /// <summary>The softmax of W x + b in double, straight from the definition.</summary>
    public static double[] Probabilities(ReadOnlySpan<double> weights, int width, ReadOnlySpan<float> code) => Softmax(Scores(weights, width, code));

    /// <summary>The calibrated probabilities of a head in double, straight from the definitions.</summary>
    public static double[] Probabilities(LinearHead head, ReadOnlySpan<float> code)
    {
        var length = Math.Sqrt(code.ToArray().Sum(value => (double)value * value));
        var scores = head.Normalized && length > 0
            ? Scores(head.Weights.Span, head.Width, [.. code.ToArray().Select(value => (float)(value / length))])
            : Scores(head.Weights.Span, head.Width, code);
        if (head.Calibration is not { } calibration)
        {
            return Softmax(scores);
        }

        if (calibration.Temperature is { } temperature)
        {
            return Softmax([.. scores.Select(score => score / temperature)]);
        }

        var sigmoids = scores.Select((score, k) => 1 / (1 + Math.Exp(-(calibration.Scales[k] * score) - calibration.Shifts[k]))).ToArray();
        return [.. sigmoids.Select(sigmoid => sigmoid / sigmoids.Sum())];
    }

    /// <summary>W x + b in double.</summary>
    public static double[] Scores(ReadOnlySpan<double> weights, int width, ReadOnlySpan<float> code)
    {
        var scores = new double[weights.Length / (width + 1)];
        for (var k = 0; k < scores.Length; k++)
        {
            scores[k] = weights[(k * (width + 1)) + width];
            for (var d = 0; d < width; d++)
            {
                scores[k] += weights[(k * (width + 1)) + d] * code[d];
            }
        }

        return scores;
    }

    private static double[] Softmax(double[] scores)
    {
        var highest = scores.Max();
        var powers = scores.Select(score => Math.Exp(score - highest)).ToArray();
        return [.. powers.Select(power => power / powers.Sum())];
    }
}
