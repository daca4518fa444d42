namespace OnnxTransfer.Heads;

/// <summary>
/// All that a solver knows of a convex problem that is twice differentiable almost everywhere: a sum of independent
/// problems ("blocks") of equal size, side by side in one vector of unknowns. Many share a pass over the codes that way.
/// </summary>
/// <param name="Blocks">How many.</param>
/// <param name="BlockSize">The unknowns of each.</param>
/// <param name="Noise">Differences between values below this share of them are rounding errors.</param>
/// <param name="Evaluate">
/// Sets the gradient at a point, and the value of every block. The two functions below are meant at this point.
/// </param>
/// <param name="HessianProduct">Sets the second argument to the Hessian times the first.</param>
/// <param name="Precondition">Sets the second argument to an approximate inverse of the Hessian times the first.</param>
internal sealed record SmoothProblem(
    int Blocks,
    int BlockSize,
    double Noise,
    Action<double[], double[], double[]> Evaluate,
    Action<double[], double[]> HessianProduct,
    Action<double[], double[]> Precondition)
{
    /// <summary>All unknowns.</summary>
    public int Size => Blocks * BlockSize;

    /// <summary>The part of a vector that belongs to a block.</summary>
    public Span<double> Block(double[] vector, int block) => vector.AsSpan(block * BlockSize, BlockSize);
}
