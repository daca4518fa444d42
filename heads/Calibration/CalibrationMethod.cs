namespace OnnxTransfer.Heads;

/// <summary>How scores become probabilities.</summary>
public enum CalibrationMethod
{
    /// <summary>The softmax of the scores as they are.</summary>
    None,

    /// <summary>The softmax of the scores divided by one number (Guo, Pleiss, Sun and Weinberger, 2017).</summary>
    Temperature,

    /// <summary>A sigmoid for each class, normalised to sum 1 (Platt, 1999).</summary>
    Platt,
}

/// <summary>
/// The spelling of <see cref="CalibrationMethod"/> on the command line, in JSON and in files: <c>none</c>,
/// <c>temperature</c>, <c>platt</c>.
/// </summary>
public static class CalibrationMethodNames
{
    /// <summary>All spellings.</summary>
    public static IReadOnlyList<string> All { get; } = ["none", "temperature", "platt"];

    /// <summary>The spelling.</summary>
    public static string ToText(this CalibrationMethod method) => All[(int)method];

    /// <summary>The method of a spelling.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: there is none of that name.</exception>
    public static CalibrationMethod Parse(string text) => text switch
    {
        "none" => CalibrationMethod.None,
        "temperature" => CalibrationMethod.Temperature,
        "platt" => CalibrationMethod.Platt,
        _ => throw new OnnxTransferException(
            FailureKind.Usage, $"There is no calibration '{text}'; choose one of {string.Join(", ", All)}."),
    };
}
