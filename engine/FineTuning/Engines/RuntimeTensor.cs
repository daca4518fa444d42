using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// Numbers copied to where ONNX Runtime aligns its tensors. It adds up in vectors from the first aligned number on, so that the sum of
/// the same numbers in an array, which lies where the garbage collector puts it, need not have the same last bit twice.
/// </summary>
internal static class RuntimeTensor
{
    /// <summary>A tensor with a copy of the values.</summary>
    public static OrtValue Of(float[] values, long[] dims)
    {
        var tensor = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, dims);
        values.CopyTo(tensor.GetTensorMutableDataAsSpan<float>());
        return tensor;
    }
}
