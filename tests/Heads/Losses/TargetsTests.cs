namespace OnnxTransfer.Heads.Tests;

public class TargetsTests
{
    [Test]
    public void One_class_per_row_is_a_class_a_list_of_one_and_a_sign()
    {
        var targets = new Targets(3, [2, 0, 1]);
        Assert.That((targets.Rows, targets.Classes, targets.Truth(0), targets.Weight(2)), Is.EqualTo((3, 3, 2, 1.0)));
        Assert.That(targets.Positives(2).ToArray(), Is.EqualTo(new[] { 1 }));
        Assert.That(Signs(targets, 0), Is.EqualTo(new[] { -1.0, -1, 1 }));
    }

    [Test]
    public void Rows_of_any_number_of_classes_keep_their_own()
    {
        var targets = new Targets(4, [0, 3, 1], [0, 2, 2, 3], [1, 2, 3]);
        Assert.That(targets.Rows, Is.EqualTo(3));
        Assert.That(Enumerable.Range(0, 3).Select(i => targets.Positives(i).ToArray()), Is.EqualTo(new int[][] { [0, 3], [], [1] }));
        Assert.That(Signs(targets, 0), Is.EqualTo(new[] { 1.0, -1, -1, 1 }));
        Assert.That(Signs(targets, 1), Is.EqualTo(new[] { -1.0, -1, -1, -1 }));
    }

    [Test]
    public void Chosen_rows_take_their_classes_and_weights_along([Values] bool several, [Values] bool weighted)
    {
        double[]? weights = weighted ? [5, 6, 7] : null;
        var targets = several ? new Targets(4, [0, 3, 2, 1], [0, 2, 3, 4], weights) : new Targets(4, [3, 2, 1], null, weights);
        var chosen = targets.Select([2, 0, 2]);
        Assert.That((chosen.Rows, chosen.Classes), Is.EqualTo((3, 4)));
        for (var i = 0; i < 3; i++)
        {
            var from = i == 1 ? 0 : 2;
            Assert.That(chosen.Positives(i).ToArray(), Is.EqualTo(targets.Positives(from).ToArray()));
            Assert.That(chosen.Weight(i), Is.EqualTo(weighted ? 5 + from : 1));
        }
    }

    private static double[] Signs(Targets targets, int row)
    {
        var signs = new double[targets.Classes];
        targets.Signs(row, signs);
        return signs;
    }
}
