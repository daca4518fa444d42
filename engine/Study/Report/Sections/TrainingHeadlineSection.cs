namespace OnnxTransfer.Study;

/// <summary>The data, the network, what came of the training, and how to go on.</summary>
internal static class TrainingHeadlineSection
{
    public static void Write(HtmlWriter html, TrainingContent content, IReadOnlyList<(string Id, string Title)> sections)
    {
        var test = content.Test;
        using (html.Tag("header", ("class", "masthead")))
        {
            html.Element("p", "OnnxTransfer: fine-tuning", ("class", "eyebrow"));
            html.Element("h1", content.Data);
            html.Element(
                "p",
                $"{Wording.Count(test.Labels.Count)} classes, {Wording.Images(content.TrainImages)} to learn from, {Wording.Count(content.ValidationImages)} to validate on, "
                + $"{Wording.Count(test.Images)} to test with, seen by {content.Backbone}. {content.Learned}",
                ("class", "about"));
            using (html.Tag("p", ("class", "verdict")))
            {
                html.Element("strong", Wording.Percent(test.Accuracy));
                html.Text($" of the test part are right after {Epochs(content)}{Before(content)}.");
            }

            using (html.Tag("dl", ("class", "figures")))
            {
                HeadlineSection.Figure(html, "test accuracy", Wording.Percent(test.Accuracy), Wording.Percents(test.AccuracyInterval));
                if (content.Head is { } head)
                {
                    HeadlineSection.Figure(html, "of the head before", Wording.Percent(head.Value), Wording.Percents(head.Interval));
                }

                HeadlineSection.Figure(html, "balanced accuracy", Wording.Percent(test.BalancedAccuracy.Value), Wording.Percents(test.BalancedAccuracy.Interval));
                HeadlineSection.Figure(html, "macro-F1", Wording.Percent(test.MacroF1.Value), Wording.Percents(test.MacroF1.Interval));
                if (test.LogLoss is { } loss)
                {
                    HeadlineSection.Figure(html, "log-loss", Wording.Number(loss.Value, 3), $"{Wording.Number(loss.Interval.Low, 3)} to {Wording.Number(loss.Interval.High, 3)}");
                }
            }

            html.Element("p", "Go on with", ("class", "label"));
            HeadlineSection.Command(html, content.NextCommand);
            HeadlineSection.Links(html, sections);
        }
    }

    private static string Epochs(TrainingContent content)
    {
        var count = content.Epochs.Count == 1 ? "one epoch" : $"{Wording.Count(content.Epochs.Count)} epochs";
        return content.BestEpoch switch
        {
            null => count,
            0 => $"{count}, none of which was better on the validation part than the start, which was kept",
            { } best => $"{count}, of which epoch {best} was kept",
        };
    }

    private static string Before(TrainingContent content) =>
        content.Head is { } head ? $"; the linear head that it began with had {Wording.Percent(head.Value)}" : string.Empty;
}
