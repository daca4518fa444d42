namespace OnnxTransfer.Onnx.Tests;

/// <summary>The one way in which this room fails.</summary>
internal static class Sentences
{
    /// <summary>Runs <paramref name="action"/>, which must fail because of the model, and gives its sentence.</summary>
    public static string OfModel(Action action)
    {
        var failure = Assert.Throws<OnnxTransferException>(() => action())!;
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Model), failure.Message);
        Assert.That(failure.Message, Does.EndWith(".").And.Not.Contains("\n"));
        return failure.Message;
    }
}
