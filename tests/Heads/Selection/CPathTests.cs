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
        Assert.That(candidates.All(static of => Math.Abs(of.Score - of.Accuracy) < 1e-12 && of.StandardError > 0));
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
    public void Every_image_that_was_held_out_has_the_prediction_that_its_accuracy_is_made_of([Values(1, 3)] int repeats, [Values] bool hasSingle)
    {
        var (codes, truth) = Problems.Make(200, 10, 3, 5);
        truth[77] = hasSingle ? 3 : truth[77];
        var selection = Problems.Train(codes, truth, new() { Selection = new SelectionOptions { Repeats = repeats } }).Selection!;
        var predictions = selection.HeldOutPredictions;
        Assert.That(predictions, Has.Count.EqualTo(200));
        Assert.That(predictions.Select(static (k, row) => (k, row)).Where(static of => of.k < 0).Select(static of => of.row), Is.EqualTo(hasSingle ? new[] { 77 } : []));
        var right = predictions.Where((k, row) => k == truth[row]).Count();
        Assert.That((double)right / predictions.Count(static k => k >= 0), Is.EqualTo(selection.Candidates.Max(static of => of.Accuracy)).Within(repeats == 1 ? 1e-12 : 0.03));
    }

    [Test]
    public void A_class_with_one_image_is_no_hindrance()
    {
        var (codes, truth) = Problems.Make(60, 6, 2, 5);
        truth[59] = 2;
        var head = Problems.Train(codes, truth, new());
        Assert.That(head.Labels, Has.Count.EqualTo(3));
    }

    [Test]
    public void A_given_grid_is_tried_whole_and_ascending()
    {
        var (codes, truth) = Problems.Make(100, 8, 3, 5);
        var head = Problems.Train(codes, truth, new() { Selection = new() { Cs = [10, 1e-4, 0.1, 10], Folds = 3 } });
        Assert.That(head.Selection!.Candidates.Select(static of => of.C), Is.EqualTo(new[] { 1e-4, 0.1, 10 }));
        Assert.That(head.Selection.Folds, Is.EqualTo(3));
    }

    [Test]
    public void A_candidate_is_what_a_head_of_its_C_does_on_the_folds([Values] SelectionMetric metric, [Values] bool grouped)
    {
        var (codes, truth) = Problems.Make(900, 8, 3, 5);
        int[]? groups = grouped ? [.. Enumerable.Range(0, 900).Select(static i => i / 4)] : null;
        var selection = new SelectionOptions { Cs = [0.05], Metric = metric, Groups = groups };
        var candidate = Problems.Train(codes, truth, new() { Selection = selection }).Selection!.Candidates[0];
        var folds = Folds.Of(truth, 3, 0, 5, groups);
        var values = new List<(double Value, int Images)>();
        for (var fold = 0; fold < 5; fold++)
        {
            int[] training = [.. folds.Training(fold).SelectMany(range => folds.Order[range.First..range.End])];
            var heldOut = folds.Order[folds.HeldOut(fold).First..folds.HeldOut(fold).End];
            var head = Problems.Train(codes.Select(training), [.. training.Select(row => truth[row])], new() { C = 0.05 });
            var judged = head.Evaluate(codes.Select(heldOut), [.. heldOut.Select(row => head.Labels[truth[row]])]);
            values.Add((judged.Metric(metric)!.Value.Value, judged.Images));
        }

        var mean = values.Average(static of => of.Value);
        var error = Math.Sqrt(values.Sum(of => (of.Value - mean) * (of.Value - mean)) / 4 / 5);
        Assert.That(candidate.Score, Is.EqualTo(values.Sum(static of => of.Value * of.Images) / 900).Within(0.015));
        Assert.That(candidate.StandardError, Is.EqualTo(error).Within(0.005));
    }

    [Test]
    public void Also_at_a_small_C_of_few_images_a_candidate_is_what_heads_of_its_C_do(
        [Values(HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss loss, [Values(5e-4, 1e-3, 1e-2)] double c)
    {
        // Folds of 12 images a class leave 9 or 10 to learn from, and at a small C the intercepts that follow decide.
        int[] truth = [.. Enumerable.Range(0, 60).Select(static i => i % 5)];
        var codes = Shifted(truth, 60);
        var options = new HeadOptions { Loss = loss, Standardize = true };
        var candidate = Problems.Train(codes, truth, options with { Selection = new() { Cs = [c] } }).Selection!.Candidates[0];
        var heads = NestedEstimate.Of(codes, truth, Problems.Names(5), options with { C = c });
        Assert.That(candidate.Accuracy, Is.EqualTo(heads.Evaluation.Accuracy).Within(2.5 / 60));
    }

    /// <summary>Codes of so many numbers, noise but for a little of their class.</summary>
    private static CodeMatrix Shifted(int[] truth, int columns)
    {
        var random = new Random(3);
        var values = new float[truth.Length * columns];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextDouble() + (i % columns % 5 == truth[i / columns] ? 0.35f : 0);
        }

        return new CodeMatrix(values, truth.Length, columns);
    }

    [Test]
    public void Repeats_differ_and_their_mean_is_between_them()
    {
        var (codes, truth) = Problems.Make(120, 8, 3, 9);
        CCandidate Of(int seed, int repeats) =>
            Problems.Train(codes, truth, new() { Seed = seed, Selection = new() { Cs = [0.3], Repeats = repeats, Metric = SelectionMetric.LogLoss } })
                .Selection!.Candidates[0];
        var (first, second, both) = (Of(0, 1), Of(1, 1), Of(0, 2));
        Assert.That(first.Score, Is.Not.EqualTo(second.Score));
        Assert.That(both.Score, Is.EqualTo((first.Score + second.Score) / 2).Within(1e-12));
        Assert.That(both.Accuracy, Is.EqualTo((first.Accuracy + second.Accuracy) / 2).Within(1e-12));
        Assert.That(both.Interval, Is.EqualTo(Interval.OfShare(both.Accuracy, 120)));
    }

    [Test]
    public void One_standard_error_takes_no_larger_C()
    {
        var (codes, truth) = Problems.Make(400, 30, 4, 6);
        var best = Problems.Train(codes, truth, new());
        var simple = Problems.Train(codes, truth, new() { Selection = new() { Rule = SelectionRule.OneStandardError } });
        var top = best.Selection!.Candidates.Single(of => of.C == best.C);
        Assert.That(simple.C, Is.EqualTo(best.Selection.Candidates.First(of => of.Score >= top.Score - top.StandardError).C).And.LessThan(best.C));
        Assert.That(simple.Certificate.Converged);
    }

    [Test]
    public void Threads_do_not_matter()
    {
        var (codes, truth) = Problems.Make(150, 8, 3, 5);
        int[] groups = [.. Enumerable.Range(0, 150).Select(static i => i / 3)];
        var options = new HeadOptions { Selection = new() { Repeats = 2, Metric = SelectionMetric.LogLoss, Groups = groups } };
        var (one, three) = (Problems.Train(codes, truth, options with { Threads = 1 }), Problems.Train(codes, truth, options with { Threads = 3 }));
        Assert.That(one.Selection!.Candidates, Is.EqualTo(three.Selection!.Candidates));
        Assert.That(one.Weights.ToArray(), Is.EqualTo(three.Weights.ToArray()));
    }
}
