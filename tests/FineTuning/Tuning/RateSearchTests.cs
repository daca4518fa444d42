namespace OnnxTransfer.FineTuning.Tests.Tuning;

public class RateSearchTests
{
    private static readonly FineTuneOptions Searching = StripedPhotos.Quick with { Rate = null, FindRate = true };

    [TestCase("adamw", false)]
    [TestCase("sgd", true)]
    public void A_training_that_searched_has_the_bits_of_one_that_was_given_the_rate(string optimizer, bool batchStatistics)
    {
        using var photos = new StripedPhotos(norm: batchStatistics);
        var options = Searching with { Optimizer = optimizer, BatchStatistics = batchStatistics, Augmentation = "light+mixup" };
        var searched = photos.Run(options);
        var bytes = File.ReadAllBytes(photos.Output);
        Assert.That(searched.RateSearch!.Curve, Has.Count.GreaterThan(20));
        Assert.That(searched.Rate, Is.EqualTo(searched.RateSearch.Suggested));
        var given = photos.Run(options with { FindRate = false, Rate = searched.Rate });
        Assert.That((given.Rate, given.RateSearch), Is.EqualTo((searched.Rate, (RateRange?)null)));
        Assert.That(File.ReadAllBytes(photos.Output), Is.EqualTo(bytes));
    }

    [Test]
    public void A_training_that_is_resumed_keeps_the_rate_and_does_not_search_again()
    {
        using var photos = new StripedPhotos();
        var whole = photos.Run(Searching with { Folder = photos["whole"] });
        var bytes = File.ReadAllBytes(photos.Output);
        var options = Searching with { Folder = photos["cut"], CheckpointUpdates = 1 };
        using var stop = new CancellationTokenSource();
        Sentences.Of(FailureKind.Interrupted, () => photos.Run(options, new Heard(at => Cancel(at, stop)), stop.Token));
        var searches = 0;
        var resumed = photos.Run(options with { Resume = true }, new Heard(at => searches += at.Epoch == 0 ? 1 : 0));
        Assert.That((searches, resumed.Rate, resumed.RateSearch!.Curve.Count), Is.EqualTo((0, whole.Rate, whole.RateSearch!.Curve.Count)));
        Assert.That(File.ReadAllBytes(photos.Output), Is.EqualTo(bytes));
        Assert.That(File.ReadAllText(photos["cut/rate.json"]), Is.EqualTo(File.ReadAllText(photos["whole/rate.json"])));
    }

    [Test]
    public void A_rate_is_either_given_or_searched_for()
    {
        using var photos = new StripedPhotos();
        Sentences.Fails(FailureKind.Usage, () => photos.Run(Searching with { Rate = 0.1 }), "either given or searched for");
        var options = StripedPhotos.Quick with { Folder = photos["training"], CheckpointUpdates = 1 };
        using var stop = new CancellationTokenSource();
        Sentences.Of(FailureKind.Interrupted, () => photos.Run(options, new Heard(at => Cancel(at, stop)), stop.Token));
        Sentences.Fails(FailureKind.Usage, () => photos.Run(options with { Rate = null, FindRate = true, Resume = true }), "did not search", "--rate");
        File.WriteAllText(photos["training/rate.json"], """{"curve":[]}""");
        Sentences.Fails(FailureKind.Data, () => photos.Run(options with { Rate = null, FindRate = true, Resume = true }), "rate.json", "no usable learning rate");
        Directory.Delete(photos["training"], recursive: true);
    }

    private static void Cancel(FineTuneProgress at, CancellationTokenSource stop)
    {
        if (at.Epoch > 0)
        {
            stop.Cancel();
        }
    }

    private sealed class Heard(Action<FineTuneProgress> hear) : IProgress<FineTuneProgress>
    {
        public void Report(FineTuneProgress value) => hear(value);
    }
}
