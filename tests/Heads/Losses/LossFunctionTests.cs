namespace OnnxTransfer.Heads.Tests;

public class LossFunctionTests
{
    private static readonly Targets Any = new(2, [0]);

    [TestCase(HeadLoss.Softmax, false, true, false)]
    [TestCase(HeadLoss.SquaredHinge, true, true, false)]
    [TestCase(HeadLoss.Logistic, true, true, false)]
    [TestCase(HeadLoss.Ridge, true, true, true)]
    [TestCase(HeadLoss.Hinge, true, false, false)]
    [TestCase(HeadLoss.CrammerSinger, false, false, false)]
    public void A_loss_says_what_it_is(HeadLoss kind, bool separable, bool smooth, bool quadratic)
    {
        var loss = LossFunction.Of(kind, Any);
        Assert.That((loss.Separable, loss.IsSmooth, loss.IsQuadratic, loss.Targets), Is.EqualTo((separable, smooth, quadratic, Any)));
    }

    [Test]
    public void Smoothed_losses_are_smooth()
    {
        Assert.That(HingeLoss.Smoothed(Any, new float[2], 1).IsSmooth);
        Assert.That(CrammerSingerLoss.Smoothed(Any, new float[2], 1).IsSmooth);
    }

    [Test]
    public void Each_precision_has_its_function_and_no_other_has([Minimised] HeadLoss kind)
    {
        var loss = LossFunction.Of(kind, Any);
        Assert.That(loss.On<float>(), Is.SameAs(loss.Single));
        Assert.That(loss.On<double>(), Is.SameAs(loss.Double));
        Assert.That(loss.On<Half>, Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public void Heads_in_closed_form_have_no_loss([Values(HeadLoss.NearestMean, HeadLoss.Lda)] HeadLoss kind) =>
        Assert.That(() => LossFunction.Of(kind, Any), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
