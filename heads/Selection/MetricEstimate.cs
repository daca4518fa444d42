namespace OnnxTransfer.Heads;

/// <summary>A metric's value with its 95 % interval.</summary>
public readonly record struct MetricEstimate(double Value, Interval Interval);
