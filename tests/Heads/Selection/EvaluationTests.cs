using System.Globalization;
using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class EvaluationTests
{
    [Test]
    public void Counts_by_truth_and_prediction()
    {
        var evaluation = Evaluation.Of(["a", "b", "c"], [0, 0, 1, 1, 1], [0, 1, 1, 1, 2]);
        Assert.That(evaluation.Confusion, Is.EqualTo(new[] { new[] { 1, 1, 0 }, [0, 2, 1], [0, 0, 0] }));
        Assert.That(evaluation.Images, Is.EqualTo(5));
        Assert.That(evaluation.Accuracy, Is.EqualTo(0.6));
        Assert.That(evaluation.AccuracyInterval, Is.EqualTo(Interval.Wilson(3, 5)));
        Assert.That(evaluation.PerClass[1], Is.EqualTo(new ClassEvaluation("b", 3, 2, 2.0 / 3, Interval.Wilson(2, 3))));
        Assert.That(evaluation.PerClass[2].Accuracy, Is.NaN);
    }

    [Test]
    public void Means_over_classes_leave_out_those_that_cannot_count()
    {
        // Recalls 1/2 and 2/3 (c and d do not occur); F1 2/3, 4/6 and 0 (c is predicted, d is not).
        var evaluation = Evaluation.Of(["a", "b", "c", "d"], [0, 0, 1, 1, 1], [0, 1, 1, 1, 2]);
        Assert.That(evaluation.BalancedAccuracy.Value, Is.EqualTo((0.5 + (2.0 / 3)) / 2).Within(1e-15));
        Assert.That(evaluation.MacroF1.Value, Is.EqualTo(((2.0 / 3) + (4.0 / 6) + 0) / 3).Within(1e-15));
        Assert.That(evaluation.LogLoss, Is.Null);
        Assert.That(evaluation.CalibrationError, Is.Null);
    }

    [Test]
    public void Loss_and_calibration_by_hand()
    {
        // Confidences 0.9 (right), 0.9 (wrong), 0.6 (right), 1/3 on the edge of bins 5 and 6 (the first class: right).
        double[] probabilities = [0.9, 0.1, 0, 0.9, 0.1, 0, 0.2, 0.6, 0.2, 1.0 / 3, 1.0 / 3, 1.0 / 3];
        var evaluation = Evaluation.Of(["a", "b", "c"], [0, 1, 1, 0], probabilities);
        Assert.That(evaluation.Accuracy, Is.EqualTo(0.75));
        Assert.That(evaluation.LogLoss!.Value.Value, Is.EqualTo(-Math.Log(0.9 * 0.1 * 0.6 / 3) / 4).Within(1e-15));
        Assert.That(evaluation.CalibrationError!.Value.Value, Is.EqualTo((Math.Abs(1 - 1.8) + 0.4 + (2.0 / 3)) / 4).Within(1e-15));
    }

    [Test]
    public void A_certain_mistake_is_dear_but_not_infinite()
    {
        var evaluation = Evaluation.Of(["a", "b"], [0, 0], new double[] { 0, 1, 1, 0 });
        Assert.That(evaluation.LogLoss!.Value.Value, Is.EqualTo(-Math.Log(Math.Pow(2, -52)) / 2).Within(1e-12));
        Assert.That(evaluation.CalibrationError!.Value.Value, Is.EqualTo(0.5));
    }

    [Test]
    [Category("Slow")]
    public void Scikit_learn_counts_the_same()
    {
        if (!Python.Has("sklearn"))
        {
            Assert.Ignore("needs Python with scikit-learn");
        }

        var (truth, probabilities) = Guesses(300, 5, 3);
        var evaluation = Evaluation.Of(Problems.Names(5), truth, probabilities);
        var theirs = Python.Run(
            """
            import sys, numpy as np
            from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss
            y = np.array(sys.argv[1].split(), int)
            p = np.array(sys.argv[2].split(), float).reshape(len(y), -1)
            print(balanced_accuracy_score(y, p.argmax(1)), f1_score(y, p.argmax(1), average="macro"), log_loss(y, p, labels=range(p.shape[1])))
            hit, sure = p.argmax(1) == y, p.max(1)
            within = [(sure > m / 15) & (sure <= (m + 1) / 15) for m in range(15)]
            print(sum(b.mean() * abs(hit[b].mean() - sure[b].mean()) for b in within if b.any()))
            """,
            string.Join(' ', truth),
            string.Join(' ', probabilities.Select(static p => p.ToString("R", CultureInfo.InvariantCulture))));
        double[] ours =
        [
            evaluation.BalancedAccuracy.Value, evaluation.MacroF1.Value, evaluation.LogLoss!.Value.Value, evaluation.CalibrationError!.Value.Value,
        ];
        Assert.That(
            theirs.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(static text => double.Parse(text, CultureInfo.InvariantCulture)),
            Is.EqualTo(ours).Within(1e-12));
    }

    [Test]
    public void Intervals_hold_their_values_and_narrow_with_more_images()
    {
        var (few, many) = (Estimates(100), Estimates(2500));
        for (var i = 0; i < few.Length; i++)
        {
            Assert.That(many[i].Interval.Low < many[i].Value && many[i].Value < many[i].Interval.High);
            Assert.That(Width(many[i]), Is.EqualTo(Width(few[i]) / 5).Within(35).Percent);
        }

        static double Width(MetricEstimate of) => of.Interval.High - of.Interval.Low;
        static MetricEstimate[] Estimates(int images)
        {
            var (truth, probabilities) = Guesses(images, 4, 7);
            var of = Evaluation.Of(Problems.Names(4), truth, probabilities.ToArray());
            return [of.BalancedAccuracy, of.MacroF1, of.LogLoss!.Value];
        }
    }

    [Test]
    public void The_bootstrap_of_a_share_is_near_its_normal_interval()
    {
        // Two classes of 200 predicted right 160 and 100 times: independent images as groups of one.
        int[] truth = [.. Enumerable.Range(0, 400).Select(static i => i / 200)];
        int[] predicted = [.. Enumerable.Range(0, 400).Select(static i => i < 160 || i is >= 200 and < 300 ? i / 200 : 1 - (i / 200))];
        var evaluation = Evaluation.Of(["a", "b"], truth, predicted, [.. Enumerable.Range(0, 400)]);
        var half = 1.96 * Math.Sqrt(0.65 * 0.35 / 400);
        Assert.That(evaluation.AccuracyInterval.Low, Is.EqualTo(0.65 - half).Within(0.006));
        Assert.That(evaluation.AccuracyInterval.High, Is.EqualTo(0.65 + half).Within(0.006));
    }

    [Test]
    public void Groups_of_copies_widen_intervals_to_those_of_the_originals()
    {
        var (truth, probabilities) = Guesses(60, 3, 11);
        var once = Evaluation.Of(Problems.Names(3), truth, probabilities);
        var tenfold = Evaluation.Of(
            Problems.Names(3), [.. truth.SelectMany(static k => Enumerable.Repeat(k, 10))],
            probabilities.Chunk(3).SelectMany(static row => Enumerable.Repeat(row, 10)).SelectMany(static row => row).ToArray(),
            [.. Enumerable.Range(0, 600).Select(static i => i / 10)]);
        Assert.That(tenfold.LogLoss!.Value.Value, Is.EqualTo(once.LogLoss!.Value.Value).Within(1e-12));
        Assert.That(tenfold.LogLoss.Value.Interval.Low, Is.EqualTo(once.LogLoss.Value.Interval.Low).Within(1e-12));
        Assert.That(tenfold.MacroF1.Interval.High, Is.EqualTo(once.MacroF1.Interval.High).Within(1e-12));
        Assert.That(tenfold.AccuracyInterval.High - tenfold.AccuracyInterval.Low, Is.GreaterThan(0.15));
    }

    [Test]
    public void Every_metric_lies_within_its_range() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[2, 6], Gen.Int[0, 1000]).Sample((images, classes, seed) =>
        {
            var (truth, probabilities) = Guesses(images, classes, seed);
            var of = Evaluation.Of(Problems.Names(classes), truth, probabilities);
            double[] shares = [of.Accuracy, of.BalancedAccuracy.Value, of.MacroF1.Value, of.CalibrationError!.Value.Value];
            return shares.All(static share => share is >= 0 and <= 1) && of.LogLoss!.Value.Value >= 0;
        }, iter: 50);

    [Test]
    public void What_cannot_be_counted_is_refused()
    {
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a"], [0], Array.Empty<int>()), "1 labels", "0 predictions");
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a"], [0], [1]), "Image 0");
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a"], [0], [0], [1, 2]), "1 labels", "2 groups");
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a", "b"], [0], new double[] { 1 }), "1 probabilities", "2 classes");
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a", "b"], [2], new double[] { 1, 0 }), "Image 0", "class 2");
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a", "b"], [0], new double[] { 1.5, -0.5 }), "Image 0", "1.5");
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a", "b"], [0], new double[] { double.NaN, 1 }), "Image 0", "NaN");
        Sentences.Fails(FailureKind.Usage, () => Evaluation.Of(["a"], [new(0, 0, double.NaN, double.NaN), new(0, 0, 1, 1)]), "Image 1", "for all or none");
    }

    /// <summary>Labels, and the softmax of scores that lean towards them.</summary>
    private static (int[] Truth, double[] Probabilities) Guesses(int images, int classes, int seed)
    {
        var random = new Random(seed);
        var truth = new int[images];
        var probabilities = new double[images * classes];
        for (var i = 0; i < images; i++)
        {
            truth[i] = random.Next(classes);
            var row = probabilities.AsSpan(i * classes, classes);
            for (var k = 0; k < classes; k++)
            {
                row[k] = (3 * random.NextDouble()) + (k == truth[i] ? 1.2 : 0);
            }

            SoftmaxLoss.Probabilities(row);
        }

        return (truth, probabilities);
    }
}
