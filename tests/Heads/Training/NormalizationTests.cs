namespace OnnxTransfer.Heads.Tests;

public class NormalizationTests
{
    private const double Gap = 1e-6;

    [Test]
    public void Codes_have_length_1_but_for_those_of_zeros()
    {
        var (codes, _) = Problems.Make(50, 19, 3, 3, 1e20f);
        var values = codes.Values.ToArray();
        values.AsSpan(7 * 19, 19).Clear();
        values.AsSpan(8 * 19, 19).Fill(1e-40f);
        var raw = new CodeMatrix(values, 50, 19);
        var normalised = Normalization.Apply(new CodeView(raw), 2).Held(2);
        for (var i = 0; i < 50; i++)
        {
            var length = Math.Sqrt(normalised.Row(i, []).ToArray().Sum(static value => (double)value * value));
            Assert.That(length, Is.EqualTo(i == 7 ? 0 : 1).Within(1e-6), $"code {i}");
        }
    }

    [Test]
    public void A_head_is_that_of_the_normalised_codes_and_divides_again_when_it_scores(
        [Minimised] HeadLoss loss, [Values] bool standardize, [Values] bool penalizeIntercept)
    {
        var (codes, truth) = Make();
        var options = new HeadOptions { Loss = loss, C = 3, RelativeGap = Gap, Standardize = standardize, RegularizeIntercept = penalizeIntercept };
        var (found, plain) = (Problems.Train(codes, truth, options with { Normalize = true }), Problems.Train(Normalised(codes), truth, options));
        Assert.That((found.Normalized, plain.Normalized, found.Standardized), Is.EqualTo((true, false, standardize)));
        Assert.That(found.Certificate.Converged);
        Assert.That(found.Certificate.Objective, Is.EqualTo(plain.Certificate.Objective).Within(1e-3).Percent);
        ScoresAre(found, codes, plain, Normalised(codes), 2e-2);
    }

    [Test]
    public void So_are_heads_in_closed_form([Values(HeadLoss.NearestMean, HeadLoss.Lda)] HeadLoss loss, [Values] bool standardize)
    {
        var (codes, truth) = Make();
        var options = new HeadOptions { Loss = loss, Standardize = standardize };
        ScoresAre(Problems.Train(codes, truth, options with { Normalize = true }), codes, Problems.Train(Normalised(codes), truth, options), Normalised(codes), 1e-3);
    }

    [Test]
    public void The_certificate_holds_on_the_normalised_codes([Minimised] HeadLoss loss, [Values] bool penalizeIntercept)
    {
        var (codes, truth) = Make();
        var head = Problems.Train(codes, truth, new() { Loss = loss, C = 3, RelativeGap = Gap, RegularizeIntercept = penalizeIntercept, Normalize = true });
        var objective = Problems.Objective(Normalised(codes), truth, loss, 3, head.Weights.Span, penalizeIntercept);
        Assert.That(head.Certificate.RelativeGap, Is.InRange(0, Gap));
        Assert.That(head.Certificate.Objective, Is.EqualTo(objective).Within(1e-4).Percent);
    }

    [Test]
    public void The_lengths_of_codes_mean_nothing()
    {
        var (codes, truth) = Make();
        var values = codes.Values.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= 1 << (i / codes.Columns % 13);
        }

