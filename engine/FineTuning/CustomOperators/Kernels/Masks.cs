using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>dx = dy where y > 0, else 0: one pass for the gradient of Relu. Inputs: dy, y.</summary>
internal static unsafe class ReluMask
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("ReluGradient", 2, 0, 1, static _ => static call =>
    {
        var (gradient, output) = (call.Input(0), call.Input(1));
        var result = call.Output(0, gradient.Dims);
        Pieces.Each(call, gradient.Count, (start, end) => Mask(gradient.Data, output.Data, result.Data, start, end));
    }) { IsInPlace = true };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mask(float* gradient, float* output, float* result, long start, long end)
    {
        var i = start;
        for (; i <= end - 8; i += 8)
        {
            (Vector256.GreaterThan(Vector256.Load(output + i), Vector256<float>.Zero) & Vector256.Load(gradient + i)).Store(result + i);
        }

        for (; i < end; i++)
        {
            result[i] = output[i] > 0 ? gradient[i] : 0;
        }
    }
}

/// <summary>dx = dy where x = y, else 0: one pass for the gradient of Clip. Inputs: dy, x, y.</summary>
internal static unsafe class ClipMask
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("ClipGradient", 3, 0, 1, static _ => static call =>
    {
        var (gradient, input, output) = (call.Input(0), call.Input(1), call.Input(2));
        var result = call.Output(0, gradient.Dims);
        Pieces.Each(call, gradient.Count, (start, end) => Mask(gradient.Data, input.Data, output.Data, result.Data, start, end));
    }) { IsInPlace = true };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mask(float* gradient, float* input, float* output, float* result, long start, long end)
    {
        var i = start;
        for (; i <= end - 8; i += 8)
        {
            (Vector256.Equals(Vector256.Load(input + i), Vector256.Load(output + i)) & Vector256.Load(gradient + i)).Store(result + i);
        }

        for (; i < end; i++)
        {
            result[i] = input[i] == output[i] ? gradient[i] : 0;
        }
    }
}
