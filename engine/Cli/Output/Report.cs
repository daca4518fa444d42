using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxTransfer.Cli.Options;
using Spectre.Console;

namespace OnnxTransfer.Cli.Output;

/// <summary>
/// Where a command prints: what people read goes to standard output, or to standard error where --json keeps standard
/// output for the one object.
/// </summary>
internal sealed class Report
{
    private readonly string command;
    private readonly TextWriter output;
    private readonly bool json;

    public Report(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        command = CommandName.Of(parsed);
        output = parsed.InvocationConfiguration.Output;
        json = parsed.GetValue(OutputOptions.Json);
        People = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(json ? parsed.InvocationConfiguration.Error : output),
        });
        if (!People.Profile.Out.IsTerminal)
        {
            // A pipe or a file has no width; tables must not be folded at a guess.
            People.Profile.Width = 4096;
        }
    }

    /// <summary>Tables, sentences and bars for people.</summary>
    public IAnsiConsole People { get; }

    /// <summary>Whether bars may be drawn: on a terminal only.</summary>
    public bool IsLive => People.Profile.Out.IsTerminal;

    /// <summary>A line of plain text, never taken as markup.</summary>
    public void Line(string text = "") => People.WriteLine(text);

    /// <summary>A sentence the user should not overlook.</summary>
    public void Note(string sentence) => People.Write(new Text(sentence + Environment.NewLine, new Style(Color.Yellow)));

    /// <summary>Prints the object where --json asks for it.</summary>
    public void Object(Func<JsonObject> fields)
    {
        if (json)
        {
            output.WriteLine(Json.Text(Json.Object(command, fields())));
        }
    }
}
