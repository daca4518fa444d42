namespace OnnxTransfer.Heads;

/// <summary>The means of the classes, and how codes lie about them; all less the mean code, in float64.</summary>
internal sealed class ClassMeans
{
    private readonly float[] centre;
    private readonly int[] truth;
    private readonly double[] means;
    private readonly float[] room;

    /// <summary>Measures; sums are in the order of the rows.</summary>
    /// <param name="codes">N x D.</param>
    /// <param name="centre">The mean code.</param>
    /// <param name="truth">N classes below K; each occurs.</param>
    /// <param name="classes">K.</param>
    public ClassMeans(CodeView codes, float[] centre, int[] truth, int classes)
    {
        (Codes, this.centre, this.truth, room) = (codes, centre, truth, codes.Room());
        (means, Counts, SquaresWithin) = (new double[classes * codes.Columns], new int[classes], new double[codes.Rows]);
        var difference = new double[codes.Columns];
        for (var row = 0; row < codes.Rows; row++)
        {
            VectorArithmetic.Subtract(codes.Row(row, room), centre, difference);
            SquaresAbout += VectorArithmetic.Dot(difference, difference);
            VectorArithmetic.AddScaled(1, difference, Mean(truth[row]));
            Counts[truth[row]]++;
        }

        for (var k = 0; k < classes; k++)
        {
            foreach (ref var value in Mean(k))
            {
                value /= Counts[k];
            }
        }

        for (var row = 0; row < codes.Rows; row++)
        {
            Deviation(row, difference);
            SquaresWithin[row] = VectorArithmetic.Dot(difference, difference);
        }
    }

    /// <summary>The codes.</summary>
    public CodeView Codes { get; }

    /// <summary>Codes of each class.</summary>
    public int[] Counts { get; }

    /// <summary>The squared distance of every code from the mean of its class.</summary>
    public double[] SquaresWithin { get; }

    /// <summary>The sum of the squared distances of the codes from the mean code.</summary>
    public double SquaresAbout { get; }

    /// <summary>The mean of a class, less the mean code.</summary>
    public Span<double> Mean(int k) => means.AsSpan(k * Codes.Columns, Codes.Columns);

    /// <summary>Sets z to a code less the mean of its class.</summary>
    public void Deviation(int row, Span<double> z)
    {
        VectorArithmetic.Subtract(Codes.Row(row, room), centre, z);
        VectorArithmetic.AddScaled(-1, Mean(truth[row]), z);
    }
}
