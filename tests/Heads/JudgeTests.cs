using System.Text.Json;

namespace OnnxTransfer.Heads.Tests;

/// <summary>The verdict of a judge that knows nothing of this code, on problems that it makes itself; and of scikit-learn.</summary>
public class JudgeTests
{
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), "onnxtransfer-head-problems");

    [Test]
    public void The_judge_proves_small_problems(
        [Values(HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss loss, [Values(0.01, 1, 100)] double c,
        [Values] bool penalizeIntercept) =>
        Judge("T", loss, c, 1e-6, penalizeIntercept);

    [Test]
    public void The_judge_proves_middling_problems(
        [Values(HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss loss, [Values(0.01, 1)] double c) =>
        Judge("S", loss, c, 1e-6, false);

    [Test]
    public void The_judge_knows_the_optima_of_problems_with_kinks(
        [Values("T", "S")] string problem, [Values(HeadLoss.Hinge, HeadLoss.CrammerSinger)] HeadLoss loss, [Values(0.01, 1)] double c) =>
        Judge(problem, loss, c, 1e-6, true);

    [Test]
    [Category("Slow")]
    public void The_judge_proves_the_hardest_middling_problems(
        [Values(HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss loss, [Values(1e-4, 1e-6)] double gap) =>
        Judge("S", loss, 100, gap, false);

    [Test]
    [Category("Slow")]
    public void The_judge_proves_large_problems(
        [Values(HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic, HeadLoss.Ridge)] HeadLoss loss, [Values(0.01, 1, 100)] double c) =>
        Judge("M", loss, c, 1e-4, false);

    [Test]
    public void Scikit_learn_finds_the_same_standardised_optimum()
    {
        if (!Python.Has("sklearn"))
        {
            Assert.Ignore("needs Python with scikit-learn");
        }

        var problem = Problem("T");
        var codes = Npy.ReadCodes(Path.Combine(problem, "X.npy"));
        var truth = Npy.ReadLabels(Path.Combine(problem, "y.npy"));
        var head = Problems.Train(codes, truth, new() { C = 0.05, Standardize = true, RelativeGap = 1e-6 });
        var said = Python.Run(
            """
            import sys, numpy as np
            from sklearn.linear_model import LogisticRegression
            from sklearn.preprocessing import StandardScaler
            x, y = np.load(sys.argv[1] + "/X.npy").astype(float), np.load(sys.argv[1] + "/y.npy")
            z = StandardScaler().fit_transform(x)
            m = LogisticRegression(C=0.05, tol=1e-8, max_iter=10000).fit(z, y)
            print(0.5 * (m.coef_ ** 2).sum() - 0.05 * m.predict_log_proba(z)[np.arange(len(y)), y].sum())
            print(*m.decision_function(z)[0])
            """,
            problem).Split('\n');
        var scores = new double[head.Labels.Count];
        head.Scores(codes.Row(0), scores);
        var theirs = said[1].Split(' ').Select(double.Parse).ToArray();
        Assert.That(head.Certificate.Objective, Is.EqualTo(double.Parse(said[0])).Within(1e-4).Percent);
        Assert.That(scores.Select(s => s - scores.Average()), Is.EqualTo(theirs.Select(s => s - theirs.Average())).Within(5e-3));
    }

    private static void Judge(string name, HeadLoss loss, double c, double gap, bool penalizeIntercept)
    {
        var problem = Problem(name);
        var head = Problems.Train(
            Npy.ReadCodes(Path.Combine(problem, "X.npy")), Npy.ReadLabels(Path.Combine(problem, "y.npy")),
            new() { Loss = loss, C = c, RelativeGap = gap, RegularizeIntercept = penalizeIntercept });
        Assert.That(head.Certificate.Converged);
        var weights = Path.Combine(problem, $"W-{Guid.NewGuid():N}.npy");
        try
        {
            Npy.Write(weights, head.Weights, head.Labels.Count, head.Width + 1);
            string[] options = penalizeIntercept ? ["--regularize-intercept"] : [];
            using var verdict = JsonDocument.Parse(Python.RunFile(
                SharedFiles.Path("heads/check_head.py"),
                ["--problem", problem, "--weights", weights, "--head", loss.ToText(), "--c", $"{c}", "--gap", $"{gap}", .. options]));
            var objective = verdict.RootElement.GetProperty("objective").GetDouble();
            Assert.That(head.Certificate.Objective, Is.EqualTo(objective).Within(1e-7).Percent);
            Assert.That(head.Certificate.DualBound, Is.LessThanOrEqualTo(objective * (1 + 1e-12)));
        }
        finally
        {
            File.Delete(weights);
        }
    }

    private static string Problem(string name)
    {
        var folder = Path.Combine(Folder, name);
        if (!File.Exists(Path.Combine(folder, "problem.json")))
        {
            Python.RunFile(SharedFiles.Path("heads/make_problems.py"), Folder, name);
        }

        return folder;
    }
}
