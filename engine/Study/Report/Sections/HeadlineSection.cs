namespace OnnxTransfer.Study;

/// <summary>The data, the network, what is recommended, and how to go on.</summary>
internal static class HeadlineSection
{
    public static void Write(HtmlWriter html, ReportContent content, IReadOnlyList<(string Id, string Title)> sections)
    {
        var study = content.Study;
        var chosen = study.Recommended.Chosen;
        var layers = study.Scores.Select(static score => score.Tap.Point.Name).Distinct().Count();
        using (html.Tag("header", ("class", "masthead")))
        {
            html.Element("p", "OnnxTransfer: which layer?", ("class", "eyebrow"));
            html.Element("h1", content.Data);
            html.Element(
                "p",
                $"{Wording.Count(study.Classes.Count)} classes, {Wording.Images(study.TrainImages)} to learn from, "
                + $"{(study.TestImages > 0 ? $"{Wording.Count(study.TestImages)} to test with" : "no test part")}, seen by {content.Backbone}. "
                + $"{Wording.Number(study.Scores.Count, "head", "heads")} on {Wording.Number(layers, "layer", "layers")} {(study.Scores.Count == 1 ? "is" : "are")} compared.",
                ("class", "about"));
            using (html.Tag("p", ("class", "verdict")))
            {
                html.Text("Take ");
                html.Element("strong", Wording.Layer(chosen.Tap.Point));
                html.Text($" with {PoolingWords.Of(chosen.Tap.Pooling)} and {Article(chosen.Loss)} head: {Reason(study)}");
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
                Figure(html, "backbone and head", $"{ShortNumber.Of(chosen.Bytes / 1e6)} MB", $"{Wording.Count(chosen.Tap.Width)} numbers an image");
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

    private static string Reason(LayerReport study)
    {
        var (chosen, best, pValue, _) = study.Recommended;
        static string Accuracy(LayerScore score) => Wording.Percent(score.CrossValidated.Accuracy);
        var within = study.Budget.Limits ? $" within the budget ({study.Budget.ToText()})" : chosen == best ? " of all" : string.Empty;
        var reason = chosen == best
            ? $"{Accuracy(chosen)} right, the best{within}"
            : $"{Accuracy(chosen)} right, not significantly worse ({Wording.P(pValue)}) than the best{within}, {Name(best)} at {Accuracy(best)}";
        var beyond = study.Beyond is { } more ? $" Beyond the budget {Name(more)} has {Accuracy(more)}." : string.Empty;
        return $"{reason}; {study.Recommended.WhyNoneCheaper(Name)}.{beyond}";
    }

    private static string Name(LayerScore score) => $"{Wording.Layer(score.Tap.Point)} with {PoolingWords.Of(score.Tap.Pooling)}";

    private static string Article(Heads.HeadLoss loss) => Heads.HeadLossNames.ToText(loss) switch
    {
        "svm" => "an SVM",
        "hinge" => "a hinge",
        var name => $"a {name}",
    };
}
