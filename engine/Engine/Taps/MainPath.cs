using System.Numerics;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>
/// The tensors through which every way from the image to the network's result goes: what the whole network has computed
/// so far stands in one of them at a time, unlike in the branches between.
/// </summary>
internal sealed class MainPath
{
    private readonly HashSet<string> tensors = new(StringComparer.Ordinal);

    /// <summary>
    /// Finds them by counting: with f(t) ways from the image to t and b(t) ways from t to the result, t is on all f(result)
    /// of them exactly if f(t) b(t) = f(result).
    /// </summary>
    public MainPath(Graph graph, ImageFlow flow, string image, string result)
    {
        Result = result;
        var forward = new Dictionary<string, BigInteger>(StringComparer.Ordinal) { [image] = 1 };
        foreach (var node in graph.Nodes)
        {
            var ways = flow.Carriers(node).Aggregate(BigInteger.Zero, (sum, t) => sum + forward.GetValueOrDefault(t));
            foreach (var output in node.Output)
            {
                forward[output] = ways;
            }
        }

        var backward = new Dictionary<string, BigInteger>(StringComparer.Ordinal) { [result] = 1 };
        foreach (var node in graph.Nodes.Reverse())
        {
            var ways = node.Output.Aggregate(BigInteger.Zero, (sum, t) => sum + backward.GetValueOrDefault(t));
            foreach (var carrier in flow.Carriers(node))
            {
                backward[carrier] = backward.GetValueOrDefault(carrier) + ways;
            }
        }

        var all = forward.GetValueOrDefault(result);
        Tensors = [.. graph.Nodes.SelectMany(n => n.Output)
            .Where(t => !all.IsZero && flow.Carries(t) && forward[t] * backward.GetValueOrDefault(t) == all)];
        tensors.UnionWith(Tensors);
    }

    /// <summary>The tensor that the network is computed for.</summary>
    public string Result { get; }

    /// <summary>The tensors, from the image to the result.</summary>
    public IReadOnlyList<string> Tensors { get; }

    /// <summary>Whether every way goes through <paramref name="tensor"/>.</summary>
    public bool Has(string tensor) => tensors.Contains(tensor);
}
