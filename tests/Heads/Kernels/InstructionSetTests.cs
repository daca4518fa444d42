using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Heads.Tests;

/// <summary>The kernels, and what stands on them, in processes that may use only some of the processor's instructions.</summary>
public class InstructionSetTests
{
    private static readonly string[] Kernels =
    [
        "MicroKernelTests", "VectorArithmeticTests", "PackedWeightsTests", "CholeskyTests", "CodePassTests", "CodePassPropertyTests",
    ];

    private static readonly string[] Solvers = ["LossTests", "HeadProblemTests", "HeadSolverTests"];

    /// <summary>Names of ways to run, the .NET settings that ask for them, and what such a process must find.</summary>
    private static readonly (string Name, string Setting, string Value, string Vectors)[] Paths =
    [
        ("256 bits", "DOTNET_PreferredVectorBitWidth", "256", "256 128 fused"),
        ("128 bits", "DOTNET_PreferredVectorBitWidth", "128", "128 fused"),
        ("AVX without AVX2", "DOTNET_EnableAVX2", "0", "128"),
        ("SSE", "DOTNET_EnableAVX", "0", "128"),
        ("no vectors", "DOTNET_EnableHWIntrinsic", "0", ""),
    ];

    private static IEnumerable<string> Names => Paths.Select(static path => path.Name);

    [Test]
    public void The_kernels_hold_on_every_path([Values("256 bits", "128 bits", "SSE", "no vectors")] string name) => RunTests(name, Kernels);

    [Test]
    [Category("Slow")]
    public void Kernels_and_solvers_hold_on_every_path([ValueSource(nameof(Names))] string name) => RunTests(name, [.. Kernels, .. Solvers]);

    [Test]
    public void Heads_have_the_same_bits_with_vectors_of_any_width([Values("256 bits", "128 bits")] string name)
    {
        if (!MicroKernel.IsFused)
        {
            Assert.Ignore("needs a processor with fused multiply-adds");
        }

        var heads = Heads(name);
        foreach (var loss in MinimisedAttribute.Losses)
        {
            Assert.That(heads[loss], Is.EqualTo(Child.Weights(loss)), $"{loss}");
        }
    }

    [Test]
    public void Without_fused_multiply_adds_heads_have_the_same_bits_with_vectors_of_any_width()
    {
        var (wide, narrow, scalar) = (Heads("AVX without AVX2"), Heads("SSE"), Heads("no vectors"));
        Assert.That(narrow, Is.EqualTo(wide));

        // The exponentials of the softmax are vector functions, which are others than the scalar one.
        Assert.That(scalar[HeadLoss.SquaredHinge], Is.EqualTo(wide[HeadLoss.SquaredHinge]));
    }

    private static Dictionary<HeadLoss, string> Heads(string name)
    {
        var lines = Start(name, "heads");
        return lines[1..].Select(static line => line.Split(' ')).ToDictionary(
            static words => MinimisedAttribute.Losses.Single(loss => loss.ToText() == words[0]), static words => words[1]);
    }

    private static void RunTests(string name, string[] fixtures) => TestContext.Out.WriteLine(Start(name, ["tests", .. fixtures])[^1]);

    private static string[] Start(string name, params string[] arguments)
    {
        var path = Paths.Single(path => path.Name == name);
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 && path.Vectors != "")
        {
            Assert.Ignore("needs an x64 processor");
        }

        if (path.Vectors.StartsWith("256", StringComparison.Ordinal) && !Vector512.IsHardwareAccelerated)
        {
            Assert.Ignore("needs a processor with 512 bits: here this is what the other tests ran on");
        }

        if (path.Vectors.Contains("fused", StringComparison.Ordinal) && !MicroKernel.IsFused)
        {
            Assert.Ignore("needs a processor with fused multiply-adds");
        }

        var (status, output) = Child.Start(new Dictionary<string, string> { [path.Setting] = path.Value }, arguments);
        var lines = output.TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
        Assert.That(lines[0], Is.EqualTo(path.Vectors), "the vectors of the child");
        Assert.That(status, Is.Zero, output);
        return lines;
    }
}
