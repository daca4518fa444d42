namespace OnnxTransfer.Heads.Tests;

public class NestedEstimateTests
{
    [Test]
    public void On_labels_of_pure_chance_the_tuned_accuracy_leans_upwards_and_the_nested_one_does_not()
    {
        const int Problem = 8, Images = 80;
        var (tuned, nested, right) = (0.0, 0.0, 0);
        for (var seed = 0; seed < Problem; seed++)
        {
            var (codes, _) = Problems.Make(Images, 12, 2, seed);
            int[] truth = [.. Enumerable.Range(0, Images).Select(i => (int)(Hash.Mix((ulong)((1000 * seed) + i)) & 1))];
            var selection = Problems.Train(codes, truth, new() { Selection = new() { Nested = true } }).Selection!;
            tuned += selection.Candidates.Max(static of => of.Accuracy) / Problem;
            nested += selection.Nested!.Evaluation.Accuracy / Problem;
            right += (int)Math.Round(selection.Nested.Evaluation.Accuracy * Images);
        }

        Assert.That(nested, Is.LessThan(tuned));
        Assert.That(Interval.Wilson(right, Problem * Images).Low, Is.LessThan(0.5));
    }

    [Test]
    public void Training_gives_the_estimate_of_its_options([Values] bool standardize)
    {
        var (codes, truth) = Problems.Make(90, 6, 3, 4);
        var options = new HeadOptions { Standardize = standardize, Selection = new() { Folds = 3, Nested = true } };
        var trained = Problems.Train(codes, truth, options).Selection!.Nested!;
        var alone = NestedEstimate.Of(codes, truth, Problems.Names(3), options);
        Assert.That(trained.Cs, Has.Count.EqualTo(3).And.EqualTo(alone.Cs));
        Assert.That(trained.Evaluation.LogLoss, Is.EqualTo(alone.Evaluation.LogLoss));
        Assert.That(trained.Evaluation.Images, Is.EqualTo(90));
        Assert.That(trained.TrainImages, Has.All.EqualTo(60));
        Assert.That(trained.Converged);
    }

    [Test]
    public void With_a_given_C_it_is_plain_cross_validation()
    {
        var (codes, truth) = Problems.Make(100, 6, 3, 4);
        var estimate = NestedEstimate.Of(codes, truth, Problems.Names(3), new() { C = 0.1 });
        var candidate = Problems.Train(codes, truth, new() { Selection = new() { Cs = [0.1], Metric = SelectionMetric.LogLoss } }).Selection!.Candidates[0];
        Assert.That(estimate.Cs, Has.All.EqualTo(0.1));
        Assert.That(estimate.Evaluation.LogLoss!.Value.Value, Is.EqualTo(candidate.Score).Within(1).Percent);
    }

    [Test]
    public void Copies_in_one_group_gain_nothing()
    {
        var (codes, _) = Problems.Make(60, 40, 2, 4);
        int[] rows = [.. Enumerable.Range(0, 180).Select(static i => i / 3)];
        int[] truth = [.. rows.Select(static row => (int)(Hash.Mix((ulong)row) & 1))];
        double Accuracy(int[]? groups) => NestedEstimate.Of(
            codes.Select(rows), truth, Problems.Names(2), new() { C = 100, Selection = new() { Groups = groups } }).Evaluation.Accuracy;
        Assert.That(Accuracy(null), Is.GreaterThan(0.85));
        Assert.That(Accuracy(rows), Is.LessThan(0.7));
    }

    [Test]
    public void Too_few_images_to_divide_twice_are_told_with_the_place()
    {
        var (codes, _) = Problems.Make(4, 3, 2, 1);
        Sentences.Fails(
            FailureKind.Data, () => NestedEstimate.Of(codes, [0, 0, 1, 1], ["a", "b"]), "outer fold 1 of 2", "2 images", "single image");
        Sentences.Fails(FailureKind.Usage, () => NestedEstimate.Of(codes, [0, 0, 1], ["a", "b"]), "4 codes", "3 labels");
        Sentences.Fails(FailureKind.Usage, () => NestedEstimate.Of(codes, [0, 0, 1, 2], ["a", "b"]), "index is 2");
    }
}
