using System.Text.Json;

namespace OnnxTransfer.FineTuning.Tests.Gradients;

/// <summary>Every rule, on every case of its operator.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public class RuleTests
{
    private static readonly JsonElement Expected = GradientGoldens.Read("expected");

    private static IEnumerable<TestCaseData> Cases => GradientCase.All.Select(each => new TestCaseData(each) { TestName = $"The gradients of {each.Name}" });

    [TestCaseSource(nameof(Cases))]
    public void Gradients_are_those_of_differences_and_of_PyTorch_and_run_in_float32(object given) =>
        GradientFigures.Of((GradientCase)given, Expected).MustBeSmall();

    [Test]
    [Category("Slow")]
    public void Appended_nodes_mean_the_same_in_later_operator_sets([Values(18, 21, 24)] int opset)
    {
        Assert.Multiple(() =>
        {
            foreach (var each in GradientCase.All)
            {
                var graph = each.Differentiate(opset);
                var (found, run) = (graph.Reference(), graph.Runtime());
                Assert.That(found.Max(pair => Differentiated.Error(run[pair.Key], pair.Value)), Is.LessThan(1e-5), each.Name);
            }
        });
    }

    [Test]
    public void Every_rule_has_a_case()
    {
        // Dropout is random: DropoutTests.
        Assert.That(GradientRules.Operators.Except(GradientCase.All.Select(each => each.Op)), Is.EqualTo(["Dropout"]));
    }

    [Test]
    public void Rules_stand_in_ordinal_order_in_their_file()
    {
        var source = File.ReadAllLines(Repository.PathOf("engine", "FineTuning", "Gradients", "GradientRules.cs"));
        var entries = source.Where(line => line.TrimStart().StartsWith("[\"", StringComparison.Ordinal)).Select(line => line.Split('"')[1]).ToList();
        Assert.That(entries, Is.EqualTo(GradientRules.Operators));
    }
}
