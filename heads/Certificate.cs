namespace OnnxTransfer.Heads;

/// <summary>The proof that comes with a head: f is the objective at the result, d a dual value, so d &lt;= f* &lt;= f.</summary>
/// <param name="Objective">f, the primal objective (of the standardised problem where codes were standardised).</param>
/// <param name="DualBound">d, a value no weights can go below.</param>
/// <param name="Passes">Passes over the codes, the certificate's own included.</param>
/// <param name="Seconds">The solve alone.</param>
/// <param name="Converged">Whether the wanted gap was reached.</param>
public sealed record Certificate(double Objective, double DualBound, int Passes, double Seconds, bool Converged)
{
    /// <summary>(f - d) / f: (f - f*) / f is at most that, by weak duality.</summary>
    public double RelativeGap => Objective == 0 ? 0 : (Objective - DualBound) / Objective;
}
