using System.CommandLine;
using System.Globalization;
using OnnxTransfer.Cli.Options;
using OnnxTransfer.Cli.Output;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Cli.Commands;

/// <summary><c>onnxtransfer predict</c>: what an exported model says about photos.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A model that fit or export wrote" };
        var images = new Argument<string[]>("IMAGES")
        {
            Description = "Files, folders, globs in quotes, or - for names on standard input, a line each",
            Arity = ArgumentArity.OneOrMore,
        };
        var top = new Option<int>("--top", "-k") { Description = "How many classes to print for an image", HelpName = "NUMBER", DefaultValueFactory = _ => 3 };
        var csv = new Option<bool>("--csv") { Description = "Print a line per image and class: image,rank,label,probability,error" };
        var command = new ExampleCommand("predict", "Classify photos with an exported model.", "onnxtransfer predict flowers.onnx rose.jpg holiday/ 'garden/*.jpg'")
        {
            model, images, top, csv, ExtractionOptionsGroup.AllowTruncated, OutputOptions.Json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed, parsed.GetRequiredValue(model), parsed.GetRequiredValue(images), parsed.GetValue(top), parsed.GetValue(csv), cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, string path, string[] words, int top, bool csv, CancellationToken cancellation)
    {
        var json = parsed.GetValue(OutputOptions.Json);
        if (top < 1 || (csv && json))
        {
            throw new OnnxTransferException(FailureKind.Usage, top < 1 ? $"--top is {top}; it is at least 1." : "Give --json or --csv, not both.");
        }

        using var model = ImageClassifier.Load(path);
        var images = Cancellable(() => ImageNames.Resolve(words, Console.In), cancellation);
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        using PredictionWriter writer = json ? new JsonPredictions(output, path) : csv ? new CsvPredictions(output) : new TextPredictions(output);
        var (done, bad) = (0, 0);
        try
        {
            foreach (var prediction in model.Predict(images, ExtractionOptionsGroup.Decoding(parsed), cancellation))
            {
                if (prediction.Error is { } reason)
                {
                    bad++;
                    error.WriteLine(reason);
                }

                writer.Write(prediction, top);
                done++;
            }
        }
        catch (OperationCanceledException)
        {
            return Fail(new OnnxTransferException(FailureKind.Interrupted, $"Interrupted after {done:N0} of {Sentences.Images(images.Count)}."));
        }
        catch (OnnxTransferException e)
        {
            return Fail(e);
        }

        if (bad > 0)
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bad:N0} of {Sentences.Images(images.Count)} could not be classified."));
        }

        return bad == images.Count ? (int)FailureKind.Data : 0;

        // The object that has begun takes the failure in: there must be one, not two.
        int Fail(OnnxTransferException failure)
        {
            Failures.Tell(failure, error);
            writer.Fail(failure);
            return (int)failure.Kind;
        }
    }

    /// <summary>Waits for work that cannot be stopped itself, as reading a terminal cannot.</summary>
    private static T Cancellable<T>(Func<T> work, CancellationToken cancellation) =>
        Task.Run(work, cancellation).WaitAsync(cancellation).GetAwaiter().GetResult();
}
