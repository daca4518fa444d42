using System.Runtime.InteropServices;
using System.Text.Json;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>The files of tests/goldens/gradients.</summary>
internal static class GradientGoldens
{
    /// <summary>A file's content.</summary>
    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.PathOf("tests", "goldens", "gradients", name + ".json")));
        return document.RootElement.Clone();
    }

    /// <summary>Numbers as the script packs them.</summary>
    public static double[] Numbers(JsonElement packed) =>
        [.. MemoryMarshal.Cast<byte, float>(packed.GetBytesFromBase64()).ToArray().Select(value => (double)value)];

    /// <summary>The same numbers as the script's <c>values</c>.</summary>
    public static double[] Values(int count, int seed, double low = -1, double high = 1)
    {
        var state = unchecked((uint)(seed * 747796405L));
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            values[i] = (float)(low + ((high - low) * (state / 4294967296.0)));
        }

        return values;
    }
}
