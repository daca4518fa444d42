namespace OnnxTransfer.Engine.Tests;

public class InterruptionTests
{
    private const int Photos = 50;
    private static readonly ExtractionOptions Blocks = new() { BlockRows = 8 };

    // Stopped at a random image again and again, until it comes through: the same bytes as without any stop.
    [TestCase(false)]
    [TestCase(true)]
    public void Whenever_it_stops_it_goes_on_and_ends_with_the_same_bytes(bool fault)
    {
        using var net = new SmallNetwork(photos: Photos);
        using var backbone = net.Load();
        backbone.Extract(net.Images, SmallNetwork.Taps(backbone), net["whole"], Blocks).Dispose();
        var expected = SmallNetwork.Files(net["whole"]);
        var random = new Random(fault ? 1 : 2);
        for (var round = 0; round < 5; round++)
        {
            var store = net[$"stopped{round}"];
            var stops = 0;
            while (true)
            {
                var sealedBefore = Sealed(store);
                var stopAt = 1 + random.Next(Photos);
                using var source = new CancellationTokenSource();
                var decoder = new WatchedDecoder(count =>
                {
                    if (count == stopAt)
                    {
                        if (fault)
                        {
                            throw new InvalidOperationException("a fault at this image");
                        }

                        source.Cancel();
                    }
                });
                try
                {
                    backbone.Extract(net.Images, SmallNetwork.Taps(backbone), store, Blocks with { Decoder = decoder }, cancellation: source.Token).Dispose();
                    break;
                }
                catch (Exception e) when (fault ? e is InvalidOperationException : e is OnnxTransferException { Kind: FailureKind.Interrupted })
                {
                    stops++;
                    Assert.Multiple(() =>
                    {
                        Assert.That(Sealed(store).Take(sealedBefore.Length), Is.EqualTo(sealedBefore), "what is sealed stays");
                        Assert.That(Directory.EnumerateFiles(store, "*.part", SearchOption.AllDirectories), Is.Empty);
                        Assert.That(File.Exists(Path.Combine(store, "store.lock")), Is.False);
                        Sentences.Failure(FailureKind.Data, () => Codes.Open(store));
                    });
                }

                // A run decodes nothing that was sealed before it.
                Assert.That(decoder.Count, Is.LessThanOrEqualTo(Photos - (8 * sealedBefore.Length)));
            }

            Assert.That(SmallNetwork.Files(store), Is.EqualTo(expected), $"after {stops} stops");
        }
    }

    [Test]
    public void Stopping_says_how_to_go_on_and_leaves_no_temporary_store()
    {
        using var net = new SmallNetwork(photos: 10);
        using var backbone = net.Load();
        using var source = new CancellationTokenSource();
        source.Cancel();
        // A folder of temporary files of its own: others may come and go in the machine's.
        using var temporary = new TemporaryFiles(net["temporary"]);
        using (backbone.Extract(net.Images, backbone.Tap("second")))
        {
            Assert.That(Directory.EnumerateDirectories(net["temporary"]).Count(), Is.EqualTo(1));
        }

        Assert.Multiple(() =>
        {
            Assert.That(
                Sentences.Failure(FailureKind.Interrupted, () => backbone.Extract(net.Images, backbone.Tap("second"), net.Store, cancellation: source.Token)).Message,
                Does.Contain("after 0 of 10").And.Contain("run it again with the same store").And.Contain(net.Store));
            Sentences.Failure(FailureKind.Interrupted, () => backbone.Extract(net.Images, backbone.Tap("second"), cancellation: source.Token));
            Assert.That(Directory.EnumerateFileSystemEntries(net["temporary"]), Is.Empty);
        });
    }

    // Fewer images than a block, stopped three times: nothing is computed twice, and the sentence tells what is kept.
    [TestCase(1)]
    [TestCase(4)]
    public void What_was_computed_of_a_block_is_kept(int batch)
    {
        using var net = new SmallNetwork(photos: Photos);
        using var backbone = net.Load();
        var options = new ExtractionOptions { Batch = batch, Workers = 1 };
        backbone.Extract(net.Images, SmallNetwork.Taps(backbone), net["whole"], options).Dispose();
        var done = 0;
        for (var stop = 0; stop < 3; stop++)
        {
            using var source = new CancellationTokenSource();
            var decoder = new WatchedDecoder(count =>
            {
                if (count == 12)
                {
                    source.Cancel();
                }
            });
            done += 12;
            Sentences.Fails(
                FailureKind.Interrupted,
                () => backbone.Extract(net.Images, SmallNetwork.Taps(backbone), net.Store, options with { Decoder = decoder }, cancellation: source.Token),
                $"after {done} of {Photos} images", net.Store);
            Assert.That(decoder.Count, Is.EqualTo(12));
        }

        var last = new WatchedDecoder();
        backbone.Extract(net.Images, SmallNetwork.Taps(backbone), net.Store, options with { Decoder = last }).Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(last.Count, Is.EqualTo(Photos - done));
            Assert.That(SmallNetwork.Files(net.Store), Is.EqualTo(SmallNetwork.Files(net["whole"])));
        });
    }

    [Test]
    public void A_finished_store_stays_finished_when_its_next_run_is_stopped()
    {
        using var net = new SmallNetwork(photos: 20);
        using var backbone = net.Load();
        backbone.Extract(net.Images, backbone.Tap("second"), net.Store).Dispose();
        for (var i = 0; i < 8; i++)
        {
            net.AddPhoto($"even/9{i}.bmp", 900 + i);
        }

        using var source = new CancellationTokenSource();
        var options = new ExtractionOptions
        {
            Workers = 1,
            Decoder = new WatchedDecoder(count =>
            {
                if (count == 3)
                {
                    source.Cancel();
                }
            }),
        };
        Sentences.Fails(FailureKind.Interrupted, () => backbone.Extract(net.Images, backbone.Tap("second"), net.Store, options, cancellation: source.Token));
        using var codes = Codes.Open(net.Store);
        codes.Verify();
        Assert.That(codes.Ids, Has.Count.EqualTo(20));
    }

    private static string[] Sealed(string store) =>
        File.Exists(Path.Combine(store, "index.jsonl")) ? File.ReadAllLines(Path.Combine(store, "index.jsonl")) : [];

    private sealed class TemporaryFiles : IDisposable
    {
        private static readonly string Variable = OperatingSystem.IsWindows() ? "TMP" : "TMPDIR";
        private readonly string? usual = Environment.GetEnvironmentVariable(Variable);

        public TemporaryFiles(string folder)
        {
            Directory.CreateDirectory(folder);
            Environment.SetEnvironmentVariable(Variable, folder);
        }

        public void Dispose() => Environment.SetEnvironmentVariable(Variable, usual);
    }
}