        var options = new HeadOptions { C = 3, Normalize = true };
        var (one, other) = (Problems.Train(codes, truth, options), Problems.Train(new CodeMatrix(values, codes.Rows, codes.Columns), truth, options));
        Assert.That(other.Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()));
    }

    [Test]
    public void A_code_of_zeros_scores_the_intercepts()
    {
        var (codes, truth) = Make();
        var head = Problems.Train(codes, truth, new() { C = 3, Normalize = true });
        var scores = new double[3];
        head.Scores(new float[codes.Columns], scores);
        Assert.That(scores, Is.EqualTo(Enumerable.Range(0, 3).Select(k => head.Weights.Span[(k * 13) + 12])));
    }

    [Test]
    public void Codes_of_one_direction_have_nothing_to_standardise()
    {
        // Thirds and tenths of one code: equal once normalised, but for rounding.
        var random = new Random(3);
        var code = Enumerable.Range(0, 6).Select(_ => random.NextSingle()).ToArray();
        var codes = new CodeMatrix(Enumerable.Range(1, 40).SelectMany(i => code.Select(value => value * i / 30)).ToArray(), 40, 6);
        var normalised = Normalization.Apply(new CodeView(codes), 1);
        var standard = (normalised with { Standardization = Standardization.Of(normalised, 1) }).Held(1);
        Assert.That(standard.Matrix.Values.ToArray(), Is.All.Zero);
    }

    [Test]
    public void C_is_chosen_and_nested_estimates_are_made_on_normalised_codes([Values] bool standardize)
    {
        var (codes, truth) = Make();
        var options = new HeadOptions { Standardize = standardize, Selection = new() { Nested = true } };
        var (found, plain) = (Problems.Train(codes, truth, options with { Normalize = true }), Problems.Train(Normalised(codes), truth, options));
        Assert.That(found.C, Is.EqualTo(plain.C));
        Assert.That(found.Selection!.Candidates.Select(static of => of.C), Is.EqualTo(plain.Selection!.Candidates.Select(static of => of.C)));
        Assert.That(found.Selection.Nested!.Evaluation.Accuracy, Is.EqualTo(plain.Selection.Nested!.Evaluation.Accuracy));
    }

    [Test]
    public void Probabilities_are_calibrated_on_normalised_codes([Values(CalibrationMethod.Temperature, CalibrationMethod.Platt)] CalibrationMethod method)
    {
        var (codes, truth) = Make();
        var options = new HeadOptions { Loss = HeadLoss.SquaredHinge, C = 3 };
        string[] labels = [.. truth.Select(static k => Problems.Names(3)[k])];
        var found = LinearHead.Train(codes, labels, options with { Normalize = true }).Calibrate(codes, labels, method);
        var plain = LinearHead.Train(Normalised(codes), labels, options).Calibrate(Normalised(codes), labels, method);
        Assert.That(found.Normalized);
        Assert.That(found.Calibration!.Scales, Is.EqualTo(plain.Calibration!.Scales).Within(1).Percent);
        Assert.That(found.Evaluate(codes, labels).Accuracy, Is.EqualTo(plain.Evaluate(Normalised(codes), labels).Accuracy));
    }

    [Test]
    public void Retraining_normalises_as_the_head_does([Values] bool standardize)
    {
        var (codes, truth) = Make();
        string[] labels = [.. truth.Select(static k => Problems.Names(3)[k])];
        var options = new HeadOptions { C = 3, RelativeGap = Gap, Standardize = standardize, Normalize = true };
        int[] known = [.. Enumerable.Range(0, 180)];
        var grown = LinearHead.Train(codes.Select(known), labels[..180], options).Retrain(codes, labels, new() { RelativeGap = Gap });
        var scratch = LinearHead.Train(codes, labels, options);
        Assert.That(grown.Normalized);
        Assert.That(grown.Certificate.Passes, Is.LessThan(scratch.Certificate.Passes));
        Assert.That(grown.Certificate.Objective, Is.EqualTo(scratch.Certificate.Objective).Within(100 * Gap).Percent);
    }

    [Test]
    public void Heads_of_several_labels_normalise_too()
    {
        var (codes, truth) = Make();
        string[][] labels = [.. truth.Select(static k => k == 0 ? Array.Empty<string>() : [Problems.Names(3)[k]])];
        var options = new HeadOptions { Loss = HeadLoss.Logistic, C = 3, RelativeGap = Gap };
        var found = LinearHead.TrainMultiLabel(codes, labels, options with { Normalize = true });
        var plain = LinearHead.TrainMultiLabel(Normalised(codes), labels, options);
        ScoresAre(found, codes, plain, Normalised(codes), 1e-2);
        Assert.That(found.RetrainMultiLabel(codes, labels).Normalized);
        Assert.That(
            found.EvaluateMultiLabel(codes, labels).Accuracy,
            Is.EqualTo(plain.EvaluateMultiLabel(Normalised(codes), labels).Accuracy));
    }

    [Test]
    public void The_bits_are_the_same_for_any_number_of_threads([Values] bool standardize, [Values] bool chooses)
    {
        var (codes, truth) = Make();
        var options = new HeadOptions { C = chooses ? null : 3, Standardize = standardize, Normalize = true, Threads = 1 };
        var one = Problems.Train(codes, truth, options);
        Assert.That(Problems.Train(codes, truth, options with { Threads = 3 }).Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()));
    }

    [Test]
    public void It_takes_one_copy_of_the_codes_and_their_factors()
    {
        const double Factors = 1000 * sizeof(double);
        var (codes, _) = Problems.Make(1000, 300, 2, 1);
        double Need(HeadOptions options) => MemoryNeed.Bytes(new CodeView(codes), 50, options, 1);
        Assert.That(Need(new() { C = 1, Normalize = true }), Is.EqualTo(Need(new() { C = 1 }) + Factors));
        Assert.That(Need(new() { C = 1, Normalize = true, Standardize = true }), Is.EqualTo(Need(new() { C = 1, Standardize = true }) + Factors));
        Assert.That(Need(new() { C = 1, Normalize = true, RegularizeIntercept = true }), Is.EqualTo(Need(new() { C = 1 }) + Factors));
    }

    private static void ScoresAre(LinearHead head, CodeMatrix codes, LinearHead expected, CodeMatrix expectedCodes, double tolerance)
    {
        var (one, other) = (new double[head.Labels.Count], new double[head.Labels.Count]);
        for (var i = 0; i < codes.Rows; i++)
        {
            head.Scores(codes.Row(i), one);
            expected.Scores(expectedCodes.Row(i), other);
            Assert.That(one, Is.EqualTo(other).Within(tolerance), $"code {i}");
        }
    }

    /// <summary>Codes divided by their lengths in plain loops.</summary>
    private static CodeMatrix Normalised(CodeMatrix codes)
    {
        var values = new float[codes.Values.Length];
        for (var i = 0; i < codes.Rows; i++)
        {
            var length = Math.Sqrt(codes.Row(i).ToArray().Sum(static value => (double)value * value));
            for (var d = 0; d < codes.Columns; d++)
            {
                values[(i * codes.Columns) + d] = length > 0 ? (float)(codes.Row(i)[d] / length) : 0;
            }
        }

        return new CodeMatrix(values, codes.Rows, codes.Columns);
    }

    /// <summary>Three classes of codes of 12 numbers and very different lengths, one of zeros among them.</summary>
    private static (CodeMatrix Codes, int[] Truth) Make()
    {
        var (codes, truth) = Problems.Make(200, 12, 3, 31);
        var values = codes.Values.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= i / 12 == 20 ? 0 : 1 + (i / 12 % 7);
        }

        return (new CodeMatrix(values, 200, 12), truth);
    }
}
