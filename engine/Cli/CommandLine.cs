using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using OnnxTransfer.Cli.Commands;

namespace OnnxTransfer.Cli;

/// <summary>The tool as a function: arguments in, exit code out; every failure becomes one sentence and its code.</summary>
internal static class CommandLine
{
    /// <summary>Wrong usage, as for <see cref="FailureKind.Usage"/>.</summary>
    private const int WrongUsage = (int)FailureKind.Usage;

    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var root = Root();
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
        {
            var command = parsed.CommandResult.Command;
            var name = command == root ? "onnxtransfer" : $"onnxtransfer {command.Name}";
            var message = string.Join(' ', parsed.Errors[0].Message.Split('\n', StringSplitOptions.TrimEntries));
            await error.WriteLineAsync($"{message.TrimEnd('.')}; `{name} --help` shows the usage.");
            return WrongUsage;
        }

        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(configuration, cancellation.Token);
        }
        catch (OnnxTransferException e)
        {
            await Failures.TellAsync(e, parsed, output, error);
            return (int)e.Kind;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Interrupted.");
            return (int)FailureKind.Interrupted;
        }
        catch (IOException) when (ClosedPipe(output))
        {
            // Whoever reads the output (head, a pager) has what it wanted.
            return 0;
        }
#pragma warning disable CA1031 // The last resort: whatever was not foreseen is a defect, told with the text to report.
        catch (Exception e)
        {
            await error.WriteLineAsync($"This is a defect of OnnxTransfer; please report it with this text:{Environment.NewLine}{e}");
            return (int)FailureKind.Bug;
        }
#pragma warning restore CA1031

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            cancellation.Cancel();
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("A folder of photos in, a trained and exported classifier out: linear heads on the activations of a pretrained ConvNet.")
        {
            FitCommand.Create(),
            PredictCommand.Create(),
            EvalCommand.Create(),
            TapsCommand.Create(),
            ExtractCommand.Create(),
            CodesCommand.Create(),
            TrainCommand.Create(),
            ExportCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!);
        return root;
    }

    private static bool ClosedPipe(TextWriter output)
    {
        try
        {
            output.Flush();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>The usual help, then an example to copy.</summary>
    private sealed class HelpWithExample(HelpAction usual) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = usual.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ExampleCommand { Example: var example })
            {
                parseResult.InvocationConfiguration.Output.WriteLine($"Example:{Environment.NewLine}  {example}{Environment.NewLine}");
            }

            return code;
        }
    }
}
