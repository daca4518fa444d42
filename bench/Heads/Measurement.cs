namespace OnnxTransfer.Bench.Heads;

/// <summary>What is minimised: a head on a problem at a C, the intercept free or penalised by 1/2 ||b||^2.</summary>
internal sealed record HeadTask(string Problem, string Head, double C, bool Penalised)
{
    public string Intercept => Penalised ? "penalised" : "free";

    public override string ToString() => $"{Problem} {Head} C={C:g} intercept {Intercept}";
}

/// <summary>One setting of one solver.</summary>
/// <param name="Setting">The tolerance, in words.</param>
/// <param name="Seconds">The fastest of <paramref name="Fits"/> fits.</param>
/// <param name="Fits">How many were timed.</param>
/// <param name="Iterations">The solver's own count (passes, for ours); null where it tells none.</param>
/// <param name="Objective">f at the weights, by <see cref="Objective"/>.</param>
/// <param name="Asked">For ours: the gap asked for and proven; null for a peer, which can be asked for none.</param>
internal sealed record Point(string Setting, double Seconds, int Fits, long? Iterations, double Objective, double? Asked = null);

/// <summary>A solver's points on a task, loose to tight.</summary>
/// <param name="Task">The task.</param>
/// <param name="Solver">Its name; <see cref="Ours.Name"/> for ours.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Points">What was measured.</param>
/// <param name="End">Why there is no tighter point, where the tightest gap was not reached; else null.</param>
/// <param name="OverLimit">Whether that is the time limit.</param>
internal sealed record Series(
    HeadTask Task, string Solver, int Threads, IReadOnlyList<Point> Points, string? End, bool OverLimit = false)
{
    /// <summary>The fastest point within a gap of the optimum, d being a dual value.</summary>
    public Point? Fastest(double gap, double bound) =>
        Points.Where(point => point.Asked is { } asked ? asked <= gap : Gap(point.Objective, bound) <= gap).MinBy(point => point.Seconds);

    /// <summary>(f - d) / d, at least 0: rounding may leave f at d.</summary>
    public static double Gap(double objective, double bound) => bound > 0 ? Math.Max(0, (objective - bound) / bound) : double.PositiveInfinity;
}

/// <summary>A choice of C by cross-validation and the final fit at it.</summary>
internal sealed record Choice(string Problem, string Solver, string Setting, int Folds, int Candidates, double? Seconds, double C, double Accuracy, string? End);

/// <summary>What our certificates prove of a task: Dual &lt;= f* &lt;= Objective.</summary>
internal readonly record struct Enclosure(double Dual, double Objective)
{
    /// <summary>Nothing is proven.</summary>
    public static Enclosure Nothing => new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>What both prove.</summary>
    public Enclosure And(double dual, double objective) => new(Math.Max(Dual, dual), Math.Min(Objective, objective));
}

/// <summary>Everything that was measured.</summary>
/// <param name="Series">Ours and the peers', task after task.</param>
/// <param name="Optima">What is known of each task's optimum.</param>
/// <param name="Choices">For each problem ours, then the peers'.</param>
internal sealed record Measurements(
    IReadOnlyList<Series> Series, IReadOnlyDictionary<HeadTask, Enclosure> Optima, IReadOnlyList<Choice> Choices);
