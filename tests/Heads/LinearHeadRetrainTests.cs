namespace OnnxTransfer.Heads.Tests;

public class LinearHeadRetrainTests
{
    private const double Gap = 1e-6;

    private static readonly (CodeMatrix Codes, string[] Labels) All = Make();

    [Test]
    public void Added_rows_give_the_optimum_from_scratch([Minimised] HeadLoss loss, [Values(0.1, 10)] double c, [Values] bool standardize)
    {
        var options = new HeadOptions { Loss = loss, C = c, RelativeGap = Gap, Standardize = standardize };
        var known = Enumerable.Range(0, 270).ToArray();
        IsFromScratch(Train(known, options), Enumerable.Range(0, 300).ToArray(), options);
    }

    [Test]
    public void Removed_rows_are_unlearned([Minimised] HeadLoss loss, [Values] bool penalizeIntercept)
    {
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = Gap, RegularizeIntercept = penalizeIntercept };
        IsFromScratch(Train([.. Enumerable.Range(0, 300)], options), [.. Enumerable.Range(0, 300).Where(static i => i % 5 != 0)], options);
    }

    [Test]
    public void A_class_that_is_new_is_learned_and_one_that_is_gone_is_left_out([Minimised] HeadLoss loss)
    {
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = Gap };
        var head = Train(Rows("class000", "class001", "class003"), options);
        var grown = IsFromScratch(head, Rows("class000", "class001", "class002", "class003"), options);
        var shrunk = IsFromScratch(grown, Rows("class001", "class002"), options);
        Assert.That(grown.Labels, Has.Count.EqualTo(4));
        Assert.That(shrunk.Labels, Is.EqualTo(new[] { "class001", "class002" }));
    }

    [Test]
    public void Removing_and_adding_back_is_the_first_optimum([Minimised] HeadLoss loss)
    {
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = Gap };
        var first = Train([.. Enumerable.Range(0, 300)], options);
        var less = Retrain(first, [.. Enumerable.Range(0, 200)], options);
        var back = Retrain(less, [.. Enumerable.Range(0, 300)], options);
        Assert.That(less.Certificate.Objective, Is.LessThan(0.9 * first.Certificate.Objective));
        Assert.That(back.Certificate.Objective, Is.EqualTo(first.Certificate.Objective).Within(100 * Gap).Percent);
        Assert.That(back.Weights.ToArray(), Is.EqualTo(first.Weights.ToArray()).Within(1e-2));
    }

    [Test]
    public void Rows_find_their_dual_variables_in_any_order(
        [Values(HeadLoss.Hinge, HeadLoss.SquaredHinge)] HeadLoss loss, [Values] bool penalizeIntercept, [Values] bool standardize)
    {
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = Gap, RegularizeIntercept = penalizeIntercept, Standardize = standardize };
        int[] rows = [.. Enumerable.Range(0, 300)];
        var head = Train(rows, options);
        IsFromScratch(head, [.. rows.Reverse()], options);
        IsFromScratch(head, [.. rows.OrderBy(static i => Hash.Mix((ulong)i)).Where(static i => i % 7 != 3)], options);
    }

    [Test]
    public void Codes_that_occur_again_share_their_dual_variables([Values(HeadLoss.Hinge, HeadLoss.SquaredHinge)] HeadLoss loss)
    {
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = Gap };
        int[] once = [.. Enumerable.Range(0, 300)];
        int[] twice = [.. once, .. once.Where(static i => i % 3 != 0), .. once.Where(static i => i % 5 == 0)];
        IsFromScratch(IsFromScratch(Train(once, options), twice, options), once, options);
    }

    [Test]
    public void A_code_that_changed_its_label_is_learned_anew([Values(HeadLoss.Hinge, HeadLoss.SquaredHinge)] HeadLoss loss)
    {
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = Gap };
        var head = Train([.. Enumerable.Range(0, 300)], options);
        string[] labels = [.. All.Labels.Select(static (label, i) => i % 20 == 3 ? "class001" : label)];
        var (grown, scratch) = (head.Retrain(All.Codes, labels, options), LinearHead.Train(All.Codes, labels, options));
        Assert.That(grown.Certificate.Converged);
        Assert.That(grown.Certificate.Objective, Is.EqualTo(scratch.Certificate.Objective).Within(100 * Gap).Percent);
    }

    [Test]
    public void A_head_without_its_dual_variables_starts_at_its_weights([Values(HeadLoss.Hinge, HeadLoss.SquaredHinge)] HeadLoss loss)
    {
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = Gap };
        var head = Train([.. Enumerable.Range(0, 280)], options);
        var read = new LinearHead(head.Labels, head.Weights, head.Width, head.Loss, head.C, head.Certificate);
        IsFromScratch(read, [.. Enumerable.Range(10, 290)], options);
    }

    [Test]
    public void An_image_that_comes_or_goes_costs_a_few_passes([Values(HeadLoss.Hinge, HeadLoss.SquaredHinge)] HeadLoss loss)
    {
        // Fewer rows than columns: every class is solved on its support.
        var (codes, truth) = Problems.Make(200, 300, 4, 5);
        string[] labels = [.. truth.Select(static k => Problems.Names(4)[k])];
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = Gap };
        int[] less = [.. Enumerable.Range(0, 199)];
        var (all, without) = (LinearHead.Train(codes, labels, options), LinearHead.Train(codes.Select(less), labels[..199], options));
        var (back, fewer) = (without.Retrain(codes, labels, options), all.Retrain(codes.Select(less), labels[..199], options));
        Assert.That(back.Certificate.Objective, Is.EqualTo(all.Certificate.Objective).Within(100 * Gap).Percent);
        Assert.That(fewer.Certificate.Objective, Is.EqualTo(without.Certificate.Objective).Within(100 * Gap).Percent);
        Assert.That(back.Certificate.Passes, Is.AtMost(all.Certificate.Passes / 2));
        Assert.That(fewer.Certificate.Passes, Is.AtMost(all.Certificate.Passes / 2));
        Assert.That(all.Retrain(codes, labels, options).Certificate.Passes, Is.EqualTo(3));
    }

    [Test]
    public void A_start_near_the_optimum_takes_fewer_passes(
        [Values(HeadLoss.Softmax, HeadLoss.Logistic, HeadLoss.SquaredHinge)] HeadLoss loss)
    {
        var options = new HeadOptions { Loss = loss, C = 10 };
        var head = Train([.. Enumerable.Range(0, 297)], options);
        var grown = Retrain(head, [.. Enumerable.Range(0, 300)], options);
        Assert.That(grown.Certificate.Converged);
        Assert.That(grown.Certificate.Passes, Is.LessThan(Train([.. Enumerable.Range(0, 300)], options).Certificate.Passes));
    }

    [Test]
    public void A_start_without_a_known_class_is_training_from_scratch([Minimised] HeadLoss loss)
    {
        var options = new HeadOptions { Loss = loss, C = 100 };
        var head = Train(Rows("class000", "class001"), options);
        var other = Rows("class002", "class003");
        var (grown, scratch) = (Retrain(head, other, options), Train(other, options));
        Assert.That(grown.Weights.ToArray(), Is.EqualTo(scratch.Weights.ToArray()));
        Assert.That(grown.Certificate with { Seconds = 0 }, Is.EqualTo(scratch.Certificate with { Seconds = 0 }));
    }

    [Test]
    public void The_head_gives_loss_C_and_standardisation_and_stays_as_it_is()
    {
        var head = Train([.. Enumerable.Range(0, 200)], new() { Loss = HeadLoss.Logistic, C = 0.3, Standardize = true });
        var before = head.Weights.ToArray();
        var grown = head.Retrain(All.Codes, All.Labels, new() { Loss = HeadLoss.Ridge, C = 7 });
        Assert.That((grown.Loss, grown.C, grown.Standardized), Is.EqualTo((HeadLoss.Logistic, 0.3, true)));
        Assert.That(head.Weights.ToArray(), Is.EqualTo(before));
    }

    [Test]
    public void The_bits_are_the_same_for_any_number_of_threads([Minimised] HeadLoss loss)
    {
        var head = Train([.. Enumerable.Range(0, 200)], new() { Loss = loss, C = 1 });
        var one = head.Retrain(All.Codes, All.Labels, new() { Threads = 1 });
        var three = head.Retrain(All.Codes, All.Labels, new() { Threads = 3 });
        Assert.That(three.Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()));
    }

    [Test]
    public void Heads_in_closed_form_are_computed_anew([Values(HeadLoss.NearestMean, HeadLoss.Lda)] HeadLoss loss)
    {
        var options = new HeadOptions { Loss = loss };
        var grown = Retrain(Train(Rows("class000", "class001"), options), [.. Enumerable.Range(0, 300)], options);
        Assert.That(grown.Weights.ToArray(), Is.EqualTo(Train([.. Enumerable.Range(0, 300)], options).Weights.ToArray()));
    }

    [Test]
    public void What_cannot_be_retrained_is_one_sentence()
    {
        var head = Train([.. Enumerable.Range(0, 200)], new() { C = 1 });
        Sentences.Fails(FailureKind.Usage, () => head.Retrain(new CodeMatrix(new float[4], 1, 4), ["a"]), "codes of 12", "have 4");
        Sentences.Fails(FailureKind.Data, () => head.Retrain(All.Codes, [.. Enumerable.Repeat("a", 300)]), "only 'a'");
        Sentences.Fails(FailureKind.Usage, () => head.Retrain(All.Codes, All.Labels[..299]), "300 codes", "299 labels");
        Sentences.Fails(FailureKind.Usage, () => head.RetrainMultiLabel(All.Codes, [.. All.Labels.Select(static of => new[] { of })]), "one label per code");
    }

    /// <summary>The head on other rows, and that training from scratch finds nothing else.</summary>
    private static LinearHead IsFromScratch(LinearHead start, int[] rows, HeadOptions options)
    {
        var (grown, scratch) = (Retrain(start, rows, options), Train(rows, options));
        Assert.Multiple(() =>
        {
            Assert.That(grown.Certificate.Converged);
            Assert.That(grown.Labels, Is.EqualTo(scratch.Labels));
            Assert.That(grown.Certificate.Objective, Is.GreaterThanOrEqualTo(scratch.Certificate.DualBound * (1 - 1e-12)));
            Assert.That(scratch.Certificate.Objective, Is.GreaterThanOrEqualTo(grown.Certificate.DualBound * (1 - 1e-12)));
            Assert.That(grown.Certificate.Objective, Is.EqualTo(scratch.Certificate.Objective).Within(100 * Gap).Percent);
            Assert.That(grown.Weights.ToArray(), Is.EqualTo(scratch.Weights.ToArray()).Within(1e-2));
        });
        return grown;
    }

    private static LinearHead Train(int[] rows, HeadOptions options) =>
        LinearHead.Train(All.Codes.Select(rows), [.. rows.Select(static i => All.Labels[i])], options);

    private static LinearHead Retrain(LinearHead head, int[] rows, HeadOptions options) =>
        head.Retrain(All.Codes.Select(rows), [.. rows.Select(static i => All.Labels[i])], options);

    private static int[] Rows(params string[] labels) => [.. Enumerable.Range(0, 300).Where(i => labels.Contains(All.Labels[i]))];

    private static (CodeMatrix Codes, string[] Labels) Make()
    {
        var (codes, truth) = Problems.Make(300, 12, 4, 31);
        return (codes, [.. truth.Select(static k => Problems.Names(4)[k])]);
    }
}
