namespace OnnxTransfer.Heads;

/// <summary>The best intercepts for weights, of the rows of a fold.</summary>
/// <param name="slabs">The rows to train on.</param>
/// <param name="targets">What is true of all rows of the codes.</param>
/// <param name="kind">A smooth loss.</param>
/// <param name="threads">Threads.</param>
internal sealed class FreeIntercepts(RowSlabs slabs, Targets targets, HeadLoss kind, int threads) : IDisposable
{
    private readonly int[] places = Places(slabs);
    private readonly LossFunction loss = LossFunction.Of(kind, targets.Select([.. slabs.AllRows()]));
    private readonly CodePass<float> pass = new(slabs, targets.Classes, threads);

    /// <summary>Sets the intercepts in <paramref name="w"/>, K x (D + 1), to those that minimise the sum of the losses.</summary>
    public void Set(double[] w, CancellationToken cancellation)
    {
        var (classes, width) = (targets.Classes, slabs.Codes.Columns + 1);
        var scores = new double[slabs.Rows * classes];
        pass.Run(
            w,
            (_, first, rows, block, stride) =>
            {
                for (var i = 0; i < rows; i++)
                {
                    VectorArithmetic.AddWidened(block.Slice(i * stride, classes), scores.AsSpan((places[first] + i) * classes, classes));
                }
            },
            default);
        var shifts = BestIntercepts.Of(scores, loss, threads, cancellation);
        for (var k = 0; k < classes; k++)
        {
            w[(k * width) + width - 1] += shifts[k];
        }
    }

    public void Dispose() => pass.Dispose();

    /// <summary>Where each row of the codes comes among those to train on.</summary>
    private static int[] Places(RowSlabs slabs)
    {
        var (places, place) = (new int[slabs.Codes.Rows], 0);
        foreach (var row in slabs.AllRows())
        {
            places[row] = place++;
        }

        return places;
    }
}
