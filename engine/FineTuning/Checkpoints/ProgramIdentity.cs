using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OnnxTransfer.FineTuning;

/// <summary>By what a checkpoint knows the program that it belongs to.</summary>
internal static class ProgramIdentity
{
    /// <summary>
    /// SHA-256, in lower-case hexadecimal digits, of the names and shapes of all that training changes and of the number of classes.
    /// </summary>
    public static string Of(TrainingProgram program)
    {
        var parameters = program.Parameters.Select(parameter => $"parameter {parameter.Name} [{string.Join(',', parameter.Dims)}]");
        var statistics = program.Statistics.Select(statistic => string.Create(CultureInfo.InvariantCulture, $"statistic {statistic.Name} [{statistic.Count}]"));
        var text = string.Join('\n', [.. parameters, .. statistics, $"classes {program.Classes}"]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
