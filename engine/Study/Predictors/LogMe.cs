using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>LogME (You, Liu, Wang and Long, 2021): how likely classes are given codes, as a guess at the accuracy without training.</summary>
/// <remarks>
/// <para>For each class, its indicator y is taken for X w plus noise, w ~ N(0, 1/a), noise ~ N(0, 1/b). With the weights integrated
/// out, log p(y) = D/2 log a + N/2 log b - N/2 log 2 pi - b/2 |y - X m|^2 - a/2 |m|^2 - 1/2 log det(a I + b X'X), where m is the ridge
/// solution at the penalty a/b; a and b are those of MacKay's fixed point. LogME is the mean over classes of log p(y) / N.</para>
/// <para>Fixed point, its start, its end and the constants are those of the authors' fast form, a sum over singular values. Their
/// log det leaves out the D - N directions that no code has where N is less than D; here it is whole. Codes are taken as they are,
/// without an intercept.</para>
/// </remarks>
public static class LogMe
{
    private const int MostSteps = 11;
    private const double SmallestStep = 1e-3;
    private const double Guard = 1e-5;

    /// <summary>LogME of codes; the higher the better. It compares layers for the same images, and means nothing alone.</summary>
    public static double Of(ClassSpectrum spectrum)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        var sum = 0.0;
        for (var k = 0; k < spectrum.Counts.Count; k++)
        {
            sum += Evidence(spectrum.Squares, spectrum.Projections(k), spectrum.Counts[k], spectrum.Rows);
        }

        return sum / spectrum.Counts.Count;
    }

    /// <summary>log p(y) / N.</summary>
    /// <param name="squares">The squared singular values s of X.</param>
    /// <param name="projections">U'y.</param>
    /// <param name="squaredNorm">y'y.</param>
    /// <param name="rows">N.</param>
    private static double Evidence(ReadOnlySpan<double> squares, ReadOnlySpan<double> projections, double squaredNorm, int rows)
    {
        var outside = squaredNorm;
        foreach (var x in projections)
        {
            outside -= x * x;
        }

        var (a, b, weights, errors) = (1.0, 1.0, 0.0, 0.0);
        for (var step = 0; step < MostSteps; step++)
        {
            // unused is N less the number of directions that the codes determine: summed so, it never rounds to 0.
            var (t, used, unused) = (a / b, 0.0, (double)(rows - squares.Length));
            (weights, errors) = (0, Math.Max(0, outside));
            for (var i = 0; i < squares.Length; i++)
            {
                var (share, x) = (t / (t + squares[i]), projections[i]);
                used += 1 - share;
                unused += share;
                weights += x * x * squares[i] / ((t + squares[i]) * (t + squares[i]));
                errors += x * x * share * share;
            }

            a = used / (weights + Guard);
            b = unused / (errors + Guard);
            if (Math.Abs((a / b) - t) <= SmallestStep * t)
            {
                break;
            }
        }

        var determinant = 0.0;
        foreach (var square in squares)
        {
            determinant += Math.Log(1 + (b / a * square));
        }

        return 0.5 * ((rows * Math.Log(b / (2 * Math.PI))) - determinant - (b * errors) - (a * weights)) / rows;
    }
}
