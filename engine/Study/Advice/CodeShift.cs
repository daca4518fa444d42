namespace OnnxTransfer.Study;

/// <summary>How far the codes of a set lie from a reference's along the first part of the network, in one number.</summary>
/// <param name="Value">The root mean square of <see cref="CodeDistance.Shift"/> over the layers; 0 for equal statistics.</param>
/// <param name="Images">The images that it was measured on.</param>
public sealed record CodeShift(double Value, int Images)
{
    /// <summary>The shift over layers; null where there are none.</summary>
    /// <param name="firstPart">
    /// The distances of the layers of <see cref="Depth.FirstPart"/>. What follows is left out: a unit there answers to some subject, and where
    /// that never occurs it is idle, so that a set of few subjects looks strange whatever it shows.
    /// </param>
    /// <param name="images">The images that they were measured on.</param>
    public static CodeShift? Of(IReadOnlyCollection<CodeDistance> firstPart, int images)
    {
        ArgumentNullException.ThrowIfNull(firstPart);
        return firstPart.Count == 0 ? null : new CodeShift(Math.Sqrt(firstPart.Average(static layer => layer.Shift * layer.Shift)), images);
    }
}
