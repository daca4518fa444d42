using System.CommandLine;
using System.CommandLine.Parsing;

namespace OnnxTransfer.Cli;

/// <summary>What a command is called, with the commands that it stands below.</summary>
internal static class CommandName
{
    /// <summary>The words between the tool's name and the arguments, as in <c>finetune export-artifacts</c>; empty for the tool itself.</summary>
    public static string Of(ParseResult parsed)
    {
        var words = new Stack<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Parent: not null } command; at = command.Parent)
        {
            words.Push(command.Command.Name);
        }

        return string.Join(' ', words);
    }
}
