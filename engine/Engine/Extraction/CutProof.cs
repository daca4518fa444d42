using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Engine;

/// <summary>
/// What shows that the cut and optimised graph gives the codes of the full network: both ran on a probe batch, the full
/// one without any optimisation and image by image, its activations pooled here in double arithmetic.
/// </summary>
/// <param name="LargestDifference">
/// max |cut - full| / max |full| over the codes of a tap and pooling, the largest of all taps and poolings.
/// </param>
/// <param name="Where">The tap and pooling of that difference, as "name|avg".</param>
/// <param name="Tolerance">What is allowed: <see cref="Allowed"/>.</param>
/// <param name="Images">Images in the probe batch.</param>
/// <param name="FullGraph">
/// Whether the reference ran to its very end; false where the network cannot run behind the tap at the chosen image size,
/// and the reference is the unoptimised graph up to the tap.
/// </param>
public sealed record CutProof(double LargestDifference, string Where, double Tolerance, int Images, bool FullGraph)
{
    /// <summary>
    /// The tolerance, 1e-4 of the largest code: float32 sums in another order differ by some 1e-6, and a wrong tensor,
    /// padding or pooling by far more.
    /// </summary>
    public const double Allowed = 1e-4;

    /// <summary>Compares a cut network with the model it was cut from.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Mathematics"/>: above the tolerance or not finite; <see cref="FailureKind.Model"/>: the model
    /// does not run, or the images of a batch influence each other in it.
    /// </exception>
    internal static CutProof Of(CodeNetwork network, TapCatalog catalog, Recipe recipe, IReadOnlyList<Tap> taps)
    {
        var images = ProbeImages.Make(recipe);
        string[] tensors = [.. taps.Select(tap => tap.Point.Name).Distinct()];
        var (activations, full) = Reference(catalog, images, tensors, together: false);
        var codes = Codes(network, images);
        var (largest, where) = (-1.0, string.Empty);
        for (var column = 0; column < taps.Count; column++)
        {
            var (values, dims) = activations[taps[column].Point.Name];
            var expected = ReferencePooling.Pool(values, dims, taps[column]);
            if (!Array.TrueForAll(expected, double.IsFinite))
            {
                throw new OnnxTransferException(
                    FailureKind.Mathematics,
                    $"The code of a probe image at {taps[column].Key} of {catalog.Model.Name} is not finite, in the network as it is; check that the recipe is the model's, or tap an earlier tensor.");
            }

            var difference = Difference(codes[column], expected);
            if (!(difference <= Allowed))
            {
                if (Influence(catalog, images, tensors, activations) is { } mixed)
                {
                    throw new OnnxTransferException(
                        FailureKind.Model,
                        $"The images of a batch influence each other in {catalog.Model.Name}: {mixed} of an image is another in a batch than alone; export the model in evaluation mode with a dynamic batch, or use an earlier tap.");
                }

                throw new OnnxTransferException(
                    FailureKind.Mathematics,
                    $"The proof of the cut failed at {taps[column].Key} of {catalog.Model.Name}: the optimised graph differs from the full one by {difference:g2} of the largest code, where {Allowed:g1} is allowed; tap another tensor.");
            }

            (largest, where) = difference > largest ? (difference, taps[column].Key) : (largest, where);
        }

        return new CutProof(largest, where, Allowed, images.Length, full);
    }

    private static double Difference(float[] actual, double[] expected)
    {
        if (actual.Length != expected.Length)
        {
            return double.PositiveInfinity;
        }

        var (difference, scale) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!float.IsFinite(actual[i]) || !double.IsFinite(expected[i]))
            {
                return double.NaN;
            }

