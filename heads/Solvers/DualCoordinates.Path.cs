namespace OnnxTransfer.Heads;

/// <content>One problem followed along rising C.</content>
internal sealed partial class DualCoordinates
{
    private bool hasMoved;

    /// <summary>Moves to the optimum at a C, from that at the last one on, where dual variables are scaled with C.</summary>
    /// <param name="next">The C.</param>
    /// <param name="gap">The relative gap that is wanted.</param>
    /// <param name="mostPasses">Passes at most.</param>
    /// <param name="cancellation">Looked at before every epoch and round.</param>
    /// <returns>Whether it got there.</returns>
    public bool MoveTo(double next, double gap, int mostPasses, CancellationToken cancellation)
    {
        var scale = next / c;
        var known = hasMoved ? Array.ConvertAll(signed, b => scale * b) : null;
        (c, pairs, hasMoved) = (next, 0, true);
        Array.Clear(isOff);
        Array.Clear(isStuck);
        Array.Fill(isOpen, true);
        Descend(known is null ? null : [.. Weights], known, gap, mostPasses, cancellation);
        Check<float>(Open(), gap * DualValue(), isSettled: false);
        var isReached = Settle<float>(gap, mostPasses, cancellation);
        Array.ForEach(supports, static support => support.Forget());
        return isReached;
    }
}
