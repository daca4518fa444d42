namespace OnnxTransfer.Heads.Tests;

public class HeadProblemTests
{
    [Test]
    public void Gradient_and_Hessian_are_central_differences([Minimised] HeadLoss loss, [Values] bool penalizeIntercept)
    {
        var (codes, truth) = Problems.Make(150, 9, 4, 3);
        var slabs = new RowSlabs(codes, (0, codes.Rows));
        using var problem = new HeadProblem<float>(
            slabs, truth, 4, LossFunction.Of(loss), penalizeIntercept, SpectralBasis.Of(slabs, 1, default), 1) { C = 0.3 };
        var smooth = problem.Smooth;
        var random = new Random(5);
        var w = Enumerable.Range(0, smooth.Size).Select(_ => random.NextDouble() - 0.5).ToArray();
        var direction = w.Select(_ => random.NextDouble() - 0.5).ToArray();
        var (gradient, product, values) = (new double[w.Length], new double[w.Length], new double[smooth.Blocks]);
        var (ahead, behind) = (new double[w.Length], new double[w.Length]);
        smooth.Evaluate(At(1e-3), ahead, values);
        smooth.Evaluate(At(-1e-3), behind, values);
        smooth.Evaluate(w, gradient, values);
        smooth.HessianProduct(direction, product);
        Assert.That(
            values.Sum(), Is.EqualTo(Problems.Objective(codes, truth, loss, 0.3, w, penalizeIntercept)).Within(1e-4).Percent);
        var slope = (Problems.Objective(codes, truth, loss, 0.3, At(1e-4), penalizeIntercept)
            - Problems.Objective(codes, truth, loss, 0.3, At(-1e-4), penalizeIntercept)) / 2e-4;
        Assert.That(VectorArithmetic.Dot(gradient, direction), Is.EqualTo(slope).Within(1e-2).Percent);
        var bend = (VectorArithmetic.Dot(ahead, direction) - VectorArithmetic.Dot(behind, direction)) / 2e-3;
        Assert.That(VectorArithmetic.Dot(product, direction), Is.EqualTo(bend).Within(1).Percent);

        double[] At(double length) => [.. w.Select((value, i) => value + (length * direction[i]))];
    }
}
