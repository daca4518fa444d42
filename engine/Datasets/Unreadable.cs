namespace OnnxTransfer.Datasets;

/// <summary>How this room says that the file system refused something.</summary>
internal static class Unreadable
{
    /// <summary>
    /// The sentence for a file or folder that cannot be read: a missing one is a matter of the data, everything else of
    /// the machine.
    /// </summary>
    public static OnnxTransferException Because(string path, Exception reason) => reason switch
    {
        FileNotFoundException or DirectoryNotFoundException => new OnnxTransferException(
            FailureKind.Data, $"There is no {path}; check the spelling.", reason),
        EndOfStreamException => new OnnxTransferException(
            FailureKind.Data, $"{path} became shorter while it was read; try again when it is complete.", reason),
        _ => new OnnxTransferException(
            FailureKind.Machine, $"Cannot read {path}: {reason.Message.TrimEnd('.')}; check its permissions.", reason),
    };
}
