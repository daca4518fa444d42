namespace OnnxTransfer.Heads;

/// <summary>From a head and the codes it was trained on to its calibration.</summary>
internal static class HeadCalibration
{
    /// <summary>The calibration, or null where there is to be none; the rules are <see cref="LinearHead.Calibrate"/>'s.</summary>
    public static Calibration? Of(
        LinearHead head, CodeView codes, int[] truth, CalibrationMethod? method, HeadOptions options, CancellationToken cancellation)
    {
        HeadTraining.CheckData(codes, truth, head.Labels);
        var alone = codes.Rows == head.Labels.Count;
        method ??= head.Loss == HeadLoss.Softmax || !head.Certificate.Converged || alone
            ? CalibrationMethod.None
            : CalibrationMethod.Temperature;
        if (method == CalibrationMethod.None)
        {
            return null;
        }

        if (alone)
        {
            throw new OnnxTransferException(
                FailureKind.Data, "Every class has a single image, so there are no held-out scores to calibrate on; add images or leave the calibration out.");
        }

        var held = HeldOutScores.Of(codes, truth, head.Labels, head.As(options), cancellation);
        if (!held.Converged)
        {
            throw new OnnxTransferException(
                FailureKind.Mathematics,
                "The heads that give the held-out scores for the calibration did not converge; use a smaller C or leave the calibration out.");
        }

        if (method == CalibrationMethod.Temperature)
        {
            return Calibration.OfTemperature(TemperatureScaling.Of(held), head.Labels.Count);
        }

        var (scales, shifts) = PlattScaling.Of(held, Workers.Count(options.Threads));
        return Calibration.OfPlatt(scales, shifts);
    }
}
