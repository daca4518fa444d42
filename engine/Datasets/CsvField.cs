namespace OnnxTransfer.Datasets;

/// <summary>Values as fields of a CSV file.</summary>
public static class CsvField
{
    /// <summary>RFC 4180: in quotes where a separator, a quote or a line break occurs.</summary>
    public static string Quoted(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.AsSpan().IndexOfAny(",\"\r\n") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>
    /// The same for files that people open in a spreadsheet: a value that would be taken for a formula there (it begins with =, +, -,
    /// @, a tab or a line break) gets an apostrophe in front.
    /// </summary>
    public static string Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Quoted(value.Length > 0 && "=+-@\t\r\n".Contains(value[0], StringComparison.Ordinal) ? $"'{value}" : value);
    }
}
