namespace OnnxTransfer.Heads.Tests;

public class GuardedPagesTests
{
    [Test]
    public void A_byte_beside_the_pages_kills_the_process_and_a_byte_in_them_does_not([Values(-1, 0, 1)] int offset)
    {
        var (status, output) = Child.Start(new Dictionary<string, string>(), "touch", $"{offset}");
        Assert.That(status == 0, Is.EqualTo(offset == 0), output);
    }
}
