using System.Text.RegularExpressions;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study.Tests;

public partial class HtmlReportTests
{
    [Test]
    public void What_classes_and_ids_are_called_is_text_and_never_markup()
    {
        var html = HtmlReport.Html(SampleStudy.Content);
        Assert.That(html, Does.Not.Contain("<script>alert").And.Not.Contain("<img src=x"));
        Assert.That(html, Does.Contain("&lt;script&gt;alert(1)&lt;/script&gt;").And.Contain("&quot;&gt;&lt;img src=x onerror=alert(2)&gt;"));
        Assert.That(Openings().Matches(html).Select(static match => match.Value).Distinct(), Is.EquivalentTo(new[]
        {
            "<script>", "<script type=\"application/json\" id=\"map-pictures\">",
        }));
    }

    [Test]
    public void Every_section_is_there_and_the_table_has_every_score()
    {
        var (content, html) = (SampleStudy.Content, HtmlReport.Html(SampleStudy.Content));
        var sections = Sections().Matches(html).Select(static match => match.Groups[1].Value);
        Assert.That(sections, Is.EqualTo(new[] { "accuracy", "layers", "confusion", "mistakes", "map", "curve", "doctor", "settings" }));
        Assert.That(Rows().Count(html), Is.EqualTo(content.Study.Scores.Count));
        Assert.That(Regex.Count(html, "aria-sort=\"none\"><button"), Is.EqualTo(16));
        Assert.That(Regex.Count(html, "aria-sort=\"ascending\"><button"), Is.EqualTo(1));
        Assert.That(html, Does.Contain("Times").And.Contain(content.Settings.Single(static setting => setting.Name == "SHA-256 of the model").Value));
        Assert.That(html, Does.Contain("one to learn from, one to test with").And.Contain("different labels"));
    }

    [Test]
    public void Without_a_test_part_and_a_doctor_held_out_images_are_shown_and_no_findings()
    {
        var content = SampleStudy.ContentWithoutTest with { Doctor = null };
        var html = HtmlReport.Html(content);
        Assert.That(html, Does.Not.Contain("id=\"doctor\"").And.Not.Contain("on the test part").And.Contain("no test part"));
        Assert.That(content.Judged.IsTest, Is.False);
        Assert.That(content.Judged.Images, Is.EqualTo(54));
        Assert.That(content.Judged.Correct, Is.EqualTo(content.Study.Recommended.Chosen.HeldOut.Count(static right => right is true)));
        foreach (var mistake in content.Judged.Mistakes)
        {
            Assert.That(mistake.Margin, Is.Positive);
            Assert.That(mistake.Label, Is.Not.EqualTo(mistake.Predicted));
            Assert.That(mistake.Nearest, Has.Count.EqualTo(3));
            Assert.That(mistake.Nearest.Select(static of => of.Image), Has.No.Member(mistake.Image));
        }
    }

    [Test]
    public void Layers_that_pay_when_joined_have_their_command_too()
    {
        var content = SampleStudy.Content;
        var (without, with) = (HtmlReport.Html(content with { JoinedCommand = null }), HtmlReport.Html(content with { JoinedCommand = "onnxtransfer fit photos --tap first,second" }));
        Assert.That(content.JoinedCommand is null, Is.EqualTo(Concatenation.Better(content.Study.Concatenations) is null));
        Assert.That(Regex.Count(without, "<div class=\"command\">"), Is.EqualTo(1));
        Assert.That(Regex.Count(with, "<div class=\"command\">"), Is.EqualTo(2));
        Assert.That(with, Does.Contain("<code>onnxtransfer fit photos --tap first,second</code>"));
    }

