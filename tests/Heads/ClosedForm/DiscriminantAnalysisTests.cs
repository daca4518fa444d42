using MathNet.Numerics.LinearAlgebra.Double;

namespace OnnxTransfer.Heads.Tests;

public class DiscriminantAnalysisTests
{
    private static string[] Labels(int[] truth) => [.. truth.Select(k => $"class{k:D3}")];

    /// <summary>Scores less their mean over the classes: what does not depend on a number common to all of them.</summary>
    private static double[] Differences(LinearHead head, CodeMatrix codes)
    {
        var scores = new double[head.Labels.Count];
        return [.. Enumerable.Range(0, codes.Rows).SelectMany(row =>
        {
            head.Scores(codes.Row(row), scores);
            return scores.Select(score => score - scores.Average());
        })];
    }

    /// <summary>The definition in plain loops, the covariance inverted as a whole.</summary>
    private static double[] Expected(CodeMatrix codes, int[] truth, int classes)
    {
        var (rows, columns) = (codes.Rows, codes.Columns);
        var counts = Enumerable.Range(0, classes).Select(k => truth.Count(y => y == k)).ToArray();
        var centre = Enumerable.Range(0, columns).Select(d => Enumerable.Range(0, rows).Average(i => (double)codes.Row(i)[d])).ToArray();
        var means = Enumerable.Range(0, classes).Select(k => Enumerable.Range(0, columns)
            .Select(d => Enumerable.Range(0, rows).Where(i => truth[i] == k).Average(i => codes.Row(i)[d] - centre[d])).ToArray()).ToArray();
        var z = Enumerable.Range(0, rows).Select(i => Enumerable.Range(0, columns)
            .Select(d => codes.Row(i)[d] - centre[d] - means[truth[i]][d]).ToArray()).ToArray();
        var s = new double[columns, columns];
        foreach (var (a, b) in from a in Enumerable.Range(0, columns) from b in Enumerable.Range(0, columns) select (a, b))
        {
            s[a, b] = z.Sum(row => row[a] * row[b]) / rows;
        }

        // beta as the mean squared distance of z z' from S, entry by entry.
        var variance = Enumerable.Range(0, columns).Average(d => s[d, d]);
        var (beta, delta) = (0.0, 0.0);
        foreach (var (a, b) in from a in Enumerable.Range(0, columns) from b in Enumerable.Range(0, columns) select (a, b))
        {
            beta += z.Sum(row => Math.Pow((row[a] * row[b]) - s[a, b], 2)) / rows / rows;
            delta += Math.Pow(s[a, b] - (a == b ? variance : 0), 2);
        }

        var share = delta > 0 ? Math.Min(beta, delta) / delta : 1;
        var sigma = new double[columns, columns];
        foreach (var (a, b) in from a in Enumerable.Range(0, columns) from b in Enumerable.Range(0, columns) select (a, b))
        {
            sigma[a, b] = ((1 - share) * s[a, b]) + (a == b ? share * variance : 0);
        }

        var inverse = DenseMatrix.OfArray(sigma).Inverse();
        return [.. Enumerable.Range(0, rows).SelectMany(i =>
        {
            var x = Vector.Build.Dense(columns, d => codes.Row(i)[d] - centre[d]);
            var scores = means.Select((mean, k) =>
            {
                var w = inverse * DenseVector.OfArray(mean);
                return (w * x) - (0.5 * (w * DenseVector.OfArray(mean))) + Math.Log((double)counts[k] / rows);
            }).ToArray();
            return scores.Select(score => score - scores.Average());
        })];
    }

    [Test]
    public void Scores_are_those_of_the_definition_on_either_side(
        [Values(2, 4)] int classes, [Values(1, 3, 24, 25, 60)] int columns, [Values(1e-3f, 1, 1e3f)] float scale)
    {
        var (codes, truth) = Problems.Make(25, columns, classes, 3, scale);
        var found = Differences(LinearHead.DiscriminantAnalysis(codes, Labels(truth)), codes);
        Assert.That(found, Is.EqualTo(Expected(codes, truth, classes)).Within(1e-9));
    }

    [Test]
    public void Codes_around_a_million_have_the_scores_of_codes_around_zero([Values(5, 50)] int columns)
    {
        // Steps of 1/16 are exact in float32 around a million.
        var (plain, truth) = Problems.Make(30, columns, 3, 3);
        var near = new CodeMatrix(Array.ConvertAll(plain.Values.ToArray(), value => MathF.Round(value * 16) / 16), 30, columns);
        var far = new CodeMatrix(Array.ConvertAll(near.Values.ToArray(), value => value + 1e6f), 30, columns);
        var (one, other) = (LinearHead.DiscriminantAnalysis(near, Labels(truth)), LinearHead.DiscriminantAnalysis(far, Labels(truth)));
        Assert.That(Differences(other, far), Is.EqualTo(Differences(one, near)).Within(1e-6));
    }

