namespace OnnxTransfer.Heads.Tests;

/// <summary>Checks how a call fails: the kind, and the words a user needs.</summary>
internal static class Sentences
{
    public static void Fails(FailureKind kind, Action call, params string[] words)
    {
        var failure = Assert.Throws<OnnxTransferException>(() => call())!;
        Assert.That(failure.Kind, Is.EqualTo(kind), failure.Message);
        Assert.That(failure.Message, Does.EndWith(".").And.Not.Contain("\n"));
        foreach (var word in words)
        {
            Assert.That(failure.Message, Does.Contain(word));
        }
    }
}
