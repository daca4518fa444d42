using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

/// <summary>The report on a training, as text and in Debian's Chromium without a window.</summary>
public partial class TrainingReportTests
{
    private const string Chromium = "/usr/bin/chromium";

    private static readonly TrainingContent Content = new()
    {
        Data = "photos <script>alert(1)</script>",
        Backbone = "net.onnx",
        Learned = "12,345 numbers were learned.",
        TrainImages = 80,
        ValidationImages = 20,
        Updates = [.. Enumerable.Range(1, 500).Select(static update => new TrainedUpdate(update, update == 7 ? null : (2 * Math.Exp(-update / 150.0)) + (0.2 * (update * 7 % 11 / 10.0)), 0.01 * (1 + Math.Cos(Math.PI * update / 500)) / 2))],
        Start = new TrainedEpoch(0, 0, null, 2.5, 0.45),
        Epochs = [.. Enumerable.Range(1, 5).Select(static epoch => new TrainedEpoch(epoch, 100 * epoch, 2.0 / epoch, (2.2 / epoch) + (0.05 * epoch), 0.5 + (0.1 * Math.Min(epoch, 4)) - (epoch == 5 ? 0.05 : 0)))],
        BestEpoch = 4,
        Head = new MetricEstimate(0.6, new Interval(0.45, 0.75)),
        Test = Evaluation.Of(["cat", "\"dog\" & co"], [0, 0, 0, 1, 1, 1, 1, 0], [0, 0, 1, 1, 1, 0, 1, 0]),
        NextCommand = "onnxtransfer predict tuned.onnx PHOTO",
        Settings = [new("Epochs", "5"), new("Rate", "0.01")],
        Stages = [new StageTime("train", 12.3)],
        Notes = ["a note"],
        Skipped = [new SkippedImage("broken.jpg", "it is cut off")],
    };

    [Test]
    public void It_shows_curves_results_and_settings_and_takes_names_for_text()
    {
        var html = TrainingReport.Html(Content);
        Assert.That(Sections().Matches(html).Select(static match => match.Groups[1].Value), Is.EqualTo(new[] { "loss", "confusion", "settings" }));
        Assert.That(Regex.Count(html, "<svg class=\"plot\""), Is.EqualTo(3));
        Assert.That(Regex.Count(html, "class=\"mark"), Is.EqualTo(17), "an epoch has a training loss, a validation loss and an accuracy, the start the last two; updates have no marks");
        Assert.That(html, Does.Contain("epoch 4\nvalidation loss 0.7500").And.Contain("start\nvalidation loss 2.5000").And.Contain("75.0\u00a0%").And.Contain("of which epoch 4 was kept").And.Contain("broken.jpg").And.Contain("train 12.3 s"));
        Assert.That(html, Does.Not.Contain("<script>alert").And.Contain("&quot;dog&quot; &amp; co"));
        Assert.That(TrainingReport.Html(Content), Is.EqualTo(html));
    }

    [Test]
    public void Without_a_validation_part_there_is_no_curve_of_it()
    {
        var html = TrainingReport.Html(Content with
        {
            ValidationImages = 0, BestEpoch = null, Head = null, Start = null, Epochs = [.. Content.Epochs.Select(static epoch => epoch with { ValidationLoss = null, ValidationAccuracy = null })],
        });
        Assert.That(Regex.Count(html, "<svg class=\"plot\""), Is.EqualTo(2));
        Assert.That(html, Does.Not.Contain("validation loss").And.Not.Contain("was kept").And.Not.Contain("of the head before"));
    }

    [Test]
    public void A_start_that_no_epoch_was_better_than_is_told_and_ringed()
    {
        var html = TrainingReport.Html(Content with { BestEpoch = 0 });
        Assert.That(html, Does.Contain("none of which was better on the validation part than the start, which was kept").And.Not.Contain("of which epoch"));
        Assert.That(Regex.Count(html, "\"mark ringed\""), Is.EqualTo(2), "the start has a validation loss and an accuracy");
    }

    [Test]
    public void A_training_of_one_update_or_without_a_finite_loss_has_a_report_too()
    {
        var single = TrainingReport.Html(Content with { Updates = [new TrainedUpdate(1, 0.5, 0.001)], Epochs = [new TrainedEpoch(1, 1, 0.5, 0.4, 1)], BestEpoch = 1 });
        Assert.That(single, Does.Not.Contain("NaN").And.Contain("one epoch"));
        Assert.That(TrainingReport.Html(Content with { Updates = [new TrainedUpdate(1, null, 0.001)] }), Does.Contain("nothing to plot"));
    }

    [Test]
    [Category("Slow")]
    public async Task In_a_browser_it_loads_nothing_fits_a_narrow_window_and_breaks_no_rule_of_accessibility([Values] bool dark)
    {
        if (!File.Exists(Chromium))
        {
            Assert.Ignore($"needs {Chromium}, Debian's package chromium");
        }

        var folder = Directory.CreateTempSubdirectory("onnxtransfer-training-report-").FullName;
        try
        {
            var file = Path.Combine(folder, "report.html");
            TrainingReport.Write(file, Content);
            using var playwright = await Playwright.CreateAsync();
            await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"] });
            var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1200, Height = 800 }, ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
            var (errors, requests) = (new List<string>(), new List<string>());
            page.Console += (_, message) => errors.AddRange(message.Type == "error" ? [message.Text] : []);
            page.PageError += (_, error) => errors.Add(error);
            page.Request += (_, request) => requests.Add(request.Url);
            await page.GotoAsync($"file://{file}");
            var found = await page.RunAxe();
            Assert.That(found.Violations.Select(static item => $"{item.Id}: {item.Help} at {item.Nodes[0].Html}"), Is.Empty);
            await page.Locator("svg.plot .mark").First.HoverAsync(new LocatorHoverOptions { Force = true });
            Assert.That(await page.Locator("#tip").InnerTextAsync(), Does.Contain("training loss"));
            await page.SetViewportSizeAsync(360, 800);
            Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(360));
            Assert.That((errors.Count, string.Join(' ', requests)), Is.EqualTo((0, $"file://{file}")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("<section id=\"([a-z]+)\"")]
    private static partial Regex Sections();
}
