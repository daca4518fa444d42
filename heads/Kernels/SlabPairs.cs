using System.Runtime.CompilerServices;

namespace OnnxTransfer.Heads;

/// <summary>The active pairs of one slab (<see cref="ActivePairs"/>).</summary>
internal sealed class SlabPairs
{
    private int[] rowStarts = [];
    private int[] classStarts = [];
    private int[] classOf = [];
    private float[] curvatureOf = [];
    private int[] byClass = [];
    private byte[] rowInChunk = [];
    private int classes;

    /// <summary>Whether there were few enough to list them.</summary>
    public bool AreListed { get; private set; }

    /// <summary>Where the pairs of the slab's n-th row start; one more than rows.</summary>
    public ReadOnlySpan<int> RowStarts => rowStarts;

    /// <summary>The class of each pair, ascending within a row.</summary>
    public ReadOnlySpan<int> Classes => classOf;

    /// <summary>The curvature of each pair.</summary>
    public ReadOnlySpan<float> Curvatures => curvatureOf;

    /// <summary>The pairs of each chunk, class by class and in each class row by row.</summary>
    public ReadOnlySpan<int> ByClass => byClass;

    /// <summary>The row of each of <see cref="ByClass"/>, counted within its chunk.</summary>
    public ReadOnlySpan<byte> RowInChunk => rowInChunk;

    /// <summary>Where each class starts in <see cref="ByClass"/>, for the slab's n-th chunk; one more than classes.</summary>
    public ReadOnlySpan<int> ClassStarts(int chunk) => classStarts.AsSpan(chunk * classes, classes + 1);

    /// <summary>Finds the pairs; lists them while they are at most the given share of all.</summary>
    /// <returns>How many there are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(
        ReadOnlySpan<(int First, int Rows)> chunks, int classCount, float[] curvatures, bool isCoupled, float[] squaredNorms,
        double threshold, double mostShare, Span<double> diagonals, Span<double> leftOut)
    {
        classes = classCount;
        var rows = 0;
        foreach (var (_, chunkRows) in chunks)
        {
            rows += chunkRows;
        }

        var most = (int)(mostShare * rows * classes);
        Array.Resize(ref rowStarts, rows + 1);
        Array.Resize(ref classStarts, (chunks.Length * classes) + 1);
        var (count, n) = (0, 0);
        foreach (var (first, chunkRows) in chunks)
        {
            for (var row = first; row < first + chunkRows; row++)
            {
                rowStarts[n++] = Math.Min(count, most);
                var curvature = curvatures.AsSpan(row * classes, classes);
                var least = (float)(threshold / squaredNorms[row]);
                var sum = 0f;
                for (var k = 0; isCoupled && k < curvature.Length; k++)
                {
                    sum += curvature[k];
                }

                for (var k = 0; k < curvature.Length; k++)
                {
                    var diagonal = Curvature.Diagonal(curvature[k], sum, isCoupled);
                    diagonals[k] += diagonal;
                    if (diagonal > least)
                    {
                        if (count < most)
                        {
                            Add(count, k, curvature[k], most);
                        }

                        count++;
                    }
                    else
                    {
                        leftOut[k] += diagonal;
                    }
                }
            }
        }

        rowStarts[n] = Math.Min(count, most);
        AreListed = count <= most;
        if (AreListed)
        {
            SortByClass(chunks, count);
        }
        else
        {
            (classOf, curvatureOf, byClass, rowInChunk) = ([], [], [], []);
        }

        return count;
    }

    private void Add(int index, int k, float curvature, int most)
    {
        if (index == classOf.Length)
        {
            // Room that is not used is never touched, and what lists have outgrown is garbage until it is collected.
            var room = (int)Math.Min(most, Math.Max(256, 8L * index));
            Array.Resize(ref classOf, room);
            Array.Resize(ref curvatureOf, room);
        }

        (classOf[index], curvatureOf[index]) = (k, curvature);
    }

    private void SortByClass(ReadOnlySpan<(int First, int Rows)> chunks, int count)
    {
        if (byClass.Length < count)
        {
            (byClass, rowInChunk) = (new int[classOf.Length], new byte[classOf.Length]);
        }

        var (n, next) = (0, new int[classes]);
        for (var chunk = 0; chunk < chunks.Length; chunk++)
        {
            Array.Clear(next);
            var (from, end) = (rowStarts[n], rowStarts[n + chunks[chunk].Rows]);
            for (var pair = from; pair < end; pair++)
            {
                next[classOf[pair]]++;
            }

            var start = from;
            for (var k = 0; k < classes; k++)
            {
                classStarts[(chunk * classes) + k] = start;
                (start, next[k]) = (start + next[k], start);
            }

            for (var row = 0; row < chunks[chunk].Rows; row++, n++)
            {
                for (var pair = rowStarts[n]; pair < rowStarts[n + 1]; pair++)
                {
                    var place = next[classOf[pair]]++;
                    (byClass[place], rowInChunk[place]) = (pair, (byte)row);
                }
            }
        }

        classStarts[chunks.Length * classes] = count;
    }
}
