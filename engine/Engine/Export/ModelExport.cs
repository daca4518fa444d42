using OnnxTransfer.Heads;

namespace OnnxTransfer.Engine;

/// <summary>One .onnx from photo tensor to probabilities.</summary>
public static class ModelExport
{
    /// <summary>
    /// Writes cut backbone + pooling + head + softmax, with labels, recipe, taps and provenance in the metadata. The
    /// input keeps its name and has the shape [N, 3, size, size] or [N, size, size, 3] of the recipe; the outputs are
    /// <c>logits</c> and <c>probabilities</c>, float32 [N, K]. Operator set and format version are those of the prepared
    /// backbone; of its own metadata the licence and the authors stay. The same arguments give the same bytes.
    /// </summary>
    /// <remarks>
    /// Before the file is put in place, ONNX Runtime runs its very bytes on a probe batch, and the probabilities are compared
    /// with those of the head, in double, on the codes of that batch: they may differ by 1e-5.
    /// </remarks>
    /// <param name="backbone">The network.</param>
    /// <param name="taps">The taps that made the codes of the head.</param>
    /// <param name="head">The head.</param>
    /// <param name="path">The file to write, whole or not at all.</param>
    /// <param name="notes">What is known about the data, for the provenance.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: the head is multi-label, or takes codes of another length; <see cref="FailureKind.Mathematics"/>: the
    /// comparison failed, or a weight is not finite in float32; <see cref="FailureKind.Machine"/>: the file cannot be written.
    /// </exception>
    public static void Write(Backbone backbone, JoinedTaps taps, LinearHead head, string path, ExportNotes? notes = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(taps);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequirePlace(backbone, path);
        if (head.IsMultiLabel)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, "The head is multi-label, and whole classifiers have one label per image; write it as a head file.");
        }

        if (head.Width != taps.Width)
        {
            throw new OnnxTransferException(
                FailureKind.Usage,
                $"The head takes codes of {head.Width} numbers and {(taps.Taps.Count == 1 ? "the tap" : "the taps")} {taps.Key} {(taps.Taps.Count == 1 ? "gives" : "give")} {taps.Width}; export it with what it was trained on.");
        }

        var model = ClassifierGraph.Make(backbone.Taps, backbone.Recipe, taps, head, notes).ToBytes();
        ExportProof.Check(model, path, backbone.Network(taps.Taps, batch: 1, ExecutionProvider.Cpu), backbone.Recipe, head);
        WholeFile.Write(path, stream => stream.Write(model));
    }

    /// <summary>An output that cannot be written is told before the work, not after it.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: the backbone's own file; <see cref="FailureKind.Machine"/>: no file can be
    /// written there.
    /// </exception>
    internal static void RequirePlace(Backbone backbone, string path)
    {
        if (backbone.Model.Path is { } source && Path.GetFullPath(source) == Path.GetFullPath(path))
        {
            throw new OnnxTransferException(FailureKind.Usage, $"{path} is the backbone itself; write the model to another file.");
        }

        WholeFile.RequirePlace(path);
    }
}
