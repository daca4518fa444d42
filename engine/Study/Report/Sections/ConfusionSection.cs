using System.Globalization;

namespace OnnxTransfer.Study;

/// <summary>The confusion matrix of a classifier; of many classes the part that is confused most.</summary>
internal static class ConfusionSection
{
    private const int MostClasses = 20;
    private const int MostPairs = 12;
    private const int Shades = 8;

    public static void Write(HtmlWriter html, Judgement judged)
    {
        html.Element(
            "p",
            $"{Wording.Count(judged.Correct)} of {Wording.Images(judged.Images)} {(judged.IsTest ? "of the test part" : "to learn from, each judged by a head that had not seen it,")} are right "
            + $"({Wording.Percent((double)judged.Correct / Math.Max(1, judged.Images))}). A row is the true class, a column what it was taken for; shades are shares of the row.");
        var classes = Shown(judged);
        if (classes.Length == 0)
        {
            html.Element("p", $"No image of the {Wording.Count(judged.Classes.Count)} classes was taken for another, so there is nothing to show of so large a matrix.");
            return;
        }

        if (classes.Length < judged.Classes.Count)
        {
            html.Element("p", $"Of {Wording.Count(judged.Classes.Count)} classes the {classes.Length} with the most mistakes from or to them are shown; mistakes with other classes are counted in the last column.");
        }

        Matrix(html, judged, classes);
        Pairs(html, judged);
    }

    /// <summary>All classes, or the ones with the most mistakes from or to them, in their order.</summary>
    private static int[] Shown(Judgement judged)
    {
        var all = Enumerable.Range(0, judged.Classes.Count);
        if (judged.Classes.Count <= MostClasses)
        {
            return [.. all];
        }

        int Mistakes(int k) => judged.Confusion[k].Sum() + judged.Confusion.Sum(row => row[k]) - (2 * judged.Confusion[k][k]);
        return [.. all.Select(k => (k, Count: Mistakes(k))).Where(static of => of.Count > 0).OrderByDescending(static of => of.Count).ThenBy(static of => of.k).Take(MostClasses).Select(static of => of.k).Order()];
    }

    private static void Matrix(HtmlWriter html, Judgement judged, int[] classes)
    {
        var isPart = classes.Length < judged.Classes.Count;
        using var region = html.Tag("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", "Confusion matrix"));
        using var table = html.Tag("table", ("class", "confusion"));
        using (html.Tag("thead"))
        using (html.Tag("tr"))
        {
            html.Element("td", "true class");
            foreach (var k in classes)
            {
                using (html.Tag("th", ("scope", "col"), ("title", judged.Classes[k])))
                {
                    html.Element("span", judged.Classes[k]);
                }
            }

            if (isPart)
            {
                using (html.Tag("th", ("scope", "col")))
                {
                    html.Element("span", "others");
                }
            }

            using (html.Tag("th", ("scope", "col")))
            {
                html.Element("span", "right, %");
            }
        }

        using var body = html.Tag("tbody");
        foreach (var truth in classes)
        {
            var row = judged.Confusion[truth];
            var total = row.Sum();
            html.Line();
            using (html.Tag("tr"))
            {
                html.Element("th", judged.Classes[truth], ("scope", "row"), ("title", judged.Classes[truth]));
                foreach (var k in classes)
                {
                    var shade = row[k] == 0 ? 0 : Math.Max(1, (int)Math.Ceiling(Shades * (double)row[k] / total));
                    html.Element("td", row[k] == 0 ? "\u00b7" : Wording.Count(row[k]), ("class", row[k] == 0 ? "none" : $"{(k == truth ? "right" : "wrong")} q{shade}"));
                }

                if (isPart)
                {
                    html.Element("td", Wording.Count(total - classes.Sum(k => row[k])), ("class", "number"));
                }

                html.Element("td", total == 0 ? "-" : Wording.Number(100.0 * row[truth] / total), ("class", "number"));
            }
        }
    }

    private static void Pairs(HtmlWriter html, Judgement judged)
    {
        (int Truth, int Predicted, int Count)[] pairs =
        [
            .. judged.Confusion.SelectMany((row, truth) => row.Select((count, k) => (truth, k, count)))
                .Where(static of => of.truth != of.k && of.count > 1)
                .OrderByDescending(static of => of.count).ThenBy(static of => of.truth).ThenBy(static of => of.k)
                .Take(MostPairs),
        ];
        if (pairs.Length == 0)
        {
            return;
        }

        html.Element("h3", "Most often");
        using var list = html.Tag("ul", ("class", "pairs"));
        foreach (var (truth, predicted, count) in pairs)
        {
            using var item = html.Tag("li");
            html.Element("b", count.ToString(CultureInfo.InvariantCulture));
            html.Text(" of ");
            html.Element("span", judged.Classes[truth], ("class", "class"));
            html.Text(" taken for ");
            html.Element("span", judged.Classes[predicted], ("class", "class"));
        }
    }
}
