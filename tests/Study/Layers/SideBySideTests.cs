using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public class SideBySideTests
{
    [TestCase(1, 5, 1)]
    [TestCase(2, 5, 1)]
    [TestCase(8, 2, 4)]
    public void Results_come_in_order_and_threads_are_shared_out(int threads, int heads, int share)
    {
        int[] widths = [.. Enumerable.Range(1, heads)];
        var results = SideBySide.Train(widths, 100, 3, new HeadOptions { Threads = threads }, (i, options) => (i, options.Threads));
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, heads).Select(i => (i, share))));
    }

    [Test]
    public void Long_codes_come_first_and_of_several_failures_theirs_is_thrown()
    {
        var begun = new List<int>();
        var failure = Assert.Throws<OnnxTransferException>(() => SideBySide.Train<int>([8, 512, 64], 100, 3, new HeadOptions { Threads = 1 }, (i, _) =>
        {
            begun.Add(i);
            throw new OnnxTransferException(FailureKind.Data, $"{i}");
        }))!;
        Assert.That(failure.Message, Is.EqualTo("1"));
        Assert.That(begun, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Trainings_that_would_not_fit_side_by_side_follow_one_another()
    {
        var shares = SideBySide.Train([1 << 20, 1 << 20], int.MaxValue, 10, new HeadOptions { Threads = 4 }, static (_, options) => options.Threads);
        Assert.That(shares, Is.EqualTo(new[] { 4, 4 }));
    }

    [Test]
    public void No_head_is_no_work() => Assert.That(SideBySide.Train([], 10, 2, new HeadOptions(), static (i, _) => i), Is.Empty);
}
