namespace OnnxTransfer.Heads.Tests;

public class LinearHeadMultiLabelTests
{
    private static readonly Certificate Proof = new(1, 1, 1, 0, true);

    [Test]
    public void One_label_per_code_is_the_one_versus_rest_head_bit_for_bit([MultiLabel] HeadLoss loss, [Values] bool weighted, [Values] bool standardize)
    {
        var (codes, truth) = Problems.Make(240, 13, 4, 7);
        var options = new HeadOptions
        {
            Loss = loss,
            C = 1,
            Standardize = standardize,
            SampleWeights = weighted ? [.. Enumerable.Range(0, 240).Select(static i => 0.5 + (i % 3))] : null,
        };
        var single = Problems.Train(codes, truth, options);
        var several = LinearHead.TrainMultiLabel(codes, [.. truth.Select(static k => new[] { Problems.Names(4)[k] })], options);
        Assert.That(several.Labels, Is.EqualTo(single.Labels));
        Assert.That(several.Weights.ToArray(), Is.EqualTo(single.Weights.ToArray()));
        Assert.That(several.Certificate with { Seconds = 0 }, Is.EqualTo(single.Certificate with { Seconds = 0 }));
        Assert.That((several.IsMultiLabel, single.IsMultiLabel, several.Standardized), Is.EqualTo((true, false, standardize)));
    }

    [Test]
    public void Labels_by_index_are_the_heads_in_the_order_given()
    {
        var (codes, labels) = Make();
        var options = new HeadOptions { Loss = HeadLoss.Logistic, C = 1 };
        string[] order = ["c", "a", "b"];
        int[][] sets = [.. labels.Select(of => of.Select(label => Array.IndexOf(order, label)).ToArray())];
        var (byIndex, byName) = (LinearHead.TrainMultiLabel(codes, sets, order, options), LinearHead.TrainMultiLabel(codes, labels, options));
        Assert.That(byIndex.Labels, Is.EqualTo(order));
        for (var k = 0; k < 3; k++)
        {
            var row = byName.Weights.Slice("abc".IndexOf(order[k], StringComparison.Ordinal) * 9, 9).ToArray();
            Assert.That(byIndex.Weights.Slice(k * 9, 9).ToArray(), Is.EqualTo(row).Within(2e-2));
        }

        Assert.Multiple(() =>
        {
            Sentences.Fails(FailureKind.Usage, () => LinearHead.TrainMultiLabel(codes, [.. sets[..199], [3]], order, options), "code 199", "0 to 2");
            Sentences.Fails(FailureKind.Usage, () => LinearHead.TrainMultiLabel(codes, [[1, -1], .. sets[1..]], order, options), "code 0", "0 to 2");
            Sentences.Fails(FailureKind.Usage, () => LinearHead.TrainMultiLabel(codes, sets, ["a", "b", "a"], options), "'a'", "named twice");
            Sentences.Fails(FailureKind.Data, () => LinearHead.TrainMultiLabel(codes, sets, [.. order, "d"], options), "No code", "'d'");
        });
    }

    [Test]
    public void The_certificate_bounds_what_plain_loops_find([MultiLabel] HeadLoss loss, [Values(0.01, 1, 100)] double c, [Values] bool penalizeIntercept)
    {
        var (codes, labels) = Make();
        var options = new HeadOptions { Loss = loss, C = c, RelativeGap = 1e-6, RegularizeIntercept = penalizeIntercept };
        var tight = LinearHead.TrainMultiLabel(codes, labels, options);
        var loose = LinearHead.TrainMultiLabel(codes, labels, options with { RelativeGap = 1e-2 });
        var found = Objective(codes, labels, tight, penalizeIntercept);
        Assert.Multiple(() =>
        {
            Assert.That(tight.Certificate.Converged);
            Assert.That(tight.Certificate.RelativeGap, Is.InRange(0, 1e-6));
            Assert.That(tight.Certificate.Objective, Is.EqualTo(found).Within(1e-9).Percent);
            Assert.That(loose.Certificate.DualBound, Is.LessThanOrEqualTo(found * (1 + 1e-12)));
        });
    }

