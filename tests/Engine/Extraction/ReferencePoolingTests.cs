using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine.Tests;

public class ReferencePoolingTests
{
    // Two channels of 3 x 3 positions: 1..9 and 10, 20..90.
    private static readonly float[] Image = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90];

    [TestCase(Pooling.Average, new double[] { 5, 50 })]
    [TestCase(Pooling.Maximum, new double[] { 9, 90 })]
    [TestCase(Pooling.AverageAndMaximum, new double[] { 5, 50, 9, 90 })]
    [TestCase(Pooling.Grid2, new double[] { 3, 4, 6, 7, 30, 40, 60, 70 })]
    [TestCase(Pooling.Grid3, new double[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90 })]
    [TestCase(Pooling.Flatten, new double[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90 })]
    public void Images_are_pooled_by_definition(Pooling pooling, double[] expected) =>
        Assert.That(ReferencePooling.Pool(Image, [1, 2, 3, 3], TapOf(2, pooling, 2, 3, 3)), Is.EqualTo(expected));

    [Test]
    public void Channels_may_come_last()
    {
        float[] last = [.. Enumerable.Range(0, 9).SelectMany(p => new[] { Image[p], Image[9 + p], 0, 0 })];
        Assert.That(
            ReferencePooling.Pool(last, [1, 3, 3, 4], TapOf(4, Pooling.Maximum, 3, 3, 4)), Is.EqualTo(new double[] { 9, 90, 0, 0 }));
    }

    [Test]
    public void Tokens_are_pooled_over_tokens() => Assert.That(
        ReferencePooling.Pool([1, 2, 3, 5, 6, 10], [1, 2, 3], TapOf(3, Pooling.Average, 2, 3)), Is.EqualTo(new double[] { 3, 4, 6.5 }));

    [Test]
    public void Vectors_are_their_own_pooling() => Assert.That(
        ReferencePooling.Pool([1, 2, 3, 4], [2, 2], TapOf(2, Pooling.Average, 2)), Is.EqualTo(new double[] { 1, 2, 3, 4 }));

    private static Tap TapOf(int channels, Pooling pooling, params long[] dims) =>
        new(new TapPoint("x", [], "Relu", new TensorShape([Dim.Named("N"), .. dims.Select(Dim.Of)]), channels, null, 0), pooling);
}
