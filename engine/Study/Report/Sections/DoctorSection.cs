namespace OnnxTransfer.Study;

/// <summary>What the data doctor found: labels to look at, the same picture twice, classes that are mixed up, images unlike any other.</summary>
internal static class DoctorSection
{
    private const int MostCards = 24;
    private const int MostOverlaps = 15;

    public static void Write(HtmlWriter html, ReportContent content, DoctorReport doctor)
    {
        Labels(html, content, doctor);
        Duplicates(html, content, doctor.Duplicates);
        Overlaps(html, doctor.Overlaps);
        Strangers(html, content, doctor.Strangers);
    }

    private static void Labels(HtmlWriter html, ReportContent content, DoctorReport doctor)
    {
        html.Element("h3", "Labels worth a look");
        if (Intro(html, doctor.SuspectLabels, "No label is doubtful.", "image", "images", "whose label a head that learned from others would not give, the most doubtful first"))
        {
            using var sheet = html.Tag("div", ("class", "sheet"));
            foreach (var suspect in doctor.Labels.Take(Math.Min(doctor.SuspectLabels, MostCards)))
            {
                using var card = html.Tag("figure", ("class", "card"));
                PictureCard.Picture(html, content, suspect.Image, $"{suspect.Image}: {suspect.Label}, or {suspect.Suggested}?");
                using var caption = html.Tag("figcaption");
                PictureCard.Fact(html, "is", suspect.Label, "truth");
                PictureCard.Fact(html, "looks like", suspect.Suggested, "wrong");
                html.Element("p", $"margin {Wording.Number(suspect.Margin, 2)}", ("class", "small"));
                html.Element("p", suspect.Image, ("class", "id"));
            }
        }
    }

    private static void Duplicates(HtmlWriter html, ReportContent content, IReadOnlyList<NearDuplicate> duplicates)
    {
        html.Element("h3", "The same picture twice");
        if (Intro(html, duplicates.Count, "No two images show the same picture.", "pair", "pairs", "of images that show the same picture; those in both parts flatter the test"))
        {
            using var sheet = html.Tag("div", ("class", "sheet wide"));
            foreach (var pair in duplicates.Take(MostCards))
            {
                using var card = html.Tag("figure", ("class", "card two"));
                PictureCard.Picture(html, content, pair.Image, pair.Image);
                PictureCard.Picture(html, content, pair.Other, pair.Other);
                using var caption = html.Tag("figcaption");
                html.Element("p", $"alike {Wording.Number(pair.Similarity, 3)}{(pair.Mirrored ? ", mirrored" : string.Empty)}", ("class", "small"));
                if (pair.AcrossParts)
                {
                    html.Element("p", "one to learn from, one to test with", ("class", "wrong"));
                }

                if (!pair.SameLabel)
                {
                    html.Element("p", "different labels", ("class", "wrong"));
                }

                html.Element("p", pair.Image, ("class", "id"));
                html.Element("p", pair.Other, ("class", "id"));
            }
        }
    }

    private static void Overlaps(HtmlWriter html, IReadOnlyList<ClassOverlap> overlaps)
    {
        html.Element("h3", "Classes that are mixed up");
        if (overlaps.Count == 0)
        {
            html.Element("p", "No two classes are mixed up.");
            return;
        }

        if (overlaps.Count > MostOverlaps)
        {
            html.Element("p", $"The first {MostOverlaps} of {Wording.Count(overlaps.Count)} pairs.");
        }

        using var region = html.Tag("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", "Classes that are mixed up"));
        using var table = html.Tag("table");
        using (html.Tag("thead"))
        using (html.Tag("tr"))
        {
            foreach (var title in new[] { "first", "second", "first taken for second", "second taken for first", "of both, %" })
            {
                html.Element("th", title, ("scope", "col"));
            }
        }

        using var body = html.Tag("tbody");
        foreach (var overlap in overlaps.Take(MostOverlaps))
        {
            using var row = html.Tag("tr");
            html.Element("th", overlap.First, ("scope", "row"));
            html.Element("td", overlap.Second);
            html.Element("td", Wording.Count(overlap.FirstAsSecond), ("class", "number"));
            html.Element("td", Wording.Count(overlap.SecondAsFirst), ("class", "number"));
            html.Element("td", Wording.Number(100 * overlap.Share), ("class", "number"));
        }
    }

    private static void Strangers(HtmlWriter html, ReportContent content, IReadOnlyList<StrangeImage> strangers)
    {
        html.Element("h3", "Unlike any other");
        if (Intro(html, strangers.Count, "No image lies far from all others.", "image", "images", "far from all others, each with the nearest; the distance is in units of the median image's"))
        {
            using var sheet = html.Tag("div", ("class", "sheet wide"));
            foreach (var stranger in strangers.Take(MostCards))
            {
                using var card = html.Tag("figure", ("class", "card two"));
                PictureCard.Picture(html, content, stranger.Image, $"{stranger.Image}: {stranger.Label}");
                PictureCard.Picture(html, content, stranger.Nearest, $"nearest: {stranger.Nearest}");
                using var caption = html.Tag("figcaption");
                PictureCard.Fact(html, "is", stranger.Label, "truth");
                html.Element("p", $"distance {Wording.Number(stranger.Distance, 2)}", ("class", "small"));
                html.Element("p", stranger.Image, ("class", "id"));
            }
        }
    }

    /// <summary>Says how many there are and how many are shown; whether there are any.</summary>
    private static bool Intro(HtmlWriter html, int count, string none, string one, string several, string what)
    {
        var shown = count > MostCards ? $"; the first {MostCards} are shown" : string.Empty;
        html.Element("p", count == 0 ? none : $"{Wording.Count(count)} {(count == 1 ? one : several)} {what}{shown}.");
        return count > 0;
    }
}
