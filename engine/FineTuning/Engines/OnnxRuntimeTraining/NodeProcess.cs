using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OnnxTransfer.FineTuning;

/// <summary>Node.js with engine.mjs in it: requests go to its standard input, answers come from its standard output.</summary>
internal sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan MostForEnd = TimeSpan.FromSeconds(5);
    private readonly Process process;
    private readonly BinaryWriter requests;
    private readonly BinaryReader answers;
    private readonly Task<string> errors;

    /// <summary>Starts the process.</summary>
    /// <param name="package">The folder of onnxruntime-web.</param>
    /// <exception cref="OnnxTransferException">Machine: there is no Node.js.</exception>
    public NodeProcess(string package)
    {
        var start = new ProcessStartInfo("node", ["--input-type=module", "--eval", Script(), "--", package])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new OnnxTransferException(
                FailureKind.Machine, $"ONNX Runtime Training in WebAssembly needs Node.js, which cannot be started: {e.Message.TrimEnd('.')}; install it (node, npm) or take another engine.", e);
        }

        requests = new BinaryWriter(process.StandardInput.BaseStream);
        answers = new BinaryReader(process.StandardOutput.BaseStream);
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Sends a command with its blocks and waits for the blocks of its answer.</summary>
    /// <exception cref="OnnxTransferException">Machine: the process ended. Model: the engine refused.</exception>
    public byte[][] Ask(string command, params byte[][] blocks)
    {
        try
        {
            byte[][] all = [Encoding.UTF8.GetBytes(command), .. blocks];
            requests.Write(all.Length);
            foreach (var block in all)
            {
                requests.Write(block.Length);
                requests.Write(block);
            }

            requests.Flush();
            var answer = new byte[answers.ReadInt32()][];
            for (var i = 0; i < answer.Length; i++)
            {
                var length = answers.ReadInt32();
                answer[i] = answers.ReadBytes(length);
                if (answer[i].Length < length)
                {
                    throw new EndOfStreamException();
                }
            }

            return answer[0].Length == 0
                ? answer[1..]
                : throw new OnnxTransferException(FailureKind.Model, $"ONNX Runtime Training refused to {command}: {OneLine(Encoding.UTF8.GetString(answer[0]))}.");
        }
        catch (IOException e)
        {
            process.WaitForExit(MostForEnd);
            var said = errors.IsCompleted ? OneLine(errors.Result) : string.Empty;
            throw new OnnxTransferException(
                FailureKind.Machine, $"Node.js ended while ONNX Runtime Training was to {command}: {(said.Length > 0 ? said : "it said nothing")}; check the package and the memory.", e);
        }
    }

    /// <summary>Numbers as a block.</summary>
    public static byte[] Block(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>A block as numbers.</summary>
    public static float[] Floats(byte[] block) => MemoryMarshal.Cast<byte, float>(block).ToArray();

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        if (!process.WaitForExit(MostForEnd))
        {
            process.Kill(entireProcessTree: true);
        }

        answers.Dispose();
        process.Dispose();
    }

    // The first line that names an error, else the last one.
    private static string OneLine(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (lines.FirstOrDefault(line => line.Contains("Error", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? string.Empty).TrimEnd('.');
    }

    private static string Script()
    {
        using var stream = typeof(NodeProcess).Assembly.GetManifestResourceStream("engine.mjs")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
