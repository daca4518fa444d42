using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>
/// An exported model in a session of ONNX Runtime. A run takes one thread, so that photos that run beside each other do
/// not wait for each other and a photo always gives the same bits; safe to use from several threads.
/// </summary>
internal sealed class ImageSession : IDisposable
{
    private readonly InferenceSession session;
    private readonly string name;
    private readonly string input;
    private readonly long[] imageShape;

    /// <summary>Opens a model.</summary>
    /// <param name="model">The bytes of the .onnx file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="recipe">The size and layout of the photos.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: ONNX Runtime does not take it; <see cref="FailureKind.Machine"/>: there is no runtime.
    /// </exception>
    public ImageSession(byte[] model, string name, Recipe recipe)
    {
        this.name = name;
        session = Runtime.Open(model, name);
        input = session.InputNames.Single();
        long size = recipe.Size;
        imageShape = recipe.Layout == TensorLayout.NCHW ? [3, size, size] : [size, size, 3];
    }

    /// <summary>The probabilities of preprocessed photos that lie one after the other, image by image.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: the run fails.</exception>
    public float[] Probabilities(Memory<float> photos)
    {
        var count = photos.Length / imageShape.Aggregate(1L, (product, side) => product * side);
        try
        {
            using var options = new RunOptions();
            using var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, photos, [count, .. imageShape]);
            using var results = session.Run(options, [input], [value], [HeadNodes.Probabilities]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        catch (OnnxRuntimeException e)
        {
            throw Runtime.CannotRun(name, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();
}
