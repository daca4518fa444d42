namespace OnnxTransfer.Heads;

/// <summary>
/// Replaces the K scores of a row by the slopes dloss/ds, sets <paramref name="curvature"/> (K numbers) to what
/// <see cref="RowCurvature{T}"/> needs of the second derivative there, and adds the loss to <paramref name="losses"/>:
/// K sums, one per class, where the loss is separable, else one.
/// </summary>
internal delegate void RowSlope<T>(Span<T> scores, int truth, Span<T> curvature, Span<double> losses);

/// <summary>Replaces a direction in the K scores of a row by the loss's second derivative times it.</summary>
internal delegate void RowCurvature<T>(Span<T> direction, ReadOnlySpan<T> curvature);

/// <summary>A loss on one row of scores, in the precision T.</summary>
/// <param name="Slope">Value and first derivative.</param>
/// <param name="Curve">The second derivative times a direction.</param>
/// <param name="AddDiagonal">Adds the second derivative's diagonal, from a row's curvature, to K sums.</param>
internal sealed record RowLoss<T>(RowSlope<T> Slope, RowCurvature<T> Curve, RowDiagonal<T> AddDiagonal);

/// <summary>Adds the diagonal of a row's second derivative to K sums.</summary>
internal delegate void RowDiagonal<T>(ReadOnlySpan<T> curvature, Span<double> sums);
