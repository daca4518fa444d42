namespace OnnxTransfer.Heads;

/// <summary>
/// Codes divided by their Euclidean lengths. A code of zeros stays zero, as it has no direction. Lengths are a code's own and
/// not constants, so a head that was trained this way divides again when it scores.
/// </summary>
internal static class Normalization
{
    /// <summary>The same rows, normalised when they are read.</summary>
    public static CodeView Apply(CodeView codes, int threads)
    {
        var factors = new double[codes.Rows];
        Workers.For(codes.Rows, threads, (row, _) => factors[row] = Factor(codes.Stored(row)));
        return codes with { Factors = factors };
    }

    /// <summary>One over the length of a code; 0 for a code of zeros. In float64 the squares of float32 neither overflow nor vanish.</summary>
    public static double Factor(ReadOnlySpan<float> code)
    {
        var square = VectorArithmetic.SquaredNorm(code);
        return square == 0 ? 0 : 1 / Math.Sqrt(square);
    }
}