    [Test]
    public void Every_label_is_a_problem_of_its_own([MultiLabel] HeadLoss loss)
    {
        var (codes, labels) = Make();
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = 1e-7 };
        var together = LinearHead.TrainMultiLabel(codes, labels, options);
        var sum = 0.0;
        for (var k = 0; k < together.Labels.Count; k++)
        {
            var label = together.Labels[k];
            var alone = LinearHead.TrainMultiLabel(codes, [.. labels.Select(of => of.Where(name => name == label).ToArray())], options);
            Assert.That(alone.Labels, Is.EqualTo(new[] { label }));
            Assert.That(together.Weights.Slice(k * 9, 9).ToArray(), Is.EqualTo(alone.Weights.ToArray()).Within(2e-3), label);
            sum += alone.Certificate.Objective;
        }

        Assert.That(together.Certificate.Objective, Is.EqualTo(sum).Within(1e-5).Percent);
    }

    [Test]
    public void A_code_without_labels_counts_as_one_that_each_label_is_false_of()
    {
        var (codes, labels) = Make();
        Assert.That(labels.Count(static of => of.Length == 0), Is.GreaterThan(10));
        var options = new HeadOptions { Loss = HeadLoss.Logistic, C = 1, RelativeGap = 1e-6 };
        var head = LinearHead.TrainMultiLabel(codes, labels, options);
        int[] some = [.. Enumerable.Range(0, codes.Rows).Where(i => labels[i].Length > 0)];
        var without = LinearHead.TrainMultiLabel(codes.Select(some), [.. some.Select(i => labels[i])], options);
        Assert.That(head.Certificate.Objective, Is.GreaterThan(1.01 * without.Certificate.Objective));
        Assert.That(head.Certificate.Objective, Is.EqualTo(Objective(codes, labels, head, false)).Within(1e-9).Percent);
    }

    [Test]
    public void The_order_and_number_of_a_codes_labels_mean_nothing()
    {
        var (codes, labels) = Make();
        var options = new HeadOptions { Loss = HeadLoss.Logistic, C = 1 };
        var one = LinearHead.TrainMultiLabel(codes, labels, options);
        var other = LinearHead.TrainMultiLabel(codes, [.. labels.Select(static of => of.Reverse().Concat(of).ToArray())], options);
        Assert.That(one.Labels, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(other.Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()));
    }

    [Test]
    public void The_bits_are_the_same_for_any_number_of_threads([MultiLabel] HeadLoss loss)
    {
        var (codes, labels) = Make();
        var options = new HeadOptions { Loss = loss, C = 1, Threads = 1 };
        Assert.That(
            LinearHead.TrainMultiLabel(codes, labels, options with { Threads = 3 }).Weights.ToArray(),
            Is.EqualTo(LinearHead.TrainMultiLabel(codes, labels, options).Weights.ToArray()));
    }

    [Test]
    public void Probabilities_are_the_sigmoid_of_each_score_and_labels_above_one_half_are_predicted()
    {
        var head = new LinearHead(["a", "b", "c"], new double[] { 1, 0, 2, 1, -1, -1000 }, 1, HeadLoss.Logistic, 1, Proof) { IsMultiLabel = true };
        var probabilities = new double[3];
        head.Probabilities([1], probabilities);
        Assert.That(probabilities, Is.EqualTo(new[] { 1 / (1 + Math.Exp(-1)), 1 / (1 + Math.Exp(-3)), 0 }).Within(1e-15));
        Assert.That(
            head.PredictMultiLabel(new CodeMatrix(new float[] { 1, 0, -1 }, 3, 1)),
            Is.EqualTo(new[] { new[] { 0, 1 }, [1], [] }));
    }

    [Test]
    public void Evaluating_counts_every_code_and_label()
    {
        var head = new LinearHead(["a", "b", "c"], new double[] { 1, 0, 2, 1, -1, -1000 }, 1, HeadLoss.Logistic, 1, Proof) { IsMultiLabel = true };
        var found = head.EvaluateMultiLabel(new CodeMatrix(new float[] { 1, 0, -1 }, 3, 1), [["b"], ["a", "b"], ["b"]]);
        Assert.That(found.PerLabel, Is.EqualTo(new LabelEvaluation[] { new("a", 3, 0, 1, 1), new("b", 3, 2, 0, 1), new("c", 3, 0, 0, 0) }));
        Assert.That(found.Accuracy, Is.EqualTo(6 / 9.0).Within(1e-15));
        Assert.That(found.MicroF1, Is.EqualTo(4 / 7.0).Within(1e-15));
    }

    [Test]
    public void Retraining_gives_the_optimum_from_scratch([MultiLabel] HeadLoss loss)
    {
        var (codes, labels) = Make();
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = 1e-6 };
        int[] some = [.. Enumerable.Range(0, 180)];
        var before = LinearHead.TrainMultiLabel(codes.Select(some), [.. labels.Take(180).Select(static of => of.Where(static label => label != "b").ToArray())], options);
        var (grown, scratch) = (before.RetrainMultiLabel(codes, labels, options), LinearHead.TrainMultiLabel(codes, labels, options));
        Assert.That((before.Labels.Count, grown.Labels.Count, grown.IsMultiLabel), Is.EqualTo((2, 3, true)));
        Assert.That(grown.Certificate.Converged);
        Assert.That(grown.Certificate.Objective, Is.EqualTo(scratch.Certificate.Objective).Within(1e-4).Percent);
        Assert.That(grown.Weights.ToArray(), Is.EqualTo(scratch.Weights.ToArray()).Within(1e-2));
    }

    [Test]
    public void What_cannot_be_trained_is_one_sentence()
    {
        var (codes, labels) = Make();
        var options = new HeadOptions { Loss = HeadLoss.Logistic, C = 1 };
        void Fails(FailureKind kind, string[][] of, HeadOptions how, params string[] words) =>
            Sentences.Fails(kind, () => LinearHead.TrainMultiLabel(codes, of, how), words);
        var bad = codes.Values.ToArray();
        bad[9 * 8] = float.NaN;
        Assert.Multiple(() =>
        {
            Fails(FailureKind.Usage, labels, options with { Loss = HeadLoss.Softmax }, "softmax", "logistic");
            Fails(FailureKind.Usage, labels, options with { Loss = HeadLoss.CrammerSinger }, "crammer-singer", "logistic");
            Fails(FailureKind.Usage, labels, options with { Loss = HeadLoss.Lda }, "lda", "logistic");
            Fails(FailureKind.Usage, labels, options with { C = null }, "given C");
            Fails(FailureKind.Usage, labels, options with { C = -1 }, "C is -1");
            Fails(FailureKind.Usage, labels, options with { BalanceClasses = true }, "Weights of classes");
            Fails(FailureKind.Usage, labels, options with { SampleWeights = [1] }, "200 codes", "1 sample weights");
            Fails(FailureKind.Usage, labels, options with { SampleWeights = [.. Enumerable.Repeat(-1.0, 200)] }, "code 0", "is -1");
            Fails(FailureKind.Data, labels, options with { SampleWeights = new double[200] }, "All sample weights are 0");
            Fails(FailureKind.Usage, labels[..199], options, "200 codes", "199 sets");
            Fails(FailureKind.Data, [.. labels.Select(static _ => Array.Empty<string>())], options, "No code has a label");
            Fails(FailureKind.Data, [.. labels.Select(static of => of.Append("everywhere").ToArray())], options, "Every code", "'everywhere'");
            Fails(
                FailureKind.Data, labels, options with { SampleWeights = [.. labels.Select(static of => of.Contains("b") ? 0.0 : 1)] }, "No code", "'b'");
            Sentences.Fails(FailureKind.Data, () => LinearHead.TrainMultiLabel(new CodeMatrix(bad, 200, 8), labels, options), "Code 9", "NaN");
        });
    }

    [Test]
    public void What_is_for_one_label_per_code_is_refused_and_the_other_way_round()
    {
        var (codes, labels) = Make();
        var several = LinearHead.TrainMultiLabel(codes, labels, new() { Loss = HeadLoss.Logistic, C = 1 });
        string[] single = [.. labels.Select(static of => of.Length > 0 ? "a" : "b")];
        var one = LinearHead.Train(codes, single, new() { C = 1 });
        Assert.Multiple(() =>
        {
            Sentences.Fails(FailureKind.Usage, () => several.Predict(codes), "multi-label", "Predict");
            Sentences.Fails(FailureKind.Usage, () => several.Evaluate(codes, single), "multi-label", "Evaluate");
            Sentences.Fails(FailureKind.Usage, () => several.Accuracy(codes, single), "multi-label");
            Sentences.Fails(FailureKind.Usage, () => several.Calibrate(codes, single), "multi-label", "Calibrate");
            Sentences.Fails(FailureKind.Usage, () => several.Retrain(codes, single), "multi-label", "RetrainMultiLabel");
            Sentences.Fails(FailureKind.Usage, () => one.PredictMultiLabel(codes), "one label per code");
            Sentences.Fails(FailureKind.Usage, () => one.EvaluateMultiLabel(codes, labels), "one label per code");
            Sentences.Fails(FailureKind.Usage, () => several.EvaluateMultiLabel(codes, labels[..3]), "200 codes", "3 sets");
            Sentences.Fails(FailureKind.Data, () => several.EvaluateMultiLabel(codes, [.. labels.Select(static _ => new[] { "zebra" })]), "zebra");
            Sentences.Fails(FailureKind.Usage, () => several.PredictMultiLabel(new CodeMatrix(new float[4], 1, 4)), "codes of 8", "have 4");
            Sentences.Fails(FailureKind.Data, () => several.EvaluateMultiLabel(new CodeMatrix(default, 0, 8), []), "no code");
        });
    }

    [Test]
    public void A_calibration_is_for_one_label_per_code()
    {
        LinearHead Head() => new(["a", "b"], new double[4], 1, HeadLoss.Logistic, 1, Proof) { IsMultiLabel = true, Calibration = Calibration.OfTemperature(1, 2) };
        LinearHead Other() => new(["a", "b"], new double[4], 1, HeadLoss.Logistic, 1, Proof) { Calibration = Calibration.OfTemperature(1, 2), IsMultiLabel = true };
        Assert.Throws<ArgumentException>(() => Head());
        Assert.Throws<ArgumentException>(() => Other());
    }

    /// <summary>The objective in plain float64 loops.</summary>
    private static double Objective(CodeMatrix codes, string[][] labels, LinearHead head, bool penalizeIntercept)
    {
        var w = head.Weights.Span;
        var value = 0.0;
        for (var j = 0; j < w.Length; j++)
        {
            value += j % 9 < 8 || penalizeIntercept ? 0.5 * w[j] * w[j] : 0;
        }

        var scores = new double[head.Labels.Count];
        for (var i = 0; i < codes.Rows; i++)
        {
            head.Scores(codes.Row(i), scores);
            for (var k = 0; k < scores.Length; k++)
            {
                // One class alone is a sum of one margin, whose sign says whether it is true.
                value += head.C * Problems.Loss(head.Loss, [scores[k]], labels[i].Contains(head.Labels[k]) ? 0 : -1);
            }
        }

        return value;
    }

    /// <summary>Codes of 8 numbers, each label true of about a third of the rows, so that many have two and many none.</summary>
    private static (CodeMatrix Codes, string[][] Labels) Make()
    {
        var (codes, truth) = Problems.Make(200, 8, 3, 41);
        string[] names = ["c", "a", "b"];
        return (codes, [.. truth.Select((k, i) => (i % 4) switch
        {
            0 => Array.Empty<string>(),
            1 => [names[k], names[(k + 1) % 3]],
            _ => [names[k]],
        })]);
    }

    /// <summary>The losses that take any number of true classes.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    private sealed class MultiLabelAttribute() : ValuesAttribute(HeadLoss.Logistic, HeadLoss.SquaredHinge, HeadLoss.Hinge, HeadLoss.Ridge);
}
