namespace OnnxTransfer.Heads.Tests;

/// <summary>Codes that are degenerate or extreme: the right answer, by plain loops and by the certificate, or one clear sentence.</summary>
public class OddProblemsTests
{
    private static readonly (CodeMatrix Codes, int[] Truth) Plain = Problems.Make(50, 4, 3, 1);

    private static readonly Dictionary<string, (CodeMatrix Codes, int[] Truth)> Kinds = new()
    {
        ["one column"] = Problems.Make(50, 1, 2, 1),
        ["two classes"] = Problems.Make(50, 6, 2, 1),
        ["fewer codes than columns"] = Problems.Make(12, 40, 3, 2),
        ["one code per class"] = Problems.Make(6, 5, 6, 2),
        ["only zeros"] = (new CodeMatrix(new float[50 * 3], 50, 3), Plain.Truth),
        ["rows of zeros"] = With((row, column) => row % 4 == 0 ? 0 : Plain.Codes.Row(row)[column]),
        ["twice the same rows, of other classes"] = With((row, column) => Plain.Codes.Row(row / 2)[column]),
        ["a constant column"] = With((row, column) => column == 3 ? 0.1f : Plain.Codes.Row(row)[column]),
        ["twice the same column"] = With((row, column) => Plain.Codes.Row(row)[column % 3]),
        ["collinear columns"] = With((row, column) => column < 2
            ? Plain.Codes.Row(row)[column]
            : Plain.Codes.Row(row)[0] + ((column == 2 ? 1 : -3) * Plain.Codes.Row(row)[1])),
        ["denormal codes"] = Problems.Make(50, 4, 3, 1, 1e-41f),
        ["a denormal column"] = With((row, column) => Plain.Codes.Row(row)[column] * (column == 3 ? 1e-41f : 1)),
    };

    private static IEnumerable<string> Names => Kinds.Keys;

    [Test]
    public void Odd_problems_are_solved([Minimised] HeadLoss loss, [ValueSource(nameof(Names))] string kind, [Values] bool standardize)
    {
        var (codes, truth) = Kinds[kind];
        var head = Problems.Train(codes, truth, new() { Loss = loss, C = 1, RelativeGap = 1e-6, Standardize = standardize });
        var (trained, weights) = (codes, head.Weights.ToArray());
        Assert.That(head.Certificate.Converged, $"{head.Certificate}");
        if (standardize)
        {
            Standardization.Of(new CodeView(codes), 1).TakeOutOf(weights);
            trained = Problems.Standardized(codes);
        }

        var found = Problems.Objective(trained, truth, loss, 1, weights);
        Assert.That(head.Certificate.Objective, Is.EqualTo(found).Within(standardize ? 1e-4 : 1e-7).Percent);
    }

    [Test]
    [Category("Slow")]
    public void A_thousand_classes_are_told_apart([Values(HeadLoss.Softmax, HeadLoss.SquaredHinge)] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(3000, 16, 1000, 3);
        var head = Problems.Train(codes, truth, new() { Loss = loss, C = 0.1, RelativeGap = 1e-4 });
        Assert.Multiple(() =>
        {
            Assert.That(head.Certificate.Converged);
            Assert.That(head.Certificate.RelativeGap, Is.InRange(0, 1e-4));
            Assert.That(head.Certificate.Objective, Is.EqualTo(Problems.Objective(codes, truth, loss, 0.1, head.Weights.Span)).Within(1e-7).Percent);
            Assert.That(head.Predict(codes).Distinct().Count(), Is.GreaterThan(100));
        });
    }

    [Test]
    public void C_is_not_chosen_from_one_code_per_class()
    {
        var (codes, truth) = Kinds["one code per class"];
        Sentences.Fails(FailureKind.Data, () => Problems.Train(codes, truth, new()), "single image", "give C");
    }

    [Test]
    public void C_is_chosen_for_denormal_codes_that_are_standardised_as_for_others()
    {
        double Accuracy(float scale)
        {
            var (codes, truth) = Problems.Make(60, 4, 2, 1, scale);
            var head = Problems.Train(codes, truth, new() { Standardize = true });
            Assert.That(head.Certificate.Converged, $"{head.Certificate}");
            return head.Accuracy(codes, [.. truth.Select(k => head.Labels[k])]);
        }

        Assert.That(Accuracy(1e-41f), Is.EqualTo(Accuracy(1)).Within(0.05));
    }

    [Test]
    public void A_class_that_labels_leave_out_is_named()
    {
        var (codes, truth) = Plain;
        int[] gap = [.. truth.Select(static k => k == 1 ? 3 : k)];
        Sentences.Fails(FailureKind.Data, () => LinearHead.Train(codes, gap, Problems.Names(4), new() { C = 1 }), "class001", "no image");
    }

    private static (CodeMatrix Codes, int[] Truth) With(Func<int, int, float> value) =>
        (new CodeMatrix(Enumerable.Range(0, 50 * 4).Select(i => value(i / 4, i % 4)).ToArray(), 50, 4), Plain.Truth);
}
