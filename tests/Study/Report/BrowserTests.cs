using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace OnnxTransfer.Study.Tests;

/// <summary>The report in a browser: Debian's Chromium without a window.</summary>
internal sealed class BrowserTests
{
    private const string Chromium = "/usr/bin/chromium";

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("onnxtransfer-report-").FullName;
    private readonly List<string> errors = [];
    private readonly List<string> requests = [];
    private IPlaywright? playwright;
    private IBrowser? browser;

    [OneTimeSetUp]
    public async Task Start()
    {
        if (!File.Exists(Chromium))
        {
            Assert.Ignore($"needs {Chromium}, Debian's package chromium");
        }

        HtmlReport.Write(Path.Combine(folder, "report.html"), SampleStudy.Content);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = Arguments });
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }

        playwright?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public async Task It_renders_without_an_error_or_a_request_and_runs_nothing_that_is_planted()
    {
        var page = await Open(1200);
        Assert.That(await page.Locator("h1").InnerTextAsync(), Is.EqualTo("photos"));
        Assert.That(await page.Locator("svg.plot").CountAsync(), Is.EqualTo(3));
        Assert.That(await page.Locator("svg.points .mark").CountAsync(), Is.EqualTo(SampleStudy.Content.Map!.Points.Count));
        Assert.That(await page.Locator(".toggles").First.IsVisibleAsync(), Is.True, "the script runs under the policy");
        Assert.That(await page.EvaluateAsync<bool>("[...document.images].every(image => image.naturalWidth > 0 || image.loading === 'lazy')"), Is.True);
        Assert.That(errors, Is.Empty);
        Assert.That(requests.Where(static request => !request.StartsWith("data:", StringComparison.Ordinal)), Is.EqualTo(new[] { $"file://{folder}/report.html" }));
    }

    [Test]
    public async Task Tooltips_come_with_the_pointer_and_with_the_keyboard()
    {
        var page = await Open(1200);
        var (tip, marks) = (page.Locator("#tip"), page.Locator("svg.plot").First.Locator(".mark:visible"));
        Assert.That(await tip.IsVisibleAsync(), Is.False);
        await marks.First.HoverAsync(new LocatorHoverOptions { Force = true });
        Assert.That(await tip.InnerTextAsync(), Does.Contain("% of the network"));
        await page.Locator("h1").HoverAsync();
        Assert.That(await tip.IsVisibleAsync(), Is.False);

        await marks.First.FocusAsync();
        var first = await tip.InnerTextAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.That(await tip.InnerTextAsync(), Is.Not.EqualTo(first).And.Contain("% of the network"));
        await page.Keyboard.PressAsync("Escape");
        Assert.That(await tip.IsVisibleAsync(), Is.False);

        await page.Locator(".points .mark[tabindex='0']").FocusAsync();
        Assert.That(await tip.Locator("img").CountAsync(), Is.EqualTo(1));
        Assert.That(await tip.InnerTextAsync(), Does.Contain(SampleStudy.Content.Map!.Points[0].Image));
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public async Task Columns_sort_both_ways()
    {
        var page = await Open(1200);
        var heads = page.Locator("table.sortable thead th");
        var titles = await heads.AllInnerTextsAsync();
        var column = titles.ToList().FindIndex(static title => title.Trim().StartsWith("cross", StringComparison.Ordinal));
        async Task<double[]> Values() => [.. (await page.Locator($"table.sortable tbody tr > :nth-child({column + 1})").EvaluateAllAsync<string[]>("cells => cells.map(cell => cell.dataset.value)"))
            .Select(static value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];
        await heads.Nth(column).GetByRole(AriaRole.Button).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.That(await heads.Nth(column).GetAttributeAsync("aria-sort"), Is.EqualTo("descending"));
        Assert.That(await Values(), Is.Ordered.Descending);
        await heads.Nth(column).GetByRole(AriaRole.Button).ClickAsync();
        Assert.That(await heads.Nth(column).GetAttributeAsync("aria-sort"), Is.EqualTo("ascending"));
        Assert.That(await Values(), Is.Ordered);
        Assert.That(await page.Locator("th[aria-sort]:not([aria-sort=none])").CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Series_classes_and_places_can_be_switched()
    {
        var page = await Open(1200);
        var (chart, map) = (page.Locator(".chart").First, page.Locator("figure.map"));
        var before = await chart.Locator(".mark:visible").CountAsync();
        await chart.Locator("input[value=max]").UncheckAsync();
        Assert.That(await chart.Locator(".mark:visible").CountAsync(), Is.LessThan(before));
        await map.Locator("input[value=pca]").CheckAsync();
        Assert.That(await map.Locator(".mark").First.EvaluateAsync<string>("mark => mark.style.transform"), Does.StartWith("translate("));
        await map.Locator(".legend button").First.ClickAsync();
        Assert.That(await map.Locator(".mark.on").CountAsync(), Is.EqualTo(12));
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public async Task A_word_beside_a_point_covers_no_mark_stays_in_the_plot_and_goes_with_its_series()
    {
        var page = await Open(1200);
        var chart = page.Locator(".chart").First;
        var word = chart.Locator("text.note").First;
        Assert.That(await word.TextContentAsync(), Is.EqualTo("recommended"));
        var box = Corners(await word.BoundingBoxAsync());
        foreach (var mark in await chart.Locator("svg.plot").First.Locator(".mark:visible").AllAsync())
        {
            Assert.That(Corners(await mark.BoundingBoxAsync()), Is.Not.Matches<(float Left, float Top, float Right, float Bottom)>(
                other => other.Left < box.Right && box.Left < other.Right && other.Top < box.Bottom && box.Top < other.Bottom));
        }

        var plot = Corners(await chart.Locator("svg.plot").First.BoundingBoxAsync());
        Assert.That(box.Left, Is.GreaterThan(plot.Left));
        Assert.That(box.Right, Is.LessThan(plot.Right));

        foreach (var input in await chart.Locator("input[type=checkbox]").AllAsync())
        {
            await input.SetCheckedAsync(false);
        }

        Assert.That(await word.IsVisibleAsync(), Is.False);
        Assert.That(errors, Is.Empty);

        static (float Left, float Top, float Right, float Bottom) Corners(LocatorBoundingBoxResult? box) => (box!.X, box.Y, box.X + box.Width, box.Y + box.Height);
    }

    [Test]
    public async Task Paper_has_keys_for_what_is_switched_on_and_no_switches()
    {
        var page = await Open(1200);
        var chart = page.Locator(".chart").First;
        await chart.Locator("input[value=max]").UncheckAsync();
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        Assert.That(await chart.Locator("input:visible").CountAsync(), Is.Zero);
        Assert.That(await chart.Locator("label:visible").CountAsync(), Is.EqualTo(await chart.Locator("input:checked").CountAsync()).And.GreaterThan(0));
        Assert.That(await chart.Locator("label:visible .swatch").CountAsync(), Is.GreaterThan(0));
    }

    [Test]
    public async Task A_narrow_window_never_scrolls_sideways([Values(360, 390, 800)] int width)
    {
        var page = await Open(width);
        Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width));
    }

    [Test]
    [Category("Slow")]
    public async Task No_rule_of_accessibility_is_broken([Values] bool dark)
    {
        var page = await Open(1200, dark ? ColorScheme.Dark : ColorScheme.Light);
        var found = await page.RunAxe();
        Assert.That(found.Passes, Is.Not.Empty);
        Assert.That(found.Violations.Select(Told), Is.Empty);
    }

    private static string Told(AxeResultItem item) => $"{item.Id}: {item.Help} at {string.Join(", ", item.Nodes.Take(3).Select(static node => node.Html))}";

    private async Task<IPage> Open(int width, ColorScheme scheme = ColorScheme.Light)
    {
        errors.Clear();
        requests.Clear();
        var page = await browser!.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = 800 }, ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        page.Console += (_, message) => errors.AddRange(message.Type == "error" ? [message.Text] : []);
        page.PageError += (_, error) => errors.Add(error);
        page.Dialog += (_, dialog) => errors.Add(dialog.Message);
        page.Request += (_, request) => requests.Add(request.Url);
        await page.GotoAsync($"file://{folder}/report.html");
        return page;
    }
}