            difference = Math.Max(difference, Math.Abs(actual[i] - expected[i]));
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }

        return difference == 0 ? 0 : difference / scale;
    }

    // The codes of the probe images, a column after the other, through the very session that extracts.
    private static float[][] Codes(CodeNetwork network, float[][] images)
    {
        var codes = network.Columns.Select(column => new float[images.Length * column.Width]).ToArray();
        using var lane = network.NewLane();
        for (var first = 0; first < images.Length; first += network.Batch)
        {
            var count = Math.Min(network.Batch, images.Length - first);
            lane.Clear();
            for (var slot = 0; slot < count; slot++)
            {
                images[first + slot].CopyTo(lane.Image(slot));
            }

            lane.Run();
            for (var column = 0; column < codes.Length; column++)
            {
                var width = network.Columns[column].Width;
                for (var slot = 0; slot < count; slot++)
                {
                    lane.Code(column, slot).CopyTo(codes[column].AsSpan((first + slot) * width));
                }
            }
        }

        return codes;
    }

    // The first tensor that is another in a batch than image by image, or null where that is not what is wrong.
    private static string? Influence(
        TapCatalog catalog, float[][] images, string[] tensors, Dictionary<string, (float[] Values, long[] Dims)> alone)
    {
        var (batch, _) = Reference(catalog, images, tensors, together: true);
        return tensors.FirstOrDefault(tensor =>
            !(Difference(batch[tensor].Values, [.. alone[tensor].Values.Select(value => (double)value)]) <= Allowed));
    }

    // The activations of all images, one after the other: each image run alone, or together in a batch.
    private static (Dictionary<string, (float[] Values, long[] Dims)> Activations, bool Full) Reference(
        TapCatalog catalog, float[][] images, string[] tensors, bool together)
    {
        try
        {
            return (Activations(WithOutputs(catalog.Model, tensors), catalog, images, tensors, together), true);
        }
        catch (OnnxTransferException e) when (e.InnerException is OnnxRuntimeException && catalog.Input.Size != catalog.Size)
        {
            return (Activations(Cut.At(catalog.Model, tensors), catalog, images, tensors, together), false);
        }
    }

    private static Dictionary<string, (float[] Values, long[] Dims)> Activations(
        OnnxModel model, TapCatalog catalog, float[][] images, string[] tensors, bool together)
    {
        using var session = Runtime.Open(model, optimised: false);
        var found = new Dictionary<string, (float[] Values, long[] Dims)>(StringComparer.Ordinal);
        foreach (var batch in images.Chunk(together ? images.Length : 1))
        {
            foreach (var (name, (values, dims)) in Run(session, model, catalog, batch).Where(output => tensors.Contains(output.Key)))
            {
                found[name] = found.TryGetValue(name, out var before)
                    ? ([.. before.Values, .. values], [before.Dims[0] + dims[0], .. dims[1..]])
                    : (values, dims);
            }
        }

        return found;
    }

    private static Dictionary<string, (float[] Values, long[] Dims)> Run(
        InferenceSession session, OnnxModel model, TapCatalog catalog, float[][] images)
    {
        long[] shape = [images.Length, .. CodeNetwork.ImageShape(catalog)];
        using var input = OrtValue.CreateTensorValueFromMemory(images.SelectMany(image => image).ToArray(), shape);
        using var options = new RunOptions();
        try
        {
            // All outputs are asked for, so that nothing of the full network is left out.
            var names = session.OutputNames;
            using var outputs = session.Run(options, [catalog.Input.Name], [input], names);
            return names.Zip(outputs).ToDictionary(
                output => output.First,
                output => (output.Second.GetTensorDataAsSpan<float>().ToArray(), output.Second.GetTensorTypeAndShape().Shape),
                StringComparer.Ordinal);
        }
        catch (OnnxRuntimeException e)
        {
            throw Runtime.CannotRun(model.Name, e);
        }
    }

    private static OnnxModel WithOutputs(OnnxModel model, string[] tensors)
    {
        var proto = model.Proto.Clone();
        foreach (var tensor in tensors.Where(tensor => proto.Graph.Output.All(output => output.Name != tensor)))
        {
            proto.Graph.Output.Add(new ValueInfoProto
            {
                Name = tensor,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
            });
        }

        return model.WithProto(proto);
    }
}
