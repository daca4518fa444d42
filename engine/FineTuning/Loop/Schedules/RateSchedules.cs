namespace OnnxTransfer.FineTuning;

/// <summary>The learning rate of an update.</summary>
/// <param name="update">Its number, from 0.</param>
/// <param name="total">All updates of the training.</param>
internal delegate double RateSchedule(long update, long total);

/// <summary>How the learning rate goes over a training; each is a function of the update's number alone, so nothing of it is saved.</summary>
internal static class RateSchedules
{
    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["constant", "cosine", "step", "one-cycle"];

    /// <summary>Always <paramref name="rate"/>.</summary>
    public static RateSchedule Constant(double rate) => (_, _) => rate;

    /// <summary>
    /// Half a cosine from <paramref name="rate"/> to <paramref name="floor"/> (Loshchilov and Hutter 2017):
    /// floor + (rate - floor) (1 + cos(pi u / total)) / 2.
    /// </summary>
    public static RateSchedule Cosine(double rate, double floor = 0) =>
        (update, total) => Annealed(rate, floor, (double)update / total);

    /// <summary>
    /// <paramref name="rate"/>, multiplied with <paramref name="factor"/> at each of <paramref name="steps"/> - 1 places that
    /// divide the training into equal parts (He et al. 2016 divide by ten).
    /// </summary>
    public static RateSchedule Step(double rate, double factor = 0.1, int steps = 3) =>
        (update, total) => rate * Math.Pow(factor, Math.Min(steps - 1, update * steps / total));

    /// <summary>
    /// One cycle (Smith and Topin 2019, PyTorch's form): half a cosine from rate / <paramref name="startDivisor"/> up to
    /// <paramref name="rate"/> over the share <paramref name="rising"/> of the updates, then one down to the start's
    /// 1 / <paramref name="endDivisor"/>, which the last update has.
    /// </summary>
    public static RateSchedule OneCycle(double rate, double rising = 0.3, double startDivisor = 25, double endDivisor = 1e4) =>
        (update, total) =>
        {
            var start = rate / startDivisor;
            var (top, end) = ((rising * total) - 1, total - 1.0);
            return top > 0 && update <= top
                ? Annealed(start, rate, update / top)
                : Annealed(rate, start / endDivisor, Math.Clamp((update - top) / (end - top), 0, 1));
        };

    /// <summary>
    /// A schedule after a linear warm-up (Goyal et al. 2017): the first <paramref name="updates"/> have 1 / updates,
    /// 2 / updates, ... of its first rate, and the schedule has the rest of the training for itself.
    /// </summary>
    public static RateSchedule WithWarmUp(this RateSchedule schedule, long updates)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return (update, total) =>
        {
            var warming = Math.Clamp(updates, 0, total - 1);
            return update < warming
                ? (update + 1.0) / warming * schedule(0, total - warming)
                : schedule(update - warming, total - warming);
        };
    }

    /// <summary>A schedule by its name on the command line.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: no such name.</exception>
    public static RateSchedule Named(string name, double rate) => name switch
    {
        "constant" => Constant(rate),
        "cosine" => Cosine(rate),
        "step" => Step(rate),
        "one-cycle" => OneCycle(rate),
        _ => throw new OnnxTransferException(
            FailureKind.Usage, $"There is no schedule '{name}'; take one of {string.Join(", ", Names)}."),
    };

    private static double Annealed(double from, double to, double share) => to + ((from - to) * (1 + Math.Cos(Math.PI * share)) / 2);
}