    [Test]
    public void A_budget_is_told_with_the_best_within_it_and_what_is_better_beyond()
    {
        var content = SampleStudy.ContentWithoutTest;
        var (cheap, dear) = (MadeUpScore.Of("cheap", 10, 300, 400), MadeUpScore.Of("dear", 100, 390, 400));
        string Verdict(LayerReport study) => HtmlReport.Html(content with { Study = study });
        var free = content.Study with { Scores = [cheap, dear], Concatenations = [], Recommended = new LayerChoice<LayerScore>(dear, dear, 1, null) };
        Assert.That(Verdict(free), Does.Contain("97.5\u00a0% right, the best of all; every cheaper layer is significantly worse.").And.Not.Contain("udget "));
        var few = free with { Recommended = free.Recommended with { Unproved = MadeUpScore.Of("less", 10, 385, 400) } };
        Assert.That(Verdict(few), Does.Contain("the best of all; less with average pooling is cheaper and not significantly worse (p = 0.062), but 400 images cannot rule out"));

        var tight = Verdict(free with { Budget = new Budget(20, null), Recommended = new LayerChoice<LayerScore>(cheap, cheap, 1, null) });
        Assert.That(tight, Does.Contain("75.0\u00a0% right, the best within the budget (20 ms);").And.Contain("Beyond the budget dear with ").And.Contain("best layer within the budget (20 ms)"));
        Assert.That(tight, Does.Not.Contain("best of all").And.Contain("&lt; 0.001</td>"));
    }

    [Test]
    public void The_confusion_of_a_test_part_is_that_of_the_study()
    {
        var content = SampleStudy.Content;
        Assert.That(content.Judged.IsTest, Is.True);
        Assert.That(content.Judged.Confusion, Is.EqualTo(content.Study.Recommended.Chosen.Test!.Confusion));
    }

    [Test]
    public void The_same_content_gives_the_same_bytes()
    {
        var (once, again) = (HtmlReport.Html(SampleStudy.Content), HtmlReport.Html(SampleStudy.Content));
        Assert.That(again, Is.EqualTo(once));
    }

    [Test]
    public void Nothing_is_fetched()
    {
        var html = HtmlReport.Html(SampleStudy.Content);
        Assert.That(html, Does.Contain("default-src &#39;none&#39;").And.Not.Contain("http://").And.Not.Contain("https://").And.Not.Contain("@import").And.Not.Contain("url("));
        Assert.That(Sources().Matches(html).Select(static match => match.Groups[1].Value), Is.All.StartsWith("data:image/jpeg;base64,"));
    }

    [Test]
    public void Where_there_is_nothing_to_draw_a_sentence_stands()
    {
        var content = SampleStudy.ContentWithoutTest;
        var (study, judged) = (content.Study, content.Judged);
        var html = HtmlReport.Html(content with
        {
            Map = null,
            Curve = null,
            Study = study with { Scores = [study.Recommended.Chosen] },
            Judged = judged with { Mistakes = [] },
        });
        Assert.That(html, Does.Not.Contain("<svg class=\"plot\"").And.Not.Contain("<svg class=\"points\""));
        Assert.That(html, Does.Contain("Only one layer was studied").And.Contain("too few for a map").And.Contain("too few to tell").And.Contain("was taken for another class"));
    }

    [Test]
    public void Of_two_hundred_classes_the_most_confused_are_shown()
    {
        const int Classes = 200;
        var confusion = Enumerable.Range(0, Classes).Select(truth => Enumerable.Range(0, Classes).Select(k => k == truth ? 9 : truth == 150 && k == 151 ? 5 : truth == k + 30 ? 1 : 0).ToArray()).ToArray();
        var html = HtmlReport.Html(SampleStudy.ContentWithoutTest with
        {
            Judged = new Judgement([.. Enumerable.Range(0, Classes).Select(static k => $"class-{k:D3}")], confusion, IsTest: false, []),
        });
        Assert.That(html, Does.Contain("Of 200 classes the 20 with the most mistakes").And.Contain(">class-150</th>").And.Contain(">class-151</th>"));
        Assert.That(Regex.Count(html, "<th scope=\"row\" title=\"class-"), Is.EqualTo(20));
    }

