using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxTransfer.Onnx.Tests;

/// <summary>A tensor of floats that came out of ONNX Runtime.</summary>
internal sealed record Result(int[] Shape, float[] Values);

/// <summary>Runs models, to see what they compute.</summary>
internal static class Runtime
{
    /// <summary>All outputs of <paramref name="model"/> for one input of float32.</summary>
    public static IReadOnlyDictionary<string, Result> Run(OnnxModel model, float[] values, params int[] shape)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(model.ToBytes(), options);
        var input = NamedOnnxValue.CreateFromTensor(session.InputMetadata.Keys.Single(), new DenseTensor<float>(values, shape));
        using var results = session.Run([input]);
        return results.ToDictionary(r => r.Name, r => r.Value switch
        {
            Tensor<float> floats => new Result(floats.Dimensions.ToArray(), [.. floats]),
            Tensor<long> longs => new Result(longs.Dimensions.ToArray(), []),
            Tensor<bool> flags => new Result(flags.Dimensions.ToArray(), []),
            Tensor<int> numbers => new Result(numbers.Dimensions.ToArray(), []),
            _ => throw new NotSupportedException($"{r.Name} is a {r.Value.GetType()}"),
        });
    }

    /// <summary>Reproducible values in [-1, 1).</summary>
    public static float[] Noise(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }
}
