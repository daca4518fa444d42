using System.CommandLine;

namespace OnnxTransfer.Cli;

/// <summary>A command with the line that its help ends with.</summary>
internal sealed class ExampleCommand(string name, string description, string example) : Command(name, description)
{
    /// <summary>A whole command line that works.</summary>
    public string Example { get; } = example;
}
