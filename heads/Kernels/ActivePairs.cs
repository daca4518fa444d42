namespace OnnxTransfer.Heads;

/// <summary>
/// The pairs of a row and a class on which a loss bends enough to matter, with their curvatures, slab by slab: by row
/// for scores, and within each chunk by class for gradients. The other pairs' curvature is summed up.
/// </summary>
internal sealed class ActivePairs(RowSlabs slabs, int classes)
{
    /// <summary>The share of all pairs up to which they are listed.</summary>
    public const double MostShare = 0.4;

    /// <summary>Pairs listed at most, so that they take no more than about 54 MB.</summary>
    public const long Most = 1L << 22;

    /// <summary>Bytes of a pair that is listed.</summary>
    public const int BytesOfPair = (3 * sizeof(int)) + sizeof(byte);

    private readonly SlabPairs[] parts = new SlabPairs[slabs.Count];

    /// <summary>The sum of the diagonals of all pairs, class by class.</summary>
    public double[] Diagonals { get; } = new double[classes];

    /// <summary>The share of it in pairs that were left out.</summary>
    public double[] LeftOut { get; } = new double[classes];

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>Whether they are so many that the dense product is as fast; then none are listed.</summary>
    public bool AreMany { get; private set; }

    /// <summary>The pairs of a slab.</summary>
    public SlabPairs Slab(int slab) => parts[slab];

    /// <summary>Forgets the pairs, and gives their room back.</summary>
    public void Release() => Array.Clear(parts);

    /// <summary>How many rows each class has.</summary>
    public int[] CountsByClass()
    {
        var counts = new int[classes];
        for (var slab = 0; slab < slabs.Count; slab++)
        {
            foreach (var k in parts[slab].Classes[..parts[slab].RowStarts[^1]])
            {
                counts[k]++;
            }
        }

        return counts;
    }

    /// <summary>The rows of each class, ascending.</summary>
    public int[][] RowsByClass()
    {
        var rows = new List<int>[classes];
        for (var k = 0; k < classes; k++)
        {
            rows[k] = [];
        }

        for (var slab = 0; slab < slabs.Count; slab++)
        {
            var n = 0;
            foreach (var (first, count) in slabs.Chunks(slab))
            {
                for (var row = first; row < first + count; row++, n++)
                {
                    foreach (var k in parts[slab].Classes[parts[slab].RowStarts[n]..parts[slab].RowStarts[n + 1]])
                    {
                        rows[k].Add(row);
                    }
                }
            }
        }

        return [.. rows.Select(static of => of.ToArray())];
    }

    /// <summary>Finds the pairs.</summary>
    /// <param name="curvatures">N x K.</param>
    /// <param name="isCoupled">Whether the classes of a row share in each other's curvature (<see cref="Curvature"/>).</param>
    /// <param name="squaredNorms">||x_i||^2 + 1 of all rows.</param>
    /// <param name="threshold">A pair counts where its diagonal times the squared norm is above this.</param>
    /// <param name="threads">Threads.</param>
    public void Find(float[] curvatures, bool isCoupled, float[] squaredNorms, double threshold, int threads)
    {
        var diagonals = new double[slabs.Count * classes];
        var leftOut = new double[slabs.Count * classes];
        var counts = new int[slabs.Count];
        var mostShare = Math.Min(MostShare, Most / ((double)slabs.Rows * classes));
        Workers.For(slabs.Count, threads, (slab, _) =>
        {
            parts[slab] ??= new SlabPairs();
            counts[slab] = parts[slab].Find(
                slabs.Chunks(slab), classes, curvatures, isCoupled, squaredNorms, threshold, mostShare,
                diagonals.AsSpan(slab * classes, classes), leftOut.AsSpan(slab * classes, classes));
        });
        Array.Clear(Diagonals);
        Array.Clear(LeftOut);
        (Count, AreMany) = (0, false);
        for (var slab = 0; slab < slabs.Count; slab++)
        {
            VectorArithmetic.AddScaled(1, diagonals.AsSpan(slab * classes, classes), Diagonals);
            VectorArithmetic.AddScaled(1, leftOut.AsSpan(slab * classes, classes), LeftOut);
            Count += counts[slab];
            AreMany |= !parts[slab].AreListed;
        }
    }
}
