namespace OnnxTransfer.Heads.Tests;

public class CPathTests
{
    [Test]
    public void The_best_accuracy_wins_and_of_equals_the_smallest_C([Minimised] HeadLoss loss, [Values] bool standardize)
    {
        var (codes, truth) = Problems.Make(400, 30, 4, 5);
        var head = Problems.Train(codes, truth, new() { Loss = loss, Standardize = standardize });
        var candidates = head.Selection!.Candidates;
        Assert.That(head.Selection.Folds, Is.EqualTo(5));
        Assert.That(candidates.Select(static of => of.C), Is.Ordered.Ascending);
        Assert.That(head.C, Is.EqualTo(candidates.First(of => of.Accuracy == candidates.Max(static of => of.Accuracy)).C));
        Assert.That(candidates.All(static of => of.Interval.Low <= of.Accuracy && of.Accuracy <= of.Interval.High));
        Assert.That(head.Certificate.Converged);
    }

    [Test]
    public void The_grid_follows_the_scale_of_the_codes()
    {
        var (codes, truth) = Problems.Make(200, 10, 3, 5);
        var (large, _) = Problems.Make(200, 10, 3, 5, 1024);
        var (one, other) = (Problems.Train(codes, truth, new()), Problems.Train(large, truth, new()));
        Assert.That(Math.Log10(one.Selection!.Candidates[0].C / other.Selection!.Candidates[0].C), Is.EqualTo(2 * Math.Log10(1024)).Within(0.26));
        Assert.That(
            other.Selection.Candidates.Max(static of => of.Accuracy),
            Is.EqualTo(one.Selection.Candidates.Max(static of => of.Accuracy)).Within(0.02));
    }

    [Test]
    public void A_class_with_one_image_is_no_hindrance()
    {
        var (codes, truth) = Problems.Make(60, 6, 2, 5);
        truth[59] = 2;
        var head = Problems.Train(codes, truth, new());
        Assert.That(head.Labels, Has.Count.EqualTo(3));
    }
}
