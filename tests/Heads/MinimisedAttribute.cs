namespace OnnxTransfer.Heads.Tests;

/// <summary>Every loss that a solver minimises: all but the heads in closed form.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class MinimisedAttribute() : ValuesAttribute([.. Losses.Cast<object>()])
{
    public static HeadLoss[] Losses { get; } = [.. Enum.GetValues<HeadLoss>().Where(static loss => !loss.IsClosedForm())];
}
