using System.Runtime.InteropServices;

namespace OnnxTransfer.Heads.Tests;

public class ClosedFormTrainingTests
{
    private static IEnumerable<HeadLoss> ClosedForms => Enum.GetValues<HeadLoss>().Where(static loss => loss.IsClosedForm());

    [Test]
    public void The_certificate_is_the_within_class_sum_of_squares([ValueSource(nameof(ClosedForms))] HeadLoss loss)
    {
        var codes = new CodeMatrix(new float[] { 0, 0, 2, 0, 5, 5, 5, 9 }, 4, 2);
        var head = LinearHead.Train(codes, ["a", "a", "b", "b"], new() { Loss = loss });
        Assert.That(head.Certificate.Objective, Is.EqualTo(10).Within(1e-12));
        Assert.That(head.Certificate.RelativeGap, Is.Zero);
        Assert.That(head.Certificate.Converged);
        Assert.That((head.Loss, head.C, head.Selection), Is.EqualTo((loss, 0.0, (CSelection?)null)));
    }

    [Test]
    public void The_bits_are_the_same_for_any_number_of_threads(
        [ValueSource(nameof(ClosedForms))] HeadLoss loss, [Values] bool standardize, [Values(20, 90)] int rows)
    {
        var (codes, truth) = Problems.Make(rows, 50, 3, 4);
        ReadOnlySpan<long> Bits(int threads) => MemoryMarshal.Cast<double, long>(
            Problems.Train(codes, truth, new() { Loss = loss, Standardize = standardize, Threads = threads }).Weights.Span);
        Assert.That(Bits(1).ToArray(), Is.EqualTo(Bits(3).ToArray()));
    }

    [Test]
    public void Weights_and_intercepts_sum_to_zero_over_the_classes([ValueSource(nameof(ClosedForms))] HeadLoss loss, [Values(2, 5)] int classes)
    {
        var (codes, truth) = Problems.Make(40, 6, classes, 4);
        var weights = Problems.Train(codes, truth, new() { Loss = loss }).Weights.ToArray();
        for (var d = 0; d < 7; d++)
        {
            Assert.That(Enumerable.Range(0, classes).Sum(k => weights[(k * 7) + d]), Is.Zero.Within(1e-10));
        }
    }

    [Test]
    public void What_cannot_be_trained_is_one_sentence([ValueSource(nameof(ClosedForms))] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(20, 3, 2, 1);
        var bad = codes.Values.ToArray();
        bad[7 * 3] = float.NaN;
        var options = new HeadOptions { Loss = loss };
        Sentences.Fails(FailureKind.Usage, () => Problems.Train(codes, truth, options with { C = 1 }), loss.ToText(), "no C");
        Sentences.Fails(FailureKind.Usage, () => Problems.Train(codes, truth, options with { RegularizeIntercept = true }), loss.ToText(), "intercepts");
        Sentences.Fails(FailureKind.Data, () => Problems.Train(new CodeMatrix(bad, 20, 3), truth, options), "Code 7", "NaN");
        Sentences.Fails(FailureKind.Data, () => LinearHead.Train(codes, new int[20], ["a"], options), "only 'a'");
    }

    [Test]
    public void Losses_have_spellings_that_are_read_back()
    {
        Assert.That(HeadLossNames.All, Is.EquivalentTo(Enum.GetValues<HeadLoss>().Select(static loss => loss.ToText())));
        Assert.That(HeadLossNames.All.Select(text => HeadLossNames.Parse(text).ToText()), Is.EqualTo(HeadLossNames.All));
    }
}
