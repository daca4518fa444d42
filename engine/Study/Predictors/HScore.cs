using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>
/// The H-score (Bao et al., 2019) with a shrunk covariance (Ibrahim, Ponomareva and Mazumder, 2021): how far class means lie
/// apart, measured by how codes spread, as a guess at the accuracy without training.
/// </summary>
/// <remarks>
/// <para>H = (1 - r) tr(C^-1 B), where B = sum_k n_k / N (m_k - m)(m_k - m)' is the covariance of the class means, S that of the codes,
/// C = (1 - r) S + r tr(S) / D I, and r is the shrinkage of <see cref="LedoitWolf"/>. 0 where classes have the same mean, K - 1 at most.</para>
/// <para>Without shrinkage (r = 0) every layer whose codes are at least as long as there are images has H = K - 1 exactly: their
/// covariance explains any labels. That is why it is shrunk.</para>
/// </remarks>
public static class HScore
{
    /// <summary>The H-score of codes; the higher the better.</summary>
    /// <param name="spectrum">Of the same codes.</param>
    /// <param name="codes">N x D.</param>
    /// <exception cref="ArgumentException">Codes of another size than the spectrum's.</exception>
    public static double Of(ClassSpectrum spectrum, CodeMatrix codes)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        ArgumentNullException.ThrowIfNull(codes);
        if ((codes.Rows, codes.Columns) != (spectrum.Rows, spectrum.Columns))
        {
            throw new ArgumentException($"The codes are {codes.Rows} x {codes.Columns}, the spectrum is of {spectrum.Rows} x {spectrum.Columns}.", nameof(codes));
        }

        var ones = Ones(spectrum);
        var squares = SquaresAboutMean(codes);
        var shrinkage = LedoitWolf.Of(squares, codes.Columns, SquaredGram(spectrum, ones));

        // The covariance of a single column is its own target.
        var share = codes.Columns == 1 ? 0 : shrinkage.Share;
        return share < 1 && shrinkage.Variance > 0 ? Trace(spectrum, ones, codes.Rows * share * shrinkage.Variance / (1 - share)) : 0;
    }

    /// <summary>
    /// N tr((Z'Z + t I)^-1 B) of the centred codes Z, where Z'Z = X'X - c c'/N, c the sum of all codes: the inverse is that of
    /// X'X + t I, which the spectrum knows, and a product (Sherman and Morrison, 1950).
    /// </summary>
    private static double Trace(ClassSpectrum spectrum, double[] ones, double penalty)
    {
        double rows = spectrum.Rows, beyond = rows;
        for (var i = 0; i < ones.Length; i++)
        {
            beyond -= ones[i] * ones[i];
        }

        beyond = Math.Max(0, beyond);
        for (var i = 0; i < ones.Length; i++)
        {
            beyond += ones[i] * ones[i] * penalty / (spectrum.Squares[i] + penalty);
        }

        var trace = 0.0;
        for (var k = 0; k < spectrum.Counts.Count; k++)
        {
            var projections = spectrum.Projections(k);
            var (count, within, across) = ((double)spectrum.Counts[k], 0.0, 0.0);
            if (count == 0)
            {
                continue;
            }

            for (var i = 0; i < ones.Length; i++)
            {
                var (apart, weight) = ((projections[i] / count) - (ones[i] / rows), spectrum.Squares[i] / (spectrum.Squares[i] + penalty));
                within += weight * apart * apart;
                across += weight * apart * ones[i];
            }

            trace += count * (within + (across * across / beyond));
        }

        return trace;
    }

    /// <summary>|Z'Z|^2, the sum of the squares of its numbers.</summary>
    private static double SquaredGram(ClassSpectrum spectrum, double[] ones)
    {
        var (whole, mixed, mean) = (0.0, 0.0, 0.0);
        for (var i = 0; i < ones.Length; i++)
        {
            var (square, part) = (spectrum.Squares[i], ones[i] * ones[i] / spectrum.Rows);
            whole += square * square;
            mixed += square * square * part;
            mean += square * part;
        }

        return whole - (2 * mixed) + (mean * mean);
    }

    /// <summary>U'1: every image is of one class.</summary>
    private static double[] Ones(ClassSpectrum spectrum)
    {
        var ones = new double[spectrum.Squares.Length];
        for (var k = 0; k < spectrum.Counts.Count; k++)
        {
            var projections = spectrum.Projections(k);
            for (var i = 0; i < ones.Length; i++)
            {
                ones[i] += projections[i];
            }
        }

        return ones;
    }

    private static double[] SquaresAboutMean(CodeMatrix codes)
    {
        var (mean, squares) = (new double[codes.Columns], new double[codes.Rows]);
        for (var row = 0; row < codes.Rows; row++)
        {
            var code = codes.Row(row);
            for (var d = 0; d < mean.Length; d++)
            {
                mean[d] += code[d];
            }
        }

        for (var row = 0; row < codes.Rows; row++)
        {
            var code = codes.Row(row);
            for (var d = 0; d < mean.Length; d++)
            {
                var difference = code[d] - (mean[d] / codes.Rows);
                squares[row] += difference * difference;
            }
        }

        return squares;
    }
}
