using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>What <see cref="AutoFit"/> compared and did.</summary>
/// <param name="Fit">The fit at the chosen layer.</param>
/// <param name="Layers">The layers compared, in the order of the network; none where nothing could be compared, which a note of the fit says.</param>
/// <param name="Choice">What followed from them; null where nothing could be compared.</param>
public sealed record AutoFitReport(FitReport Fit, IReadOnlyList<LayerTrial> Layers, LayerChoice<LayerTrial>? Choice);
