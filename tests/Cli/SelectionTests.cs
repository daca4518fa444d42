using System.Text.Json;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Tests;

/// <summary>The choice of C, as the command line takes and tells it.</summary>
public sealed class SelectionTests
{
    private string folder = null!;

    private string[] Train => ["train", "--codes", this["X.npy"], "--labels", this["y.npy"]];

    private string this[string name] => Path.Combine(folder, name);

    [OneTimeSetUp]
    public void Write()
    {
        folder = Directory.CreateTempSubdirectory("onnxtransfer-selection-").FullName;
        var random = new Random(5);
        int[] labels = [.. Enumerable.Range(0, 120).Select(static row => row % 3)];
        Npy.Write(this["X.npy"], new CodeMatrix(
            Enumerable.Range(0, 120 * 8).Select(i => random.NextSingle() + (i % 8 == labels[i / 8] ? 0.7f : 0)).ToArray(), 120, 8));
        Npy.Write(this["y.npy"], labels);
        Npy.Write(this["groups.npy"], (int[])[.. Enumerable.Range(0, 120).Select(static row => row / 6)]);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Without_options_five_folds_are_dealt_once_and_the_best_accuracy_wins()
    {
        var selection = Tool.Json(Train).GetProperty("selection");
        Assert.That(selection.GetProperty("folds").GetInt32(), Is.EqualTo(5));
        Assert.That(selection.GetProperty("repeats").GetInt32(), Is.EqualTo(1));
        Assert.That(selection.GetProperty("metric").GetString(), Is.EqualTo("accuracy"));
        Assert.That(selection.GetProperty("rule").GetString(), Is.EqualTo("best"));
        Assert.That(selection.GetProperty("nested").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void Every_option_is_taken_and_every_field_of_the_result_is_documented()
    {
        var train = Tool.Json([
            .. Train, "--folds", "4", "--repeats", "2", "--one-standard-error", "--metric", "log-loss", "--nested", "--groups", this["groups.npy"]]);
        var selection = train.GetProperty("selection");
        Assert.That(selection.GetProperty("folds").GetInt32(), Is.EqualTo(4));
        Assert.That(selection.GetProperty("repeats").GetInt32(), Is.EqualTo(2));
        Assert.That(selection.GetProperty("metric").GetString(), Is.EqualTo("log-loss"));
        Assert.That(selection.GetProperty("rule").GetString(), Is.EqualTo("one-standard-error"));
        var candidates = selection.GetProperty("candidates").EnumerateArray().ToList();
        double Of(JsonElement candidate, string name) => candidate.GetProperty(name).GetDouble();
        var best = candidates.MinBy(candidate => Of(candidate, "score"));
        var enough = candidates.First(candidate => Of(candidate, "score") <= Of(best, "score") + Of(best, "standardError"));
        Assert.That(train.GetProperty("c").GetDouble(), Is.EqualTo(Of(enough, "c")));

        var nested = selection.GetProperty("nested");
        Assert.That(nested.GetProperty("cs").GetArrayLength(), Is.EqualTo(4));
        Assert.That(nested.GetProperty("converged").GetBoolean());
        Assert.That(nested.GetProperty("accuracy").GetDouble(), Is.GreaterThan(0.6));
        var loss = nested.GetProperty("logLoss");
        Assert.That(loss.GetProperty("value").GetDouble(), Is.InRange(Of(loss.GetProperty("interval"), "low"), Of(loss.GetProperty("interval"), "high")));
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "JSON.md"));
        Assert.That(
            selection.EnumerateObject().Concat(nested.EnumerateObject()).Concat(candidates[0].EnumerateObject()).Concat(loss.EnumerateObject())
                .Select(property => $"`{property.Name}`"),
            Has.All.Matches<string>(name => document.Contains(name!, StringComparison.Ordinal)));
    }

    [Test]
    public void For_people_the_folds_and_the_nested_accuracy_are_told()
    {
        var run = Tool.Run([.. Train, "--folds", "3", "--repeats", "2", "--nested"]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("by 2 times 3-fold cross-validation").And.Contain("Nested cross-validation: accuracy "));
    }

    [Test]
    public void What_is_mistyped_or_has_no_effect_is_refused()
    {
        Tool.Fails(FailureKind.Usage, [.. Train, "--folds", "1"], "folds is 1", "2 to 20");
        Tool.Fails(FailureKind.Usage, [.. Train, "--metric", "f1"], "'f1'", "macro-f1");
        Tool.Fails(FailureKind.Usage, [.. Train, "--c", "1", "--nested"], "--nested", "--c");
        Tool.Fails(FailureKind.Usage, [.. Train, "--c", "1", "--groups", "none.npy"], "--groups", "--c");
        Tool.Fails(FailureKind.Usage, ["train", "store", "--groups", this["groups.npy"]], "--groups", "--codes");
        Tool.Fails(FailureKind.Data, [.. Train, "--groups", this["none.npy"]], "none.npy");
        Tool.Fails(FailureKind.Data, [.. Train, "--groups", this["X.npy"]], "X.npy", "axes");
    }
}