    [Test]
    public void The_pictures_of_the_largest_report_leave_room_below_ten_megabytes()
    {
        // Noise is what JPEG makes least of: no photo's picture is larger. 24 mistakes with 3 neighbours, the doctor's 24, 48 and 48.
        var random = new Random(1);
        int Length(int side, int quality)
        {
            var pixels = new byte[3 * side * side];
            random.NextBytes(pixels);
            return ScriptJson.List([Convert.ToBase64String(Imaging.JpegFile.Encode(new Imaging.RgbImage(side, side, pixels), quality))]).Length;
        }

        var (large, small) = (Length(Pictures.LargeSide, Pictures.LargeQuality), Length(Pictures.SmallSide, Pictures.SmallQuality));
        const int MarkOfMap = 500;
        Assert.That((((Judgement.MostMistakes * 4) + 24 + 48 + 48) * large) + (CodeMap.MostPoints * (small + MarkOfMap)), Is.LessThan(10_000_000));
    }

    [Test]
    public void A_word_beside_a_point_and_the_front_go_with_the_series_that_they_are_of()
    {
        var html = HtmlReport.Html(SampleStudy.ContentWithoutTest);
        var chosen = SampleStudy.ContentWithoutTest.Study.Recommended.Chosen;
        var groups = Regex.Matches(html, "<g class=\"series[^\"]*\" data-keys=\"([^\"]*)\"(?:(?!<g class=\"series)[\\s\\S])*?(class=\"note\"|class=\"front\")");
        Assert.That(groups.Count(static group => group.Groups[2].Value == "class=\"note\""), Is.EqualTo(2), "one in each plot");
        Assert.That(groups.Where(static group => group.Groups[2].Value == "class=\"note\"").Select(static group => group.Groups[1].Value), Is.All.EqualTo($"{chosen.Tap.Pooling.ToText()} {chosen.Loss.ToText()}"));
        var front = AccuracySection.Front(SampleStudy.ContentWithoutTest.Study.Scores);
        Assert.That(groups.Single(static group => group.Groups[2].Value == "class=\"front\"").Groups[1].Value.Split(' '), Is.EquivalentTo(
            front.SelectMany(static score => new[] { score.Tap.Pooling.ToText(), score.Loss.ToText() }).Distinct()));
    }

    [Test]
    public void What_is_one_is_told_as_one()
    {
        var content = SampleStudy.ContentWithoutTest;
        var html = HtmlReport.Html(content with
        {
            Study = content.Study with { Scores = [content.Study.Recommended.Chosen] },
            Judged = content.Judged with { Mistakes = [new Mistake(content.Judged.Classes[0], "a", "b", 1, [])] },
        });
        Assert.That(html, Does.Contain("1 head on 1 layer is compared").And.Contain("The image to learn from, judged while held out, that is wrong: "));
        Assert.That(new AccuracyGuesses(1, null, null).Sentence, Does.EndWith("fewer than two are guessed."));
        Assert.That(new AccuracyGuesses(3, null, null).Sentence, Does.EndWith("all are equal."));
    }

    [Test]
    public void The_front_has_no_layer_that_is_slower_and_worse()
    {
        var score = SampleStudy.Content.Study.Scores[0];
        LayerScore Of(double milliseconds, double accuracy) => score with
        {
            Cost = new CutCost(milliseconds, milliseconds, 1),
            CrossValidated = new CCandidate(1, accuracy, new Interval(accuracy, accuracy)),
        };
        LayerScore[] scores = [Of(3, 0.9), Of(1, 0.5), Of(2, 0.95), Of(1, 0.7), Of(4, 0.95), Of(5, 0.96)];
        Assert.That(AccuracySection.Front(scores), Is.EqualTo(new[] { scores[3], scores[2], scores[5] }));
    }

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex Openings();

    [GeneratedRegex("<section id=\"([^\"]*)\"")]
    private static partial Regex Sections();

    [GeneratedRegex("<th scope=\"row\" data-value=")]
    private static partial Regex Rows();

    [GeneratedRegex(" src=\"([^\"]*)\"")]
    private static partial Regex Sources();
}
