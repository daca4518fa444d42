using OnnxTransfer.Onnx.Protos;

namespace OnnxTransfer.Onnx;

/// <summary>Kahn's algorithm over the nodes of a graph.</summary>
internal static class TopologicalOrder
{
    /// <summary>
    /// The nodes, each after those it depends on; among those that are ready the first of the file comes first, so an
    /// order that is topological already is kept.
    /// </summary>
    public static IReadOnlyList<NodeProto> Of(
        IReadOnlyList<NodeProto> nodes,
        IReadOnlySet<string> sources,
        IReadOnlyDictionary<string, NodeProto> producers,
        Func<NodeProto, IReadOnlyList<string>> dependencies,
        Func<NodeProto, string> display,
        Func<string, Exception> bad)
    {
        var position = new Dictionary<NodeProto, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < nodes.Count; i++)
        {
            position[nodes[i]] = i;
        }

        var waiting = new int[nodes.Count];
        var users = new List<int>[nodes.Count];
        var ready = new PriorityQueue<int, int>();
        for (var i = 0; i < nodes.Count; i++)
        {
            users[i] ??= [];
            foreach (var tensor in dependencies(nodes[i]))
            {
                if (producers.TryGetValue(tensor, out var producer))
                {
                    waiting[i]++;
                    (users[position[producer]] ??= []).Add(i);
                }
                else if (!sources.Contains(tensor))
                {
                    throw bad($"has the node {display(nodes[i])} with the input '{tensor}', which nothing makes");
                }
            }

            if (waiting[i] == 0)
            {
                ready.Enqueue(i, i);
            }
        }

        var order = new List<NodeProto>(nodes.Count);
        while (ready.TryDequeue(out var next, out _))
        {
            order.Add(nodes[next]);
            foreach (var user in users[next])
            {
                if (--waiting[user] == 0)
                {
                    ready.Enqueue(user, user);
                }
            }
        }

        return order.Count == nodes.Count
            ? order
            : throw bad($"runs in a circle through {display(nodes[Array.FindIndex(waiting, w => w > 0)])}");
    }
}