    [TestCase(2, 8, 0)]
    [TestCase(5, 8, 1e6f)]
    [TestCase(5, 120, 0)]
    [TestCase(2, 120, 1e6f)]
    public void Scikit_learn_has_the_same_shrinkage_scores_and_predictions(int classes, int columns, float shift)
    {
        if (!Python.Has("sklearn"))
        {
            Assert.Ignore("needs Python with scikit-learn");
        }

        var (plain, truth) = Problems.Make(60, columns, classes, 11);
        var codes = new CodeMatrix(Array.ConvertAll(plain.Values.ToArray(), value => value + shift), 60, columns);
        var head = LinearHead.DiscriminantAnalysis(codes, Labels(truth));
        using var files = new ProblemFiles(codes, truth);
        var said = Python.Run(
            """
            import sys, numpy as np
            from sklearn.covariance import ledoit_wolf
            from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
            x, y = np.load(sys.argv[1] + "/X.npy").astype(float), np.load(sys.argv[1] + "/y.npy")
            x -= x.mean(0)
            means = np.array([x[y == k].mean(0) for k in range(y.max() + 1)])
            rho = ledoit_wolf(x - means[y], assume_centered=True)[1]
            m = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=float(rho)).fit(x, y)
            s = x @ m.coef_.T + m.intercept_
            if s.shape[1] == 1: s = np.hstack([-s / 2, s / 2])
            print(*m.predict(x))
            print(*(s - s.mean(1, keepdims=True)).ravel())
            """,
            files.Folder).Split('\n');
        var theirs = said[1].Split(' ').Select(double.Parse).ToArray();
        Assert.That(head.Predict(codes), Is.EqualTo(said[0].Split(' ').Select(int.Parse)));
        Assert.That(Differences(head, codes), Is.EqualTo(theirs).Within(1e-6 * theirs.Max(Math.Abs)));
    }

    [Test]
    public void One_image_per_class_is_the_nearest_class_mean_to_scale([Values] bool standardize)
    {
        var (codes, truth) = Problems.Make(5, 8, 5, 2);
        var head = LinearHead.DiscriminantAnalysis(codes, Labels(truth), standardize);
        var means = Differences(LinearHead.NearestClassMean(codes, Labels(truth), standardize), codes);
        var found = Differences(head, codes);
        Assert.That(head.Predict(codes), Is.EqualTo(truth));
        Assert.That(found.Select((score, i) => score / means[i]), Is.All.EqualTo(found[0] / means[0]).Within(1e-9));
    }

    [Test]
    public void A_class_of_one_image_beside_larger_ones_is_learnt()
    {
        var (codes, truth) = Problems.Make(21, 30, 2, 2);
        truth[5] = 2;
        Assert.That(LinearHead.DiscriminantAnalysis(codes, Labels(truth)).Predict(codes)[5], Is.EqualTo(2));
    }

    [Test]
    public void Of_equal_codes_the_larger_class_wins()
    {
        var head = LinearHead.DiscriminantAnalysis(new CodeMatrix(Enumerable.Repeat(3f, 10).ToArray(), 5, 2), ["a", "a", "b", "b", "b"]);
        var scores = new double[2];
        head.Scores([3, 3], scores);
        Assert.That(scores[1] - scores[0], Is.EqualTo(Math.Log(1.5)).Within(1e-15));
    }

    [Test]
    public void Columns_without_variance_have_no_weight([Values(6, 40)] int rows, [Values] bool standardize)
    {
        var (plain, truth) = Problems.Make(rows, 12, 2, 1);
        var values = plain.Values.ToArray();
        for (var i = 0; i < rows; i++)
        {
            values[(i * 12) + 4] = 0.1f;
        }

        var head = LinearHead.DiscriminantAnalysis(new CodeMatrix(values, rows, 12), Labels(truth), standardize);
        Assert.That((double[])[head.Weights.Span[4], head.Weights.Span[13 + 4]], Is.All.Zero);
    }

    [Test]
    public void Deviations_along_one_line_still_have_an_inverse([Values(1, 3, 9)] int columns)
    {
        // All z z' are the same: the estimate of the shrinkage is 0, and S alone has no inverse.
        var values = new float[4 * columns];
        for (var i = 0; i < 4; i++)
        {
            values[i * columns] = (i < 2 ? 0 : 8) + (i % 2);
        }

        var codes = new CodeMatrix(values, 4, columns);
        var head = LinearHead.DiscriminantAnalysis(codes, ["a", "a", "b", "b"]);
        Assert.That(head.Predict(codes), Is.EqualTo(new[] { 0, 0, 1, 1 }));
        Assert.That(head.Weights.Span[columns + 1] - head.Weights.Span[0], Is.EqualTo(8 / 0.25).Within(0.01).Percent);
    }

    [Test]
    public void The_scores_do_not_depend_on_the_unit_of_the_codes([Values(10, 100)] int rows)
    {
        var (codes, truth) = Problems.Make(rows, 30, 3, 4);
        var (small, large) = (Problems.Make(rows, 30, 3, 4, 1e-18f).Codes, Problems.Make(rows, 30, 3, 4, 1e18f).Codes);
        var expected = Differences(LinearHead.DiscriminantAnalysis(codes, Labels(truth)), codes);
        Assert.That(Differences(LinearHead.DiscriminantAnalysis(small, Labels(truth)), small), Is.EqualTo(expected).Within(1e-3));
        Assert.That(Differences(LinearHead.DiscriminantAnalysis(large, Labels(truth)), large), Is.EqualTo(expected).Within(1e-3));
    }
}
