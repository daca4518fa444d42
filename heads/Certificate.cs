namespace OnnxTransfer.Heads;

/// <summary>The proof that comes with a head: f is the objective at the result, d a dual value, so d &lt;= f* &lt;= f.</summary>
/// <param name="Objective">f, the primal objective (of the standardised problem where codes were standardised).</param>
/// <param name="DualBound">d, a value no weights can go below.</param>
/// <param name="Passes">Passes over the codes, the certificate's own included.</param>
/// <param name="Seconds">The solve alone.</param>
/// <param name="Converged">Whether the wanted gap was reached.</param>
public sealed record Certificate(double Objective, double DualBound, int Passes, double Seconds, bool Converged)
{
    /// <summary>
    /// (f - d) / d, which is at least (f - f*) / f*, by weak duality; 0 where rounding leaves f at or below d, and
    /// infinite where d proves nothing (d &lt;= 0 &lt; f).
    /// </summary>
    public double RelativeGap =>
        DualBound > 0 ? Math.Max(0, (Objective - DualBound) / DualBound) : Objective <= DualBound ? 0 : double.PositiveInfinity;
}
