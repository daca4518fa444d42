namespace OnnxTransfer.Heads;

/// <summary>
/// Replaces the K scores of a row by the slopes dloss/ds, sets <paramref name="curvature"/> (K numbers) to what
/// <see cref="Curvature"/> needs of the second derivative there, and adds the loss to <paramref name="losses"/>:
/// K sums, one per class, where the loss is separable, else one. All of them times the row's weight.
/// </summary>
internal delegate void RowSlope<T>(int row, Span<T> scores, Span<float> curvature, Span<double> losses);
