namespace OnnxTransfer.FineTuning.Tests;

public sealed class TrainingFolderTests
{
    private static readonly SmallConvNet Network = new(statistic: true);
    private string path = string.Empty;

    private TrainingFolder Folder => new(path, Network.Program);

    [SetUp]
    public void MakeFolder() => path = Directory.CreateTempSubdirectory("onnxtransfer-folder-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(path, recursive: true);

    [Test]
    public void What_is_written_is_read_back([Values] bool averages)
    {
        var written = At(updates: 3, average: averages ? 0.5f : null);
        Folder.Write(written);
        var read = Folder.Read();
        Assert.That((read.Position, read.Seconds, read.Epoch, read.State.Step), Is.EqualTo((written.Position, written.Seconds, written.Epoch, written.State.Step)));
        Assert.That(read.State.Parameters, Is.EquivalentTo(written.State.Parameters));
        Assert.That(read.State.Statistics, Is.EquivalentTo(written.State.Statistics));
        Assert.That((read.Average?.Updates, read.Average?.Parameters["fc.bias"][0]), Is.EqualTo(averages ? (3L, 0.5f) : ((long?)null, (float?)null)));
    }

    [Test]
    public void A_checkpoint_keeps_its_own_average_and_no_other()
    {
        Folder.Write(At(updates: 3, average: 0.25f));
        var average = Directory.GetFiles(path, "average-*").Single();

        // A process that was killed after it had written the average of a later checkpoint, and not the checkpoint.
        File.Copy(average, Path.Combine(path, "average-4"));
        Assert.That(Folder.Read().Average!.Updates, Is.EqualTo(3));
        Folder.Write(At(updates: 5, average: 0.75f));
        Assert.That(Directory.GetFiles(path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "checkpoint", "average-5" }));
        Assert.That(Folder.Read().Average!.Parameters["fc.bias"][0], Is.EqualTo(0.75f));
    }

    [Test]
    public void The_weights_of_the_epoch_that_a_checkpoint_takes_for_the_best_are_kept_beside_it()
    {
        Folder.WriteBest(BestValidation.Start, Filled(1), Network.Start.Statistics, 0);
        Folder.WriteBest(0, Filled(2), Network.Start.Statistics, 2);
        Folder.Write(At(updates: 3, average: null));
        Assert.That(Directory.GetFiles(path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "checkpoint", "best-1" }));

        // A process that was killed after it had written the weights of a better epoch, and not the checkpoint.
        Folder.WriteBest(1, Filled(3), Network.Start.Statistics, 4);
        var read = Folder.Read();
        Assert.That(Folder.ReadBest(read.Position.Best.Epoch).Parameters.Values.SelectMany(values => values), Is.All.EqualTo(2f));
        Assert.That(read.State.Parameters, Is.EquivalentTo(Network.Start.Parameters));
    }

    [Test]
    public void A_training_begins_where_there_is_no_checkpoint_and_goes_on_where_there_is_one()
    {
        var below = Path.Combine(path, "a", "b");
        Sentences.Fails(FailureKind.Usage, () => TrainingFolder.Begin(below, resume: true), "no checkpoint", below, "--folder");
        TrainingFolder.Begin(below, resume: false);
        Assert.That(Directory.Exists(below));
        Folder.Write(At(updates: 3, average: null));
        Sentences.Fails(FailureKind.Usage, () => TrainingFolder.Begin(path, resume: false), "has not ended", path, "--resume");
        Assert.DoesNotThrow(() => TrainingFolder.Begin(path, resume: true));
    }

    [Test]
    public void A_rate_that_was_searched_for_outlives_a_resumption_and_no_new_beginning()
    {
        var found = new RateRange([new RatePoint(1e-6, 2, 2), new RatePoint(0.1, 1.0 / 3, 1)], 0.0314159, 0.2);
        Folder.WriteRate(found);
        TrainingFolder.Begin(path, resume: false);
        Sentences.Fails(FailureKind.Usage, () => Folder.ReadRate(), "did not search");
        Folder.WriteRate(found);
        Folder.Write(At(updates: 3, average: null));
        TrainingFolder.Begin(path, resume: true);
        var read = Folder.ReadRate();
        Assert.That((read.Suggested, read.Steepest, read.TenthOfLowest), Is.EqualTo((0.031, found.Steepest, found.TenthOfLowest)));
        Assert.That(read.Curve, Is.EqualTo(found.Curve));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("""{"curve":[],"steepest":1,"tenthOfLowest":1}""")]
    [TestCase("""{"curve":[{"rate":1,"loss":1,"smoothed":1}],"steepest":-1,"tenthOfLowest":1}""")]
    public void A_damaged_search_is_named(string text)
    {
        File.WriteAllText(Folder.Rate, text);
        Sentences.Fails(FailureKind.Data, () => Folder.ReadRate(), Folder.Rate, "no usable learning rate");
    }

    [Test]
    public void At_the_end_what_people_look_at_is_left()
    {
        Folder.Write(At(updates: 3, average: 0.5f));
        Folder.WriteBest(0, Filled(2), Network.Start.Statistics, 2);
        foreach (var name in (string[])["metrics.jsonl", "loss.svg", "rate.json", "head.onnx", "head.json"])
        {
            File.WriteAllText(Path.Combine(path, name), string.Empty);
        }

        Folder.End();
        Assert.That(Directory.GetFiles(path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "metrics.jsonl", "loss.svg", "rate.json" }));
    }

    private static Resumption At(long updates, float? average) => new(
        Network.Start with { Step = updates },
        new LoopPosition(7, 1, 2, updates, new BestValidation(0.5, 0.3, 0, 1), "options"),
        average is { } value ? new AverageState(Filled(value), Network.Start.Statistics, updates) : null,
        12.5,
        new EpochLoss(1.0 / 3, 32));

    private static Dictionary<string, float[]> Filled(float value) =>
        Network.Program.Parameters.ToDictionary(parameter => parameter.Name, parameter => Enumerable.Repeat(value, parameter.Count).ToArray());
}
