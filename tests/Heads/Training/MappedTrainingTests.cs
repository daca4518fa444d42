namespace OnnxTransfer.Heads.Tests;

public class MappedTrainingTests
{
    private string file = null!;

    [SetUp]
    public void NameFile() => file = Path.Combine(Directory.CreateTempSubdirectory("mapped").FullName, "X.npy");

    [TearDown]
    public void DeleteFile() => Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

    [Test]
    public void Softmax_on_mapped_codes_is_the_same_head_bit_by_bit()
    {
        var (codes, truth) = Problems.Make(700, 37, 5, 3);
        Compare(codes, truth, new() { C = 0.01 }, Is.EqualTo);
        Compare(codes, truth, new() { C = 0.01, RelativeGap = 1e-8 }, Is.EqualTo);
        Compare(codes, truth, new() { C = 0.01, RegularizeIntercept = true }, Is.EqualTo);
        Compare(codes, truth, new() { Standardize = true, C = 0.01 }, Is.EqualTo);
    }

    [Test]
    public void Every_loss_on_mapped_codes_has_the_same_optimum([Minimised] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(300, 23, 4, 5);
        Compare(codes, truth, new() { Loss = loss, C = 0.1, RelativeGap = 1e-6 }, value => Is.EqualTo(value).Within(2e-6 * value), ofObjective: true);
    }

    [Test]
    public void C_is_chosen_alike()
    {
        var (codes, truth) = Problems.Make(200, 11, 3, 7);
        Compare(codes, truth, new(), Is.EqualTo);
    }

    [Test]
    public void Mapped_codes_need_no_copy_unless_C_is_chosen_or_columns_are_standardised()
    {
        var (codes, _) = Problems.Make(1000, 300, 2, 1);
        Npy.Write(file, codes);
        using var mapped = Npy.MapCodes(file);
        double Saved(HeadOptions options) => MemoryNeed.Bytes(codes, 50, options, 1) - MemoryNeed.Bytes(mapped.Matrix, 50, options, 1);
        Assert.That(Saved(new() { C = 1 }), Is.EqualTo(1000 * 300 * 4));
        Assert.That(Saved(new() { C = 1, RegularizeIntercept = true }), Is.Zero);
        Assert.That(Saved(new()), Is.Zero);
        Assert.That(Saved(new() { Standardize = true }), Is.Zero);
    }

    private void Compare(CodeMatrix codes, int[] truth, HeadOptions options, Func<double, NUnit.Framework.Constraints.IResolveConstraint> same, bool ofObjective = false)
    {
        Npy.Write(file, codes);
        using var mapped = Npy.MapCodes(file);
        var (one, other) = (Problems.Train(codes, truth, options), Problems.Train(mapped.Matrix, truth, options));
        Assert.That(other.Certificate.Converged);
        Assert.That(other.C, Is.EqualTo(one.C));
        Assert.That(other.Certificate.Objective, same(one.Certificate.Objective));
        if (!ofObjective)
        {
            Assert.That(other.Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()));
        }
    }
}
