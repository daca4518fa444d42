namespace OnnxTransfer.Study;

/// <summary>The data, the network, what is recommended, and how to go on.</summary>
internal static class HeadlineSection
{
    public static void Write(HtmlWriter html, ReportContent content, IReadOnlyList<(string Id, string Title)> sections)
    {
        var study = content.Study;
        var (chosen, best, pValue) = study.Recommended;
        using (html.Tag("header", ("class", "masthead")))
        {
            html.Element("p", "OnnxTransfer: which layer?", ("class", "eyebrow"));
            html.Element("h1", content.Data);
            html.Element(
                "p",
                $"{Wording.Count(study.Classes.Count)} classes, {Wording.Images(study.TrainImages)} to learn from, "
                + $"{(study.TestImages > 0 ? $"{Wording.Count(study.TestImages)} to test with" : "no test part")}, seen by {content.Backbone}. "
                + $"{Wording.Count(study.Scores.Count)} heads on {Wording.Count(study.Scores.Select(static score => score.Tap.Point.Name).Distinct().Count())} layers are compared.",
                ("class", "about"));
            using (html.Tag("p", ("class", "verdict")))
            {
                html.Text("Take ");
                html.Element("strong", Wording.Layer(chosen.Tap.Point));
                html.Text($" with {PoolingWords.Of(chosen.Tap.Pooling)} and {Article(chosen.Loss)} head: {Reason(chosen, best, pValue)}");
            }

            using (html.Tag("dl", ("class", "figures")))
            {
                Figure(html, "cross-validated", Wording.Percent(chosen.CrossValidated.Accuracy), Wording.Percents(chosen.CrossValidated.Interval));
                if (chosen.Test is { } test)
                {
                    Figure(html, "on the test part", Wording.Percent(test.Accuracy), Wording.Percents(test.AccuracyInterval));
                }

                Figure(html, "an image alone", $"{Wording.Number(chosen.Cost.MillisecondsAlone)} ms", "one thread, this machine");
                Figure(html, "of the network", $"{Wording.Number(chosen.Tap.Point.CostPercent)} %", "multiply-accumulates");
                Figure(html, "backbone and head", $"{Wording.Number(chosen.Bytes / 1e6)} MB", $"{Wording.Count(chosen.Tap.Width)} numbers an image");
            }

            html.Element("p", "Go on with", ("class", "label"));
            Command(html, content.NextCommand);
            Links(html, sections);
        }
    }

    /// <summary>Links to the sections.</summary>
    public static void Links(HtmlWriter html, IReadOnlyList<(string Id, string Title)> sections)
    {
        using var links = html.Tag("nav", ("aria-label", "Sections"));
        foreach (var (id, title) in sections)
        {
            html.Element("a", title, ("href", $"#{id}"));
        }
    }

    /// <summary>A command line that a button copies.</summary>
    public static void Command(HtmlWriter html, string command)
    {
        using (html.Tag("div", ("class", "command")))
        {
            using (html.Tag("pre", ("tabindex", "0")))
            {
                html.Element("code", command);
            }

            html.Element("button", "Copy", ("type", "button"), ("class", "copy"), ("hidden", ""));
        }
    }

    /// <summary>A number with its name above and a detail below.</summary>
    public static void Figure(HtmlWriter html, string name, string value, string detail)
    {
        using var _ = html.Tag("div");
        html.Element("dt", name);
        using (html.Tag("dd"))
        {
            html.Element("b", value);
            html.Element("span", detail);
        }
    }

    private static string Reason(LayerScore chosen, LayerScore best, double pValue)
    {
        var accuracy = $"{Wording.Percent(chosen.CrossValidated.Accuracy)} right";
        return chosen == best
            ? $"{accuracy}, the best of all. No cheaper layer is shown to be as good."
            : $"{accuracy}, not significantly worse (p = {Wording.PValue(pValue)}) than the best, {Wording.Layer(best.Tap.Point)} with {PoolingWords.Of(best.Tap.Pooling)} at "
                + $"{Wording.Percent(best.CrossValidated.Accuracy)}. No cheaper layer is shown to be as good.";
    }

    private static string Article(Heads.HeadLoss loss) => Heads.HeadLossNames.ToText(loss) switch
    {
        "svm" => "an SVM",
        "hinge" => "a hinge",
        var name => $"a {name}",
    };
}
