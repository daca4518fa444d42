namespace OnnxTransfer;

/// <summary>What went wrong, by who can mend it; the value is the process exit code of the command line.</summary>
public enum FailureKind
{
    /// <summary>A defect in OnnxTransfer itself.</summary>
    Bug = 1,

    /// <summary>A call or command line that cannot be meant.</summary>
    Usage = 2,

    /// <summary>The images, labels or codes: nothing readable, one class, too many bad images.</summary>
    Data = 3,

    /// <summary>The model: not ONNX, no such tap, no recipe, an unsupported operator.</summary>
    Model = 4,

    /// <summary>The machine: disk full, no permission, a missing native library or provider.</summary>
    Machine = 5,

    /// <summary>The mathematics: not converged, the proof of the cut failed, non-finite values.</summary>
    Mathematics = 6,

    /// <summary>Stopped by the user; the work done so far is kept and can be resumed.</summary>
    Interrupted = 130,
}

/// <summary>
/// The one exception that callers need to handle: its message is one sentence that says what is wrong, where, and what
/// to do; the command line prints the same sentence and exits with the value of <see cref="Kind"/>.
/// </summary>
public sealed class OnnxTransferException : Exception
{
    /// <summary>Makes the exception from its kind and its sentence.</summary>
    public OnnxTransferException(FailureKind kind, string message)
        : this(kind, message, null)
    {
    }

    /// <summary>Makes the exception from its kind, its sentence and the failure beneath it.</summary>
    public OnnxTransferException(FailureKind kind, string message, Exception? innerException)
        : base(message, innerException) => Kind = kind;

    /// <summary>Who can mend it.</summary>
    public FailureKind Kind { get; }
}
