namespace OnnxTransfer.Heads;

/// <summary>
/// Codes of a .npy file (<see cref="Npy.MapCodes"/>) that stay where they are on disk: rows come into memory as they are
/// walked and leave it when the system wants it for something else. So training needs no memory for them, and they may be
/// more than there is of it.
/// </summary>
/// <remarks>
/// The file must stay as it is until <see cref="Dispose"/>: numbers that are written meanwhile are seen, and a file that
/// is made shorter ends the process where the missing part is read.
/// </remarks>
public sealed class MappedCodes : IDisposable
{
    private readonly MappedNumbers? numbers;

    internal MappedCodes(CodeMatrix matrix) => Matrix = matrix;

    internal MappedCodes(MappedNumbers numbers, int rows, int columns)
    {
        this.numbers = numbers;
        Matrix = new CodeMatrix(numbers.Memory, rows, columns);
    }

    /// <summary>N x D; not to be used once this is disposed (<see cref="ObjectDisposedException"/>).</summary>
    public CodeMatrix Matrix { get; }

    /// <summary>Lets go of the file; where a pass over the codes is under way, at its end.</summary>
    public void Dispose() => (numbers as IDisposable)?.Dispose();
}
