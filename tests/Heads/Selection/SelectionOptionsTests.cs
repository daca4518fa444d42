namespace OnnxTransfer.Heads.Tests;

public class SelectionOptionsTests
{
    [Test]
    public void Values_that_mean_nothing_are_named()
    {
        static void Fails(SelectionOptions options, params string[] words) => Sentences.Fails(FailureKind.Usage, options.Check, words);
        Fails(new() { Folds = 1 }, "folds is 1", "2 to 20");
        Fails(new() { Folds = 21 }, "folds is 21");
        Fails(new() { Repeats = 0 }, "repeats is 0");
        Fails(new() { Cs = [] }, "empty");
        Fails(new() { Cs = [1, 0] }, "1, 0", "above 0");
        Fails(new() { Cs = [double.NaN] }, "NaN");
        Fails(new() { Rule = (SelectionRule)9 }, "no rule 9");
        Fails(new() { Metric = (SelectionMetric)9 }, "no metric 9", "log-loss");
        Assert.DoesNotThrow(new SelectionOptions { Folds = 20, Repeats = 3, Cs = [1e-3] }.Check);
    }

    [Test]
    public void Training_refuses_them_too()
    {
        var (codes, truth) = Problems.Make(20, 3, 2, 1);
        Sentences.Fails(FailureKind.Usage, () => Problems.Train(codes, truth, new() { Selection = new() { Folds = 0 } }), "folds is 0");
        Sentences.Fails(FailureKind.Usage, () => Problems.Train(codes, truth, new() { Selection = new() { Groups = [1, 2] } }), "20 codes", "2 groups");
    }
}
