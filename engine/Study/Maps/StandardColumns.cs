using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Brings codes to columns of mean 0 and variance 1, as heads see them: distances between images are taken there.</summary>
internal sealed class StandardColumns
{
    private readonly double[] means;
    private readonly double[] factors;

    private StandardColumns(double[] means, double[] factors) => (this.means, this.factors) = (means, factors);

    /// <summary>Measures the columns; one that is constant becomes 0.</summary>
    public static StandardColumns Of(CodeMatrix codes)
    {
        var (means, factors) = (new double[codes.Columns], new double[codes.Columns]);
        for (var row = 0; row < codes.Rows; row++)
        {
            var code = codes.Row(row);
            for (var column = 0; column < code.Length; column++)
            {
                means[column] += code[column] / (double)codes.Rows;
            }
        }

        for (var row = 0; row < codes.Rows; row++)
        {
            var code = codes.Row(row);
            for (var column = 0; column < code.Length; column++)
            {
                var apart = code[column] - means[column];
                factors[column] += apart * apart / codes.Rows;
            }
        }

        for (var column = 0; column < factors.Length; column++)
        {
            factors[column] = factors[column] > 0 ? 1 / Math.Sqrt(factors[column]) : 0;
        }

        return new StandardColumns(means, factors);
    }

    /// <summary>Some rows, standardised: rows x D.</summary>
    public CodeMatrix Apply(CodeMatrix codes, IReadOnlyList<int> rows)
    {
        var values = new float[checked(rows.Count * codes.Columns)];
        for (var i = 0; i < rows.Count; i++)
        {
            var code = codes.Row(rows[i]);
            var standard = values.AsSpan(i * codes.Columns, codes.Columns);
            for (var column = 0; column < code.Length; column++)
            {
                standard[column] = (float)((code[column] - means[column]) * factors[column]);
            }
        }

        return new CodeMatrix(values, rows.Count, codes.Columns);
    }
}
