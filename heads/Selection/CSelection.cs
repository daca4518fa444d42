namespace OnnxTransfer.Heads;

/// <summary>How C was chosen by cross-validation.</summary>
/// <param name="Folds">The number of folds.</param>
/// <param name="Candidates">What each C gave, C ascending.</param>
public sealed record CSelection(int Folds, IReadOnlyList<CCandidate> Candidates);

/// <summary>One C: its cross-validated accuracy (all held-out predictions pooled).</summary>
public sealed record CCandidate(double C, double Accuracy, Interval Interval);
