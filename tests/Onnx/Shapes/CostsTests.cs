using CsCheck;
using static OnnxTransfer.Onnx.Protos.TensorProto.Types;

namespace OnnxTransfer.Onnx.Tests.Shapes;

public class CostsTests
{
    [Test]
    public void A_tensor_costs_what_all_nodes_before_it_cost() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 4], Gen.Int[1, 4]).Array[1, 30].Sample(steps =>
        {
            // Each node reads tensors that lie one to four back: branches and joins, some without cost.
            var tensors = new List<string> { "image" };
            var model = TinyModels.Of(["N", 3, 4, 4], graph =>
            {
                var weights = graph.Constant("w", new float[9], 3, 3, 1, 1);
                foreach (var (kind, first, second) in steps)
                {
                    string Back(int places) => tensors[Math.Max(0, tensors.Count - places)];
                    tensors.Add(kind == 0
                        ? graph.Add("Conv", [Back(first), weights], $"t{tensors.Count}")
                        : graph.Add(kind == 1 ? "Add" : "Mul", [Back(first), Back(second)], $"t{tensors.Count}"));
                }

                graph.Output(tensors[^1], DataType.Float);
            });
            var shapes = ShapeInference.Infer(new Graph(model));
            var costs = new Costs(shapes);
            return tensors.All(t => costs.UpTo(t) == shapes.Graph.Ancestors(t).Sum(costs.Of));
        }, iter: 200, threads: 1);
}
