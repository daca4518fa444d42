namespace OnnxTransfer.Heads.Tests;

public class WorkersTests
{
    [Test]
    public void Every_piece_is_done_once([Values(0, 1, 7)] int pieces, [Values(1, 3)] int threads)
    {
        var done = new int[pieces];
        Workers.For(pieces, threads, (piece, worker) =>
        {
            Assert.That(worker, Is.LessThan(threads));
            Interlocked.Increment(ref done[piece]);
        });
        Assert.That(done, Is.All.EqualTo(1));
    }

    [Test]
    public void What_a_piece_throws_comes_out_as_it_is([Values(1, 3)] int threads) =>
        Assert.Throws<OperationCanceledException>(() => Workers.For(5, threads, static (_, _) => throw new OperationCanceledException()));
}
