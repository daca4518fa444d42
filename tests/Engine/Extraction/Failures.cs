namespace OnnxTransfer.Engine.Tests;

/// <summary>What a failing call says.</summary>
internal static class Failures
{
    /// <summary>The exception of a call that must fail, with its kind checked and its message one sentence.</summary>
    public static OnnxTransferException Of(FailureKind kind, Action call)
    {
        var failure = Assert.Throws<OnnxTransferException>(call)!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.Kind, Is.EqualTo(kind), failure.Message);
            Assert.That(failure.Message, Does.EndWith(".").And.Not.Contains("\n"));
        });
        return failure;
    }
}
