namespace OnnxTransfer.Heads.Tests;

public class RowWeightsTests
{
    [Test]
    public void Whole_weights_are_rows_repeated_and_zeros_rows_left_out([Minimised] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(90, 7, 3, 5);
        int[] counts = [.. Enumerable.Range(0, 90).Select(static i => i % 4)];
        int[] rows = [.. counts.SelectMany(static (count, i) => Enumerable.Repeat(i, count))];
        var options = new HeadOptions { Loss = loss, C = 1, RelativeGap = 1e-7 };
        var weighted = Problems.Train(codes, truth, options with { SampleWeights = [.. counts.Select(static count => (double)count)] });
        var repeated = Problems.Train(codes.Select(rows), Array.ConvertAll(rows, row => truth[row]), options);
        Assert.That(weighted.Certificate.Objective, Is.EqualTo(repeated.Certificate.Objective).Within(1e-4).Percent);
        Assert.That(weighted.Weights.ToArray(), Is.EqualTo(repeated.Weights.ToArray()).Within(2e-2));
    }

    [Test]
    public void What_cannot_weigh_is_one_sentence()
    {
        var (codes, truth) = Problems.Make(20, 3, 2, 1);
        double[] ones = [.. Enumerable.Repeat(1.0, 20)];
        void Fails(FailureKind kind, double[] weights, HeadLoss loss, params string[] words) => Sentences.Fails(
            kind,
            () => Problems.Train(codes, truth, new() { Loss = loss, C = loss.IsClosedForm() ? null : 1, SampleWeights = weights }),
            words);
        Assert.Multiple(() =>
        {
            Fails(FailureKind.Usage, ones[..19], HeadLoss.Softmax, "20 codes", "19 sample weights");
            Fails(FailureKind.Usage, [.. ones[..19], -0.5], HeadLoss.Softmax, "code 19", "is -0.5");
            Fails(FailureKind.Usage, [.. ones[..7], double.NaN, .. ones[8..]], HeadLoss.Softmax, "code 7", "is NaN");
            Fails(FailureKind.Usage, [double.PositiveInfinity, .. ones[1..]], HeadLoss.Softmax, "code 0", "Infinity");
            Fails(FailureKind.Data, new double[20], HeadLoss.Softmax, "All sample weights are 0");
            Fails(FailureKind.Data, [.. truth.Select(static k => (double)k)], HeadLoss.Softmax, "'class000'", "weigh nothing");
            Fails(FailureKind.Usage, ones, HeadLoss.Lda, "lda", "no sample weights");
        });
    }
}
