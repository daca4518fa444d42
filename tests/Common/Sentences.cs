namespace OnnxTransfer.Tests;

/// <summary>Checks how a call fails: the kind, and one sentence with the words a user needs.</summary>
internal static class Sentences
{
    public static void Fails(FailureKind kind, Action call, params string[] words)
    {
        var sentence = Of(kind, call);
        foreach (var word in words)
        {
            Assert.That(sentence, Does.Contain(word));
        }
    }

    /// <summary>The sentence of a call that must fail.</summary>
    public static string Of(FailureKind kind, Action call) => Failure(kind, call).Message;

    /// <summary>The exception of a call that must fail.</summary>
    public static OnnxTransferException Failure(FailureKind kind, Action call)
    {
        var failure = Assert.Throws<OnnxTransferException>(() => call())!;
        Assert.That(failure.Kind, Is.EqualTo(kind), failure.Message);
        Assert.That(failure.Message, Does.EndWith(".").And.Not.Contain("\n"));
        return failure;
    }
}
