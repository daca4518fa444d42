using System.Runtime.InteropServices;

namespace OnnxTransfer.Heads;

/// <summary>
/// Codes as a training reads them: all rows of a matrix or chosen ones, each as it is or normalised, less the mean code, or
/// standardised. A row is changed when it is read, so that codes of a file need no copy; codes in memory have one made
/// (<see cref="Held"/>), which has the same bits and is read faster.
/// </summary>
/// <param name="Matrix">Where the rows lie.</param>
internal sealed record CodeView(CodeMatrix Matrix)
{
    /// <summary>The rows of the matrix, in the order in which they are read; null: all.</summary>
    public int[]? Order { get; init; }

    /// <summary>By what every row is multiplied before all else (<see cref="Normalization"/>); null: 1.</summary>
    public double[]? Factors { get; init; }

    /// <summary>D numbers that are taken off every code (<see cref="Heads.Centre"/>); null: none are.</summary>
    public float[]? Centre { get; init; }

    /// <summary>What brings columns to mean 0 and variance 1, rounded to float32; null, or there is no centre.</summary>
    public Standardization? Standardization { get; init; }

    /// <summary>Whether a changed row is rounded to float32 for float64 too, as in a copy, so that the bits are a copy's.</summary>
    public bool IsRounded { get; init; }

    /// <summary>N.</summary>
    public int Rows => Order?.Length ?? Matrix.Rows;

    /// <summary>D.</summary>
    public int Columns => Matrix.Columns;

    /// <summary>Whether every row is the matrix's, as it lies there.</summary>
    public bool IsPlain => Order is null && !Changes;

    private bool RoundsRows => Standardization is not null || IsRounded;

    private bool Changes => Factors is not null || Centre is not null || Standardization is not null;

    /// <summary>Chosen rows, in the order given.</summary>
    public CodeView Select(int[] rows) => this with
    {
        Order = Order is null ? rows : Array.ConvertAll(rows, row => Order[row]),
        Factors = Factors is null ? null : Array.ConvertAll(rows, row => Factors[row]),
    };

    /// <summary>The same codes, rounded to float32: as they are where they are plain or a file's, else a copy in memory.</summary>
    public CodeView Held(int threads)
    {
        if (IsPlain || Matrix.IsMapped)
        {
            return this with { IsRounded = true };
        }

        var values = new float[checked(Rows * Columns)];
        Workers.For(Rows, threads, (row, _) => Read(row, values.AsSpan(row * Columns, Columns), []));
        return new CodeView(new CodeMatrix(values, Rows, Columns));
    }

    /// <summary>The numbers that <see cref="Row"/> needs: D, or none.</summary>
    public float[] Room() => new float[Changes ? Columns : 0];

    /// <summary>A code as it lies in the matrix.</summary>
    public ReadOnlySpan<float> Stored(int row) => Matrix.Row(Order is null ? row : Order[row]);

    /// <summary>By what a code is multiplied: its number of <see cref="Factors"/>, or 1.</summary>
    public double Factor(int row) => Factors is null ? 1 : Factors[row];

    /// <summary>A code, rounded to float32: as it lies in the matrix, or made in <paramref name="room"/>.</summary>
    public ReadOnlySpan<float> Row(int row, Span<float> room)
    {
        if (!Changes)
        {
            return Stored(row);
        }

        if (Standardization is not null)
        {
            Standardization.Apply(Factor(row), Stored(row), room);
        }
        else
        {
            Centred(row, room);
        }

        return room;
    }

    /// <summary>Sets <paramref name="target"/> to a code, float32 or float64.</summary>
    /// <param name="row">The row.</param>
    /// <param name="target">D numbers.</param>
    /// <param name="room">For float64, what <see cref="Room"/> gave.</param>
    public void Read<T>(int row, Span<T> target, Span<float> room) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            var single = MemoryMarshal.Cast<T, float>(target);
            var code = Row(row, single);
            if (code != single)
            {
                code.CopyTo(single);
            }
        }
        else if (!RoundsRows)
        {
            Centred(row, target);
        }
        else
        {
            VectorArithmetic.Subtract(Row(row, room), default, target);
        }
    }

    /// <summary>A code times y in float64.</summary>
    /// <param name="row">The row.</param>
    /// <param name="y">D numbers.</param>
    /// <param name="room">What <see cref="Room"/> gave.</param>
    public double Dot(int row, ReadOnlySpan<double> y, Span<float> room) =>
        RoundsRows ? VectorArithmetic.Dot(Row(row, room), y) : VectorArithmetic.Dot(Factor(row), Stored(row), Centre, y);

    /// <summary>Adds a multiple of a code to y in float64; the others as for <see cref="Dot"/>.</summary>
    public void AddScaled(double a, int row, Span<double> y, Span<float> room)
    {
        if (RoundsRows)
        {
            VectorArithmetic.AddScaled(a, Row(row, room), y);
        }
        else
        {
            VectorArithmetic.AddScaled(a, Factor(row), Stored(row), Centre, y);
        }
    }

    private void Centred<T>(int row, Span<T> target) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        if (Factors is null)
        {
            VectorArithmetic.Subtract(Stored(row), Centre, target);
        }
        else
        {
            VectorArithmetic.SubtractFromScaled(Factors[row], Stored(row), Centre, target);
        }
    }
}
