using System.Runtime.Intrinsics;

namespace OnnxTransfer.Study;

/// <summary>
/// t-SNE (van der Maaten and Hinton, 2008), exact: places points in the plane so that neighbours stay neighbours. Distances
/// between clusters, and their sizes, mean little.
/// </summary>
internal static class NeighbourEmbedding
{
    // Wider is another order of sums: the lanes are fixed, so that all processors place points alike.
    private const int Lanes = 4;
    private const int PointsOfPiece = 128;

    // Padding lies so far off that it pulls and pushes nothing, and its square is finite.
    private const double FarOff = 1e150;
    private const int Iterations = 750;
    private const int ExaggeratedIterations = 250;
    private const double Exaggeration = 12;
    private const double Perplexity = 30;

    /// <summary>
    /// Places N points: N x 2, row by row. It begins at the first two principal components, brought to a standard deviation of
    /// 1e-4 (Kobak and Berens, 2019), with perplexity 30, or a third of the points where these are few.
    /// </summary>
    /// <param name="components">The points; the distances are those between their scores.</param>
    /// <param name="points">N, at least 4.</param>
    /// <param name="cancellation">Looked at before every iteration.</param>
    public static double[] Place(PrincipalComponents components, int points, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 4);
        var stride = (points + Lanes - 1) / Lanes * Lanes;
        var affinities = Affinities(components, points, stride, Math.Min(Perplexity, (points - 1) / 3.0));
        var (x, y) = Start(components, points, stride);
        var (forces, pulls, steps, gains) = (new double[2 * points], new double[points], new double[2 * points], new double[2 * points]);
        var pushes = new double[2 * points];
        Array.Fill(gains, 1);
        var rate = Math.Max(points / Exaggeration / 4, 50);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (exaggeration, momentum) = iteration < ExaggeratedIterations ? (Exaggeration, 0.5) : (1, 0.8);
            Parallel.For(0, (points + PointsOfPiece - 1) / PointsOfPiece, piece =>
            {
                for (var i = piece * PointsOfPiece; i < Math.Min(points, (piece + 1) * PointsOfPiece); i++)
                {
                    (forces[2 * i], forces[(2 * i) + 1], pushes[2 * i], pushes[(2 * i) + 1], pulls[i]) = Forces(affinities.AsSpan(i * stride, stride), x, y, i);
                }
            });
            var total = 0.0;
            for (var i = 0; i < points; i++)
            {
                total += pulls[i] - 1;
            }

            for (var i = 0; i < 2 * points; i++)
            {
                var slope = 4 * ((exaggeration * forces[i]) - (pushes[i] / total));
                gains[i] = slope > 0 == steps[i] > 0 ? Math.Max(0.8 * gains[i], 0.01) : gains[i] + 0.2;
                steps[i] = (momentum * steps[i]) - (rate * gains[i] * slope);
                (i % 2 == 0 ? x : y)[i / 2] += steps[i];
            }

