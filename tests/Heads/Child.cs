using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Xml.Linq;
using NUnit.Framework.Api;
using NUnit.Framework.Internal;

namespace OnnxTransfer.Heads.Tests;

/// <summary>
/// This assembly as a process of its own: what needs another environment than the tests have, or may not survive.
/// </summary>
internal static class Child
{
    /// <summary>What the processor and the environment let this process use: "512 256 128 fused", or fewer of these words.</summary>
    private static string Vectors => string.Join(' ', Words());

    /// <summary>Starts this assembly with other environment variables and waits for its end.</summary>
    /// <returns>The exit status, and what it printed.</returns>
    public static (int Status, string Output) Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["exec", typeof(Child).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        // A child that dies on purpose leaves no dump.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["heads"]:
                Console.WriteLine(Vectors);
                foreach (var loss in MinimisedAttribute.Losses)
                {
                    Console.WriteLine($"{loss.ToText()} {Weights(loss)}");
                }

                return 0;
            case ["touch", var offset]:
                Touch(int.Parse(offset));
                return 0;
            case ["tests", .. var fixtures]:
                return RunTests(fixtures);
            default:
                Console.Error.WriteLine("usage: heads | touch OFFSET | tests FIXTURE...");
                return 2;
        }
    }

    /// <summary>The bits of the weights of a small head, standardised and solved to the end of float32 and beyond.</summary>
    public static string Weights(HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(500, 37, 11, 29);
        var head = Problems.Train(codes, truth, new() { Loss = loss, C = 3, RelativeGap = 1e-9, Standardize = true });
        return Convert.ToHexString(MemoryMarshal.AsBytes(head.Weights.Span));
    }

    private static IEnumerable<string> Words()
    {
        if (Vector512.IsHardwareAccelerated)
        {
            yield return "512";
        }

        if (Vector256.IsHardwareAccelerated)
        {
            yield return "256";
        }

        if (Vector128.IsHardwareAccelerated)
        {
            yield return "128";
        }

        if (MicroKernel.IsFused)
        {
            yield return "fused";
        }
    }

    /// <summary>Reads one byte: negative offsets count from the start of guarded pages, others from the end.</summary>
    private static unsafe void Touch(int offset)
    {
        using var pages = new GuardedPages(1);
        Console.WriteLine(*(byte*)((offset < 0 ? pages.Start : pages.End - 1) + offset));
    }

    /// <summary>Runs the fast tests of some fixtures; the last line is "N passed, N failed, N skipped".</summary>
    private static int RunTests(string[] fixtures)
    {
        Console.WriteLine(Vectors);
        var classes = fixtures.Select(static name => new XElement("class", new XAttribute("re", "1"), $@"\.{name}(<.*>|`1|\(.*\))?$"));
        var filter = new XElement("filter", new XElement("or", classes), new XElement("not", new XElement("cat", "Slow")));
        var runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());
        runner.Load(typeof(Child).Assembly, new Dictionary<string, object>());
        var result = runner.Run(TestListener.NULL, TestFilter.FromXml(filter.ToString()));
        foreach (var failure in Leaves(result).Where(static leaf => leaf.FailCount > 0))
        {
            Console.WriteLine($"{failure.FullName}: {failure.Message}");
        }

        Console.WriteLine($"{result.PassCount} passed, {result.FailCount} failed, {result.SkipCount} skipped");
        return result.PassCount > 0 && result.FailCount == 0 ? 0 : 1;
    }

    private static IEnumerable<NUnit.Framework.Interfaces.ITestResult> Leaves(NUnit.Framework.Interfaces.ITestResult result) =>
        result.HasChildren ? result.Children.SelectMany(Leaves) : [result];
}
