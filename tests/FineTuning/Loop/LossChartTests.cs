using System.Xml.Linq;

namespace OnnxTransfer.FineTuning.Tests.Loop;

public class LossChartTests
{
    [Test]
    public void Losses_that_fall_go_down_from_left_to_right()
    {
        var svg = XDocument.Parse(LossChart.Svg([Update(1, 2.0), Update(2, 1.0), Update(3, 0.5), Start(1.5), Epoch(3, 0.8)]));
        var points = Elements(svg, "polyline").First().Attribute("points")!.Value.Split(' ').Select(pair => Array.ConvertAll(pair.Split(','), double.Parse)).ToList();
        Assert.That(points, Has.Count.EqualTo(3));
        Assert.That(points.Select(point => point[0]), Is.Ordered.And.All.InRange(0, 720));
        Assert.That(points.Select(point => point[1]), Is.Ordered.And.All.InRange(0, 320));
        Assert.That(Elements(svg, "circle").Count(), Is.EqualTo(2));
    }

    [Test]
    public void A_loss_that_is_not_finite_is_left_out_and_nothing_at_all_is_still_a_picture()
    {
        Assert.That(Elements(XDocument.Parse(LossChart.Svg([Update(1, null)])), "polyline"), Is.Empty);
        Assert.That(LossChart.Svg([]), Does.Not.Contain("NaN"));
    }

    private static IEnumerable<XElement> Elements(XDocument svg, string name) => svg.Descendants().Where(element => element.Name.LocalName == name);

    private static MetricsLine Update(long step, double? loss) => new("update", step, 0, loss, 0.1, 10, step);

    private static MetricsLine Start(double loss) => new("start", 0, 0, null, 0, 0, 0) { ValidationLoss = loss };

    private static MetricsLine Epoch(long step, double loss) => new("epoch", step, 0, 0.5, 0.1, 10, step) { ValidationLoss = loss };
}
