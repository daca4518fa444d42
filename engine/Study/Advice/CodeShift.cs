namespace OnnxTransfer.Study;

/// <summary>How far the codes of a set lie from a reference's along the whole network, in one number.</summary>
/// <param name="Factor">
/// The factor by which units vary more or less than in the reference: e^D, D the root mean square over the layers of
/// ln <see cref="CodeDistance.Activity"/>. 1 for equal statistics. More and less count alike: textures drive the early layers of a
/// network hard, plain backgrounds leave them idle, and both are unlike photos of things.
/// </param>
/// <param name="Images">The images that it was measured on.</param>
public sealed record CodeShift(double Factor, int Images)
{
    /// <summary>The shift over layers; null where there are none.</summary>
    /// <param name="before">
    /// The distances of the layers before the top. The top is left out: a unit there answers to some subject, and where that never
    /// occurs it is idle, so that a set of few subjects looks strange whatever it shows.
    /// </param>
    /// <param name="images">The images that they were measured on.</param>
    public static CodeShift? Of(IReadOnlyCollection<CodeDistance> before, int images)
    {
        ArgumentNullException.ThrowIfNull(before);
        return before.Count == 0 ? null : new CodeShift(Math.Exp(Math.Sqrt(before.Average(static layer => Math.Pow(Math.Log(layer.Activity), 2)))), images);
    }
}
