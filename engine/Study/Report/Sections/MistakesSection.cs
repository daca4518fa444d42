namespace OnnxTransfer.Study;

/// <summary>The images that are wrong with the largest margin, as a contact sheet with their nearest images.</summary>
internal static class MistakesSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        var mistakes = content.Judged.Mistakes;
        if (mistakes.Count == 0)
        {
            html.Element("p", $"No image {(content.Judged.IsTest ? "of the test part" : "that was held out")} was taken for another class.");
            return;
        }

        var of = content.Judged.IsTest ? "of the test part" : "to learn from, judged while held out,";
        html.Element(
            "p",
            (mistakes.Count == 1 ? $"The image {of} that is wrong: " : $"The {Wording.Images(mistakes.Count)} {of} that are wrong with the largest margin, the worst first: ")
            + "the margin is the score of the predicted class less that of the true one. "
            + $"Below {(mistakes.Count == 1 ? "it" : "each")} are the images to learn from that are nearest to it at the recommended layer.");
        using var sheet = html.Tag("div", ("class", "sheet"));
        foreach (var mistake in mistakes)
        {
            html.Line();
            using var card = html.Tag("figure", ("class", "card"));
            PictureCard.Picture(html, content, mistake.Image, $"{mistake.Image}: {mistake.Label}, taken for {mistake.Predicted}");
            using var caption = html.Tag("figcaption");
            PictureCard.Fact(html, "is", mistake.Label, "truth");
            PictureCard.Fact(html, "taken for", mistake.Predicted, "wrong");
            html.Element("p", $"margin {Wording.Number(mistake.Margin, 2)}", ("class", "small"));
            html.Element("p", mistake.Image, ("class", "id"));
            using var nearest = html.Tag("ul", ("class", "nearest"), ("aria-label", "Nearest images to learn from"));
            foreach (var neighbour in mistake.Nearest)
            {
                using var item = html.Tag("li");
                PictureCard.Picture(html, content, neighbour.Image, neighbour.Image, "tiny");
                html.Element("span", neighbour.Label, ("class", neighbour.Label == mistake.Label ? "truth" : neighbour.Label == mistake.Predicted ? "wrong" : null), ("title", neighbour.Label));
            }
        }
    }
}
