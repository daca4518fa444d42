namespace OnnxTransfer.Onnx;

/// <summary>
/// Where the images of a batch lie in a tensor: its extent along <paramref name="Axis"/> is <paramref name="Before"/> x batch
/// x some number. (0, 1) is the usual place; a transformer has [tokens, images, features] too, and [tokens * images, features].
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="Before">How many times the images repeat along it.</param>
internal readonly record struct BatchPlace(int Axis, long Before = 1)
{
    /// <summary>The usual place: the images are the first dimension, or its outermost part.</summary>
    public static readonly BatchPlace First = new(0);

    /// <summary>
    /// Where the images of a tensor may lie after a reshape, likeliest first. Reshaping keeps the order of the elements, so
    /// as many blocks of images follow each other as before: the product of the extents before them stays.
    /// </summary>
    /// <param name="input">The shape before, for the exported batch.</param>
    /// <param name="output">The shape after, for the exported batch.</param>
    /// <param name="batch">The exported batch.</param>
    public IReadOnlyList<BatchPlace> Reshaped(TensorShape input, TensorShape output, long batch)
    {
        if (this == First && output.Rank > 0 && (output[0].Value is null || output[0].Value % batch == 0))
        {
            return [First];
        }

        if ((Dim.Product(input.Dims.Take(Axis)) * Before).Value is not (> 0 and var blocks))
        {
            return [];
        }

        var places = new List<(BatchPlace Place, int Doubt)>();
        var prefix = 1L;
        for (var axis = 0; axis < output.Rank && output[axis].Value is > 0 and var extent; axis++)
        {
            if (extent % batch == 0 && blocks % prefix == 0 && prefix * (extent / batch) % blocks == 0)
            {
                // An axis of its own is the surest; then the place behind the same number of blocks; then a split axis.
                places.Add((new(axis, blocks / prefix), extent == batch && prefix == blocks ? 0 : prefix == blocks ? 1 : 2));
            }

            prefix *= extent;
        }

        return [.. places.OrderBy(p => p.Doubt).Select(p => p.Place)];
    }
}
