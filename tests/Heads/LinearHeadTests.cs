namespace OnnxTransfer.Heads.Tests;

public class LinearHeadTests
{
    private static readonly Certificate Proof = new(1, 1, 1, 0, true);

    [Test]
    public void Classes_are_the_labels_in_ordinal_order()
    {
        var (codes, truth) = Problems.Make(60, 6, 3, 1);
        string[] names = ["b", "B", "a"];
        var head = LinearHead.Train(codes, [.. truth.Select(k => names[k])], new() { C = 1 });
        Assert.That(head.Labels, Is.EqualTo(new[] { "B", "a", "b" }));
        Assert.That(head.Accuracy(codes, [.. truth.Select(k => names[k])]), Is.GreaterThan(0.5));
    }

    [Test]
    public void Scores_are_W_x_plus_b_and_probabilities_their_softmax()
    {
        var head = new LinearHead(["a", "b"], new double[] { 1, 2, 3, -1, 0, 0.5 }, 2, HeadLoss.Softmax, 1, Proof);
        var (scores, probabilities) = (new double[2], new double[2]);
        head.Scores([10, 20], scores);
        head.Probabilities([0, 0], probabilities);
        Assert.That(scores, Is.EqualTo(new[] { 53, -9.5 }));
        Assert.That(probabilities[0], Is.EqualTo(1 / (1 + Math.Exp(-2.5))).Within(1e-15));
        Assert.That(probabilities.Sum(), Is.EqualTo(1).Within(1e-15));
    }

    [Test]
    public void Of_equal_scores_the_first_class_wins()
    {
        var head = new LinearHead(["a", "b", "c"], new double[] { 0, 0, 0, 1, 0, 1 }, 1, HeadLoss.Softmax, 1, Proof);
        Assert.That(head.Predict(new CodeMatrix(new float[] { 7 }, 1, 1)), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Standardised_weights_apply_to_raw_codes()
    {
        var (codes, truth) = Problems.Make(200, 8, 3, 9, 50);
        var standard = Problems.Standardized(codes);
        var options = new HeadOptions { C = 0.1, RelativeGap = 1e-6 };
        var folded = Problems.Train(codes, truth, options with { Standardize = true });
        var plain = Problems.Train(standard, truth, options);
        var (one, other) = (new double[3], new double[3]);
        for (var i = 0; i < codes.Rows; i++)
        {
            folded.Scores(codes.Row(i), one);
            plain.Scores(standard.Row(i), other);
            Assert.That(one, Is.EqualTo(other).Within(1e-5));
        }
    }

    [Test]
    public void Standardised_columns_have_mean_0_and_variance_1_or_are_zero()
    {
        var (codes, _) = Problems.Make(333, 70, 2, 9);
        var values = codes.Values.ToArray();
        for (var i = 0; i < 333; i++)
        {
            values[(i * 70) + 66] = 0.1f;
        }

        var raw = new CodeMatrix(values, 333, 70);
        var standard = Problems.Standardized(raw);
        for (var d = 0; d < 70; d++)
        {
            var column = Enumerable.Range(0, 333).Select(i => (double)standard.Row(i)[d]).ToArray();
            Assert.That(column.Average(), Is.EqualTo(0).Within(1e-6));
            Assert.That(column.Average(static value => value * value), Is.EqualTo(d == 66 ? 0 : 1).Within(1e-6));
        }
    }

    [Test]
    public void What_cannot_be_trained_is_one_sentence()
    {
        var (codes, truth) = Problems.Make(20, 3, 2, 1);
        var labels = Problems.Names(2);
        var bad = codes.Values.ToArray();
        bad[7 * 3] = float.NaN;
        var infinite = codes.Values.ToArray();
        infinite[2] = float.PositiveInfinity;
        void Fails(FailureKind kind, CodeMatrix x, int[] y, string[] names, HeadOptions options, params string[] words) =>
            Sentences.Fails(kind, () => LinearHead.Train(x, y, names, options), words);
        Assert.Multiple(() =>
        {
            Fails(FailureKind.Data, new(bad, 20, 3), truth, labels, new() { C = 1 }, "Code 7", "NaN");
            Fails(FailureKind.Data, new(infinite, 20, 3), truth, labels, new() { C = 1 }, "Code 0", "infinity");
            Fails(FailureKind.Data, codes, new int[20], ["a"], new() { C = 1 }, "only 'a'");
            Fails(FailureKind.Data, codes, truth, Problems.Names(3), new() { C = 1 }, "class002", "no image");
            Fails(FailureKind.Usage, codes, truth[..19], labels, new() { C = 1 }, "20 codes", "19 labels");
            Fails(FailureKind.Usage, codes, [.. truth[..19], 2], labels, new() { C = 1 }, "index is 2");
            Fails(FailureKind.Usage, codes, [.. truth[..19], int.MaxValue], labels, new() { C = 1 }, "index is 2147483647");
            Fails(FailureKind.Usage, codes, [.. truth[..19], -1], labels, new() { C = 1 }, "index is -1");
            Fails(FailureKind.Usage, codes, truth, ["a", "a"], new() { C = 1 }, "named twice");
            Fails(FailureKind.Usage, codes, truth, labels, new() { C = 0 }, "C is 0");
            Fails(FailureKind.Usage, codes, truth, labels, new() { C = double.NaN }, "C is NaN");
            Fails(FailureKind.Usage, codes, truth, labels, new() { C = 1, RelativeGap = 0 }, "gap");
            Fails(FailureKind.Usage, codes, truth, labels, new() { C = 1, MaxPasses = 0 }, "pass");
            Fails(FailureKind.Data, new(default, 0, 3), [], [], new() { C = 1 }, "none");
        });
    }

    [Test]
    public void Codes_too_large_for_float32_products_are_said_so()
    {
        var (codes, truth) = Problems.Make(50, 4, 2, 1, 1e30f);
        Sentences.Fails(FailureKind.Mathematics, () => Problems.Train(codes, truth, new() { C = 1 }), "too large");
        Sentences.Fails(FailureKind.Mathematics, () => Problems.Train(codes, truth, new()), "too large");
    }

    [Test]
    public void Evaluating_says_which_label_is_unknown()
    {
        var (codes, truth) = Problems.Make(20, 3, 2, 1);
        var head = Problems.Train(codes, truth, new() { C = 1 });
        Sentences.Fails(FailureKind.Data, () => head.Evaluate(codes, [.. Enumerable.Repeat("zebra", 20)]), "zebra", "2 classes");
        Sentences.Fails(FailureKind.Usage, () => head.Evaluate(codes, ["class000"]), "1 labels", "20 predictions");
        Sentences.Fails(FailureKind.Usage, () => head.Predict(new CodeMatrix(new float[4], 1, 4)), "codes of 3", "have 4");
        Sentences.Fails(FailureKind.Data, () => head.Accuracy(new CodeMatrix(default, 0, 3), []), "no code");
    }
}