            Centre(x, points);
            Centre(y, points);
        }

        var placed = new double[2 * points];
        for (var i = 0; i < points; i++)
        {
            (placed[2 * i], placed[(2 * i) + 1]) = (x[i], y[i]);
        }

        return placed;
    }

    /// <summary>
    /// With q_j = 1 / (1 + |y_i - y_j|^2): sum p_j q_j (y_i - y_j), sum q_j^2 (y_i - y_j), and sum q_j, to which i itself gives 1.
    /// </summary>
    private static (double X, double Y, double PushX, double PushY, double Sum) Forces(ReadOnlySpan<double> affinities, double[] x, double[] y, int i)
    {
        var (atX, atY) = (Vector256.Create(x[i]), Vector256.Create(y[i]));
        var (forceX, forceY, pushX, pushY, sum) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        for (var j = 0; j < affinities.Length; j += Lanes)
        {
            var (apartX, apartY) = (atX - Vector256.Create(x.AsSpan(j, Lanes)), atY - Vector256.Create(y.AsSpan(j, Lanes)));
            var near = Vector256<double>.One / (Vector256<double>.One + (apartX * apartX) + (apartY * apartY));
            var (pull, push) = (Vector256.Create(affinities.Slice(j, Lanes)) * near, near * near);
            forceX += pull * apartX;
            forceY += pull * apartY;
            pushX += push * apartX;
            pushY += push * apartY;
            sum += near;
        }

        return (Total(forceX), Total(forceY), Total(pushX), Total(pushY), Total(sum));
    }

    private static double Total(Vector256<double> lanes) => lanes[0] + lanes[1] + (lanes[2] + lanes[3]);

    private static (double[] X, double[] Y) Start(PrincipalComponents components, int points, int stride)
    {
        var (x, y) = (new double[stride], new double[stride]);
        for (var i = 0; i < points; i++)
        {
            x[i] = components.Scores[i * components.Count];

            // Points on a line must not stay on it.
            y[i] = components.Count > 1 && components.Shares[1] > 0 ? components.Scores[(i * components.Count) + 1] : i % 2;
        }

        Centre(x, points);
        Centre(y, points);
        var deviation = Math.Sqrt(x.Sum(static value => value * value) / points);
        var factor = deviation > 0 ? 1e-4 / deviation : 1;
        for (var i = 0; i < stride; i++)
        {
            (x[i], y[i]) = i < points ? (x[i] * factor, y[i] * factor) : (FarOff, FarOff);
        }

        return (x, y);
    }

    private static void Centre(double[] values, int points)
    {
        var mean = values.AsSpan(0, points).ToArray().Sum() / points;
        for (var i = 0; i < points; i++)
        {
            values[i] -= mean;
        }
    }

    /// <summary>p_ij = (p_j|i + p_i|j) / 2N, row by row at a stride: the widths of the Gaussians give every point the same perplexity.</summary>
    private static double[] Affinities(PrincipalComponents components, int points, int stride, double perplexity)
    {
        var conditional = new double[points * stride];
        Parallel.For(0, points, i =>
        {
            var row = conditional.AsSpan(i * stride, points);
            var code = components.Scores.AsSpan(i * components.Count, components.Count);
            for (var j = 0; j < points; j++)
            {
                row[j] = Distance(code, components.Scores.AsSpan(j * components.Count, components.Count));
            }

            Calibrate(row, i, Math.Log(perplexity));
        });
        var joint = new double[points * stride];
        for (var i = 0; i < points; i++)
        {
            for (var j = 0; j < points; j++)
            {
                joint[(i * stride) + j] = (conditional[(i * stride) + j] + conditional[(j * stride) + i]) / (2 * points);
            }
        }

        return joint;
    }

    private static double Distance(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        var sum = 0.0;
        for (var k = 0; k < one.Length; k++)
        {
            sum += (one[k] - other[k]) * (one[k] - other[k]);
        }

        return sum;
    }

    /// <summary>Squared distances become probabilities exp(-b d) / sum of the wanted entropy; b by bisection.</summary>
    private static void Calibrate(Span<double> distances, int self, double entropy)
    {
        var least = double.PositiveInfinity;
        for (var j = 0; j < distances.Length; j++)
        {
            least = j == self ? least : Math.Min(least, distances[j]);
        }

        var (b, low, high, weights) = (1.0, 0.0, double.PositiveInfinity, new double[distances.Length]);
        var sum = 0.0;
        for (var step = 0; step < 100; step++)
        {
            var mean = 0.0;
            sum = 0;
            for (var j = 0; j < distances.Length; j++)
            {
                weights[j] = j == self ? 0 : Math.Exp(-b * (distances[j] - least));
                sum += weights[j];
                mean += weights[j] * (distances[j] - least);
            }

            var found = Math.Log(sum) + (b * mean / sum);
            if (Math.Abs(found - entropy) < 1e-5)
            {
                break;
            }

            (low, high) = found > entropy ? (b, high) : (low, b);
            b = double.IsInfinity(high) ? 2 * b : (low + high) / 2;
        }

        for (var j = 0; j < distances.Length; j++)
        {
            distances[j] = weights[j] / sum;
        }
    }
}
