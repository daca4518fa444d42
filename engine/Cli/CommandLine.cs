using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using OnnxTransfer.Cli.Commands;

namespace OnnxTransfer.Cli;

/// <summary>The tool as a function: arguments in, exit code out; every failure becomes one sentence and its code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var root = Root();
        var parsed = root.Parse(args);
        if (WrongUsage(parsed, args) is { } sentence)
        {
            return Failures.Tell(new OnnxTransferException(FailureKind.Usage, sentence), parsed, args, output, error);
        }

        using var cancellation = new CancellationTokenSource();
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        var handlers = Array.ConvertAll(signals, signal => PosixSignalRegistration.Create(signal, Stop));
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            var code = await parsed.InvokeAsync(configuration, cancellation.Token);
            await output.FlushAsync();
            return code;
        }
        catch (OnnxTransferException e)
        {
            return Failures.Tell(e, parsed, args, output, error);
        }
        catch (OperationCanceledException e)
        {
            return Failures.Tell(new OnnxTransferException(FailureKind.Interrupted, "Interrupted.", e), parsed, args, output, error);
        }
        catch (IOException e)
        {
            // Files have sentences of their own; what is left is the output, written to a full disk for example.
            return Failures.Tell(
                new OnnxTransferException(FailureKind.Machine, $"Cannot write the output: {e.Message.TrimEnd('.')}.", e), parsed, args, TextWriter.Null, error);
        }
#pragma warning disable CA1031 // The last resort: whatever was not foreseen is a defect, told with the text to report.
        catch (Exception e)
        {
            return Failures.Tell(new OnnxTransferException(FailureKind.Bug, e.Message, e), parsed, args, output, error);
        }
#pragma warning restore CA1031
        finally
        {
            Array.ForEach(handlers, handler => handler.Dispose());
        }

        void Stop(PosixSignalContext context)
        {
            // The first signal stops at the next safe place; a second one stops what does not get there.
            if (cancellation.IsCancellationRequested)
            {
                Environment.Exit((int)FailureKind.Interrupted);
            }

            context.Cancel = true;
            cancellation.Cancel();
        }
    }

    private static string? WrongUsage(ParseResult parsed, string[] args)
    {
        if (Array.IndexOf(args, string.Empty) is var empty and >= 0)
        {
            return $"Word {empty + 1} of the command line is empty; give it a value (an unset variable in a script?).";
        }

        var message = parsed.Action is { ClearsParseErrors: true } ? null
            : parsed.Errors.Count > 0 ? string.Join(' ', parsed.Errors[0].Message.Split('\n', StringSplitOptions.TrimEntries)).TrimEnd('.')
            : TakenForFile(parsed) is { } option ? $"There is no option {option}, and no such file"
            : null;
        var name = $"onnxtransfer {CommandName.Of(parsed)}".TrimEnd();
        return message is null ? null : $"{message}; `{name} --help` shows the usage.";
    }

    /// <summary>A mistyped option must not be taken for a file: the word that looks like one and is no file.</summary>
    private static string? TakenForFile(ParseResult parsed) => parsed.CommandResult.Children.OfType<ArgumentResult>()
        .SelectMany(argument => argument.Tokens)
        .Select(token => token.Value)
        .FirstOrDefault(word => word.Length > 1 && word.StartsWith('-') && !File.Exists(word));

    private static RootCommand Root()
    {
        var root = new RootCommand("A folder of photos in, a trained and exported classifier out: linear heads on the activations of a pretrained ConvNet.")
        {
            FitCommand.Create(),
            FineTuneCommand.Create(),
            PredictCommand.Create(),
            EvalCommand.Create(),
            TapsCommand.Create(),
            LayersCommand.Create(),
            AdviseCommand.Create(),
            DoctorCommand.Create(),
            ExtractCommand.Create(),
            CodesCommand.Create(),
            TrainCommand.Create(),
            ExportCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!);
        return root;
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
