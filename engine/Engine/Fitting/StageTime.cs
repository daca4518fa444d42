using System.Diagnostics;

namespace OnnxTransfer.Engine;

/// <summary>A stage of a fit or a study and how long it took by the clock.</summary>
public sealed record StageTime(string Stage, double Seconds)
{
    /// <summary>Does the work of a stage and adds its time to those before.</summary>
    public static T Measure<T>(ICollection<StageTime> stages, string stage, Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(stages);
        ArgumentNullException.ThrowIfNull(work);
        var start = Stopwatch.GetTimestamp();
        var result = work();
        stages.Add(new StageTime(stage, Stopwatch.GetElapsedTime(start).TotalSeconds));
        return result;
    }
}
