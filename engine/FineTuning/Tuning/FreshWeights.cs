using OnnxTransfer.Onnx;

namespace OnnxTransfer.FineTuning;

/// <summary>A network with weights drawn by chance, to be trained from scratch.</summary>
internal static class FreshWeights
{
    private const float HeadDeviation = 0.01f;

    /// <summary>
    /// Kernels of convolutions are normal with variance 2 / (outputs x positions) (He et al. 2015, as torchvision's ResNets have
    /// it), matrices with deviation 0.01; intercepts are 0, scales 1, shifts 0, running means 0 and variances 1.
    /// </summary>
    /// <param name="model">The network; it is left as it is.</param>
    /// <param name="seed">The seed: each tensor has a stream of its own.</param>
    public static OnnxModel Of(OnnxModel model, long seed)
    {
        var proto = model.Proto.Clone();
        var fresh = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var (slot, place) in WeightSlot.Of(new Graph(model)).Select((slot, place) => (slot, place)))
        {
            var count = (int)slot.Dims.Aggregate(1L, (product, dim) => product * dim);
            fresh[slot.Name] = slot.Kind switch
            {
                WeightKind.Kernel => Normal(count, Deviation(slot), new RandomDraws(seed, 0, place, RandomPurpose.Weights)),
                WeightKind.Normalisation when slot.Node.Input[1] == slot.Name => Filled(count, 1),
                WeightKind.Intercept when slot.Node.OpType is "Mul" or "Div" => Filled(count, 1),
                _ => new float[count],
            };
        }

        foreach (var norm in proto.Graph.Node.Where(node => node.OpType == "BatchNormalization"))
        {
            var channels = proto.Graph.Initializer.FirstOrDefault(tensor => tensor.Name == norm.Input[3]) is { } mean ? (int)TensorData.Elements(mean) : 0;
            (fresh[norm.Input[3]], fresh[norm.Input[4]]) = (new float[channels], Filled(channels, 1));
        }

        StoredWeights.Replace(proto.Graph, fresh);
        return model.WithProto(proto);
    }

    private static double Deviation(WeightSlot slot) => slot.Node.OpType is "Conv" or "ConvTranspose"
        ? Math.Sqrt(2.0 / (slot.Dims[0] * slot.Dims.Skip(2).Aggregate(1L, (product, side) => product * side)))
        : HeadDeviation;

    private static float[] Filled(int count, float value)
    {
        var values = new float[count];
        Array.Fill(values, value);
        return values;
    }

    // Box and Muller 1958.
    private static float[] Normal(int count, double deviation, RandomDraws draws)
    {
        var values = new float[count];
        for (var i = 0; i < count; i += 2)
        {
            var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - draws.Uniform())), 2 * Math.PI * draws.Uniform());
            values[i] = (float)(deviation * radius * Math.Cos(angle));
            if (i + 1 < count)
            {
                values[i + 1] = (float)(deviation * radius * Math.Sin(angle));
            }
        }

        return values;
    }
}
