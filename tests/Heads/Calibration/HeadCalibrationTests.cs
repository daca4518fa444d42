namespace OnnxTransfer.Heads.Tests;

public class HeadCalibrationTests
{
    private static readonly HeadOptions Svm = new() { Loss = HeadLoss.SquaredHinge, C = 0.1, RelativeGap = 1e-3 };

    private static string[] Labels(int[] truth) => [.. truth.Select(k => $"class{k:D3}")];

    private static double LogLoss(LinearHead head, CodeMatrix codes, int[] truth)
    {
        var (sum, probabilities) = (0.0, new double[head.Labels.Count]);
        for (var i = 0; i < codes.Rows; i++)
        {
            head.Probabilities(codes.Row(i), probabilities);
            Assert.That(probabilities.Sum(), Is.EqualTo(1).Within(1e-12));
            sum -= Math.Log(probabilities[truth[i]]);
        }

        return sum / codes.Rows;
    }

    [Test]
    public void Predictions_and_scores_stay_and_the_log_loss_on_new_codes_falls(
        [Values(HeadLoss.SquaredHinge, HeadLoss.NearestMean)] HeadLoss loss,
        [Values(CalibrationMethod.Temperature, CalibrationMethod.Platt)] CalibrationMethod method)
    {
        var (all, truth) = Problems.Make(600, 12, 4, 8);
        int[] learnt = [.. Enumerable.Range(0, 300)], fresh = [.. Enumerable.Range(300, 300)];
        var (codes, labels) = (all.Select(learnt), Labels(truth[..300]));
        var head = LinearHead.Train(codes, labels, Svm with { Loss = loss, C = loss.IsClosedForm() ? null : 0.1 });

        var calibrated = head.Calibrate(codes, labels, method);

        Assert.That(calibrated.Calibration!.Method, Is.EqualTo(method));
        Assert.That(calibrated.Weights, Is.EqualTo(head.Weights));
        Assert.That(calibrated.Certificate, Is.EqualTo(head.Certificate));
        Assert.That(calibrated.Predict(all), Is.EqualTo(head.Predict(all)));
        Assert.That(LogLoss(calibrated, all.Select(fresh), truth[300..]), Is.LessThan(LogLoss(head, all.Select(fresh), truth[300..])));
    }

    [Test]
    public void By_default_softmax_heads_stay_as_they_are_and_others_get_a_temperature()
    {
        var (codes, truth) = Problems.Make(60, 5, 3, 2);
        var labels = Labels(truth);
        LinearHead Default(HeadOptions options) => LinearHead.Train(codes, labels, options).Calibrate(codes, labels);
        Assert.That(Default(new() { C = 1 }).Calibration, Is.Null);
        Assert.That(Default(Svm).Calibration?.Method, Is.EqualTo(CalibrationMethod.Temperature));
        Assert.That(Default(new() { Loss = HeadLoss.NearestMean }).Calibration?.Method, Is.EqualTo(CalibrationMethod.Temperature));
        Assert.That(Default(Svm with { MaxPasses = 1, RelativeGap = 1e-12 }).Calibration, Is.Null, "not converged");
    }

    [Test]
    public void One_image_per_class_stays_uncalibrated_or_is_told_why()
    {
        var (codes, _) = Problems.Make(4, 5, 4, 2);
        string[] labels = ["a", "b", "c", "d"];
        var head = LinearHead.NearestClassMean(codes, labels);
        Assert.That(head.Calibrate(codes, labels).Calibration, Is.Null);
        Sentences.Fails(FailureKind.Data, () => head.Calibrate(codes, labels, CalibrationMethod.Platt), "single image", "held-out");
    }

    [Test]
    public void Two_images_of_a_class_beside_single_ones_are_enough(
        [Values(HeadLoss.SquaredHinge, HeadLoss.Lda)] HeadLoss loss,
        [Values(CalibrationMethod.Temperature, CalibrationMethod.Platt)] CalibrationMethod method)
    {
        var (codes, _) = Problems.Make(4, 5, 4, 2);
        string[] labels = ["a", "b", "c", "a"];
        var head = LinearHead.Train(codes, labels, Svm with { Loss = loss, C = loss.IsClosedForm() ? null : 0.1 });
        var probabilities = new double[3];
        head.Calibrate(codes, labels, method).Probabilities(codes.Row(0), probabilities);
        Assert.That(probabilities, Has.All.InRange(0.0, 1.0));
        Assert.That(probabilities.Sum(), Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void None_takes_a_calibration_away()
    {
        var (codes, truth) = Problems.Make(60, 5, 3, 2);
        var calibrated = LinearHead.Train(codes, Labels(truth), Svm).Calibrate(codes, Labels(truth));
        Assert.That(calibrated.Calibrate(codes, Labels(truth), CalibrationMethod.None).Calibration, Is.Null);
    }

    [Test]
    public void The_bits_are_the_same_for_any_number_of_threads([Values(CalibrationMethod.Temperature, CalibrationMethod.Platt)] CalibrationMethod method)
    {
        var (codes, truth) = Problems.Make(200, 7, 3, 2);
        var head = LinearHead.Train(codes, Labels(truth), Svm);
        var (one, three) = (Calibrated(1), Calibrated(3));
        Assert.That(one.Scales, Is.EqualTo(three.Scales));
        Assert.That(one.Shifts, Is.EqualTo(three.Shifts));
        Calibration Calibrated(int threads) => head.Calibrate(codes, Labels(truth), method, Svm with { Threads = threads }).Calibration!;
    }

    [Test]
    public void What_cannot_be_calibrated_on_is_one_sentence()
    {
        var (codes, truth) = Problems.Make(60, 5, 3, 2);
        var head = LinearHead.Train(codes, Labels(truth), Svm);
        Sentences.Fails(FailureKind.Data, () => head.Calibrate(codes, [.. Enumerable.Repeat("zebra", 60)]), "zebra");
        Sentences.Fails(FailureKind.Data, () => head.Calibrate(codes, [.. Enumerable.Repeat("class001", 60)]), "class000", "no image");
        Sentences.Fails(FailureKind.Usage, () => head.Calibrate(codes, Labels(truth)[1..]), "60 codes", "59 labels");
        Sentences.Fails(FailureKind.Usage, () => head.Calibrate(new CodeMatrix(new float[60], 60, 1), Labels(truth)), "codes of 5");
    }

    [Test]
    public void A_calibration_for_another_number_of_classes_is_refused() => Assert.Throws<ArgumentException>(() =>
        _ = new LinearHead(["a", "b"], new double[4], 1, HeadLoss.Softmax, 1, new Certificate(1, 1, 1, 0, true))
        {
            Calibration = Calibration.OfTemperature(1, 3),
        });
}
