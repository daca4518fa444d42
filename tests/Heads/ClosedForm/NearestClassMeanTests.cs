namespace OnnxTransfer.Heads.Tests;

public class NearestClassMeanTests
{
    private static string[] Labels(int[] truth) => [.. truth.Select(k => $"class{k:D3}")];

    [Test]
    public void Scores_are_negative_squared_distances_from_the_means_up_to_a_common_number(
        [Values(2, 5)] int classes, [Values(3, 40)] int columns, [Values(0f, 1e6f)] float shift)
    {
        var (plain, truth) = Problems.Make(30, columns, classes, 5);
        var codes = new CodeMatrix(Array.ConvertAll(plain.Values.ToArray(), value => value + shift), 30, columns);
        var head = LinearHead.NearestClassMean(codes, Labels(truth));
        var means = Enumerable.Range(0, classes).Select(k => Mean(codes, truth, k)).ToArray();
        var scores = new double[classes];
        for (var i = 0; i < codes.Rows; i++)
        {
            head.Scores(codes.Row(i), scores);
            var distances = means.Select(mean => mean.Zip(codes.Row(i).ToArray(), (m, x) => (x - m) * (x - m)).Sum()).ToArray();
            for (var k = 1; k < classes; k++)
            {
                // W x and b of codes around 1e6 are near 1e7 each, with 16 digits.
                Assert.That(scores[k] - scores[0], Is.EqualTo(distances[0] - distances[k]).Within(shift == 0 ? 1e-10 : 1e-6));
            }
        }
    }

    [Test]
    public void One_image_per_class_is_predicted_as_itself([Values] bool standardize)
    {
        var (codes, truth) = Problems.Make(6, 10, 6, 1);
        var head = LinearHead.NearestClassMean(codes, Labels(truth), standardize);
        Assert.That(head.Predict(codes), Is.EqualTo(truth));
        Assert.That(head.Standardized, Is.EqualTo(standardize));
    }

    [Test]
    public void Columns_without_variance_have_no_weight([Values] bool standardize)
    {
        var (plain, truth) = Problems.Make(20, 3, 2, 1);
        var values = plain.Values.ToArray();
        for (var i = 0; i < 20; i++)
        {
            values[(i * 3) + 1] = 0.1f;
        }

        var head = LinearHead.NearestClassMean(new CodeMatrix(values, 20, 3), Labels(truth), standardize);
        Assert.That((double[])[head.Weights.Span[1], head.Weights.Span[5]], Is.All.Zero);
    }

    [Test]
    public void Standardised_it_is_the_head_of_the_standardised_codes()
    {
        var (codes, truth) = Problems.Make(50, 6, 3, 4, 20);
        var standard = Problems.Standardized(codes);
        var (folded, plain) = (LinearHead.NearestClassMean(codes, Labels(truth), standardize: true), LinearHead.NearestClassMean(standard, Labels(truth)));
        var (one, other) = (new double[3], new double[3]);
        for (var i = 0; i < codes.Rows; i++)
        {
            folded.Scores(codes.Row(i), one);
            plain.Scores(standard.Row(i), other);
            Assert.That(one, Is.EqualTo(other).Within(1e-5));
        }
    }

    [Test]
    public void Scikit_learn_predicts_the_same()
    {
        if (!Python.Has("sklearn"))
        {
            Assert.Ignore("needs Python with scikit-learn");
        }

        var (codes, truth) = Problems.Make(60, 25, 5, 6);
        using var files = new ProblemFiles(codes, truth);
        var said = Python.Run(
            """
            import sys, numpy as np
            from sklearn.neighbors import NearestCentroid
            x, y = np.load(sys.argv[1] + "/X.npy").astype(float), np.load(sys.argv[1] + "/y.npy")
            print(*NearestCentroid().fit(x, y).predict(x))
            """,
            files.Folder);
        Assert.That(LinearHead.NearestClassMean(codes, Labels(truth)).Predict(codes), Is.EqualTo(said.Split(' ').Select(int.Parse)));
    }

    private static double[] Mean(CodeMatrix codes, int[] truth, int k)
    {
        int[] rows = [.. Enumerable.Range(0, codes.Rows).Where(row => truth[row] == k)];
        return [.. Enumerable.Range(0, codes.Columns).Select(d => rows.Average(row => (double)codes.Row(row)[d]))];
    }
}
