namespace OnnxTransfer.Heads.Tests;

public class MappedTrainingTests
{
    private string file = null!;

    [SetUp]
    public void NameFile() => file = Path.Combine(Directory.CreateTempSubdirectory("mapped").FullName, "X.npy");

    [TearDown]
    public void DeleteFile() => Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

    [Test]
    public void A_head_on_mapped_codes_is_the_same_bit_by_bit([Minimised] HeadLoss loss, [Values(0.01, 1)] double c)
    {
        // More rows than columns and fewer: factors of either side.
        Compare(Problems.Make(700, 37, 5, 3), new() { Loss = loss, C = c, RelativeGap = 1e-7 });
        Compare(Problems.Make(60, 90, 3, 5), new() { Loss = loss, C = c, RelativeGap = 1e-7 });
    }

    [Test]
    public void So_it_is_with_a_penalised_intercept_and_with_standardised_columns()
    {
        Compare(Problems.Make(300, 23, 4, 5), new() { C = 0.01, RegularizeIntercept = true });
        Compare(Problems.Make(300, 23, 4, 5), new() { C = 0.01, Standardize = true });
    }

    [Test]
    public void So_it_is_where_C_is_chosen()
    {
        Compare(Problems.Make(200, 11, 3, 7), new());
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

    private void Compare((CodeMatrix Codes, int[] Truth) problem, HeadOptions options)
    {
        Npy.Write(file, problem.Codes);
        using var mapped = Npy.MapCodes(file);
        var (one, other) = (Problems.Train(problem.Codes, problem.Truth, options), Problems.Train(mapped.Matrix, problem.Truth, options));
        Assert.That(other.C, Is.EqualTo(one.C));
        Assert.That(other.Certificate with { Seconds = 0 }, Is.EqualTo(one.Certificate with { Seconds = 0 }));
        Assert.That(other.Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()));
    }
}
