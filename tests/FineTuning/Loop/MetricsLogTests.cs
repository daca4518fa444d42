using System.Text.Json;

namespace OnnxTransfer.FineTuning.Tests;

public sealed class MetricsLogTests
{
    private string folder = string.Empty;

    private string LogPath => Path.Combine(folder, "metrics.jsonl");

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory().FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Each_line_is_in_the_file_when_it_was_written()
    {
        using var log = MetricsLog.Start(LogPath);
        for (var step = 1; step <= 5; step++)
        {
            log.Write(Update(step));
            var lines = File.ReadAllText(LogPath).Split('\n');
            Assert.That(lines, Has.Length.EqualTo(step + 1));
            Assert.That(JsonDocument.Parse(lines[step - 1]).RootElement.GetProperty("step").GetInt32(), Is.EqualTo(step));
        }
    }

    [Test]
    public void Lines_are_read_as_they_were_written()
    {
        MetricsLine[] lines = [Update(1), Update(2) with { Kind = "epoch", ValidationLoss = 0.1, ValidationAccuracy = 1.0 / 3 }];
        Write(lines);
        Assert.That(MetricsLog.Read(LogPath), Is.EqualTo(lines));
        Assert.That(File.ReadAllText(LogPath), Does.StartWith(
            "{\"kind\":\"update\",\"step\":1,\"epoch\":0,\"loss\":0.5,\"rate\":0.01,\"imagesPerSecond\":30,\"seconds\":2}\n"));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(40)]
    public void What_a_kill_left_of_a_line_is_cut_off(int bytesOfLine)
    {
        Write(Update(1), Update(2));
        var whole = File.ReadAllText(LogPath);
        File.AppendAllText(LogPath, whole[..bytesOfLine]);
        Assert.That(MetricsLog.Read(LogPath).Select(static line => line.Step), Is.EqualTo(new[] { 1, 2 }));
        using (var log = MetricsLog.Resume(LogPath, 2))
        {
            log.Write(Update(3));
        }

        Assert.That(MetricsLog.Read(LogPath).Select(static line => line.Step), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void Resumed_it_has_each_step_once_as_if_it_had_never_been_interrupted()
    {
        Write([.. Enumerable.Range(1, 9).Select(Update)]);
        var uninterrupted = File.ReadAllText(LogPath);
        using (var log = MetricsLog.Resume(LogPath, 4))
        {
            foreach (var step in Enumerable.Range(5, 5))
            {
                log.Write(Update(step));
            }
        }

        Assert.That(File.ReadAllText(LogPath), Is.EqualTo(uninterrupted));
    }

    [Test]
    public void A_new_training_replaces_the_file_and_a_resumed_one_may_find_none()
    {
        Write(Update(1));
        Write(Update(2));
        Assert.That(MetricsLog.Read(LogPath).Single().Step, Is.EqualTo(2));
        File.Delete(LogPath);
        MetricsLog.Resume(LogPath, 5).Dispose();
        Assert.That(MetricsLog.Read(LogPath), Is.Empty);
    }

    [Test]
    public void A_loss_that_is_not_finite_is_null()
    {
        Write(Update(1) with { Loss = double.NaN, ValidationLoss = double.PositiveInfinity });
        Assert.That(MetricsLog.Read(LogPath).Single(), Is.EqualTo(Update(1) with { Loss = null }));
    }

    [Test]
    public void A_file_that_is_no_metrics_is_left_as_it_is()
    {
        File.WriteAllText(LogPath, "my diary\n");
        Sentences.Fails(FailureKind.Data, () => MetricsLog.Resume(LogPath, 1), "metrics.jsonl", "my diary");
        Assert.That(File.ReadAllText(LogPath), Is.EqualTo("my diary\n"));
    }

    [Test]
    public void A_place_that_cannot_be_written_is_a_matter_of_the_machine() =>
        Sentences.Fails(FailureKind.Machine, () => MetricsLog.Start(Path.Combine(folder, "none", "metrics.jsonl")), "none");

    private static MetricsLine Update(int step) => new("update", step, 0, 0.5, 0.01, 30, 2 * step);

    private void Write(params MetricsLine[] lines)
    {
        using var log = MetricsLog.Start(LogPath);
        Array.ForEach(lines, log.Write);
    }
}
