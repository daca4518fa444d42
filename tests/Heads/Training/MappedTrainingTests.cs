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
    public void So_it_is_with_a_penalised_intercept_and_with_standardised_columns([Minimised] HeadLoss loss)
    {
        Compare(Problems.Make(300, 23, 4, 5), new() { Loss = loss, C = 0.01, RegularizeIntercept = true });
        Compare(Problems.Make(300, 23, 4, 5), new() { Loss = loss, C = 0.01, Standardize = true });
        Compare(Problems.Make(60, 90, 3, 5), new() { Loss = loss, C = 0.01, Standardize = true });
    }

    [Test]
    public void So_it_is_with_normalised_codes([Minimised] HeadLoss loss, [Values] bool standardize)
    {
        Compare(Problems.Make(300, 23, 4, 5), new() { Loss = loss, C = 1, Normalize = true, Standardize = standardize });
        Compare(Problems.Make(300, 23, 4, 5), new() { Loss = loss, C = 1, Normalize = true, Standardize = standardize, RegularizeIntercept = true });
        Compare(Problems.Make(60, 90, 3, 5), new() { Loss = loss, C = 1, Normalize = true, Standardize = standardize });
    }

    [Test]
    public void So_it_is_where_C_is_chosen([Minimised] HeadLoss loss, [Values] bool normalize, [Values] bool standardize)
    {
        Compare(Problems.Make(200, 11, 3, 7), new() { Loss = loss, Normalize = normalize, Standardize = standardize, Selection = new() { Cs = [0.01, 1], Repeats = 2 } });
        Compare(Problems.Make(40, 61, 3, 7), new() { Loss = loss, Normalize = normalize, Standardize = standardize, Selection = new() { Cs = [0.01, 1], Nested = true } });
    }

    [Test]
    public void So_it_is_with_heads_in_closed_form(
        [Values(HeadLoss.NearestMean, HeadLoss.Lda)] HeadLoss loss, [Values] bool normalize, [Values] bool standardize) =>
        Compare(Problems.Make(200, 11, 3, 7), new() { Loss = loss, Normalize = normalize, Standardize = standardize });

    [Test]
    public void So_it_is_with_calibrations(
        [Values] bool normalize, [Values] bool standardize, [Values(CalibrationMethod.Temperature, CalibrationMethod.Platt)] CalibrationMethod method)
    {
        var (codes, truth) = Problems.Make(200, 11, 3, 7);
        var labels = truth.Select(static k => Problems.Names(3)[k]).ToArray();
        var options = new HeadOptions { Loss = HeadLoss.SquaredHinge, C = 0.1, Normalize = normalize, Standardize = standardize };
        Npy.Write(file, codes);
        using var mapped = Npy.MapCodes(file);
        var head = LinearHead.Train(codes, labels, options);
        var (one, other) = (head.Calibrate(codes, labels, method, options), head.Calibrate(mapped.Matrix, labels, method, options));
        Assert.That(other.Calibration!.Scales, Is.EqualTo(one.Calibration!.Scales));
        Assert.That(other.Calibration.Shifts, Is.EqualTo(one.Calibration.Shifts));
    }

    [Test]
    public void No_copy_of_mapped_codes_is_made([Values] bool normalize, [Values] bool standardize, [Values] bool penalizeIntercept)
    {
        const int Rows = 3000, Columns = 1000;
        var (codes, truth) = Problems.Make(Rows, Columns, 2, 3);
        Npy.Write(file, codes);
        var labels = truth.Select(static k => Problems.Names(2)[k]).ToArray();
        using var mapped = Npy.MapCodes(file);
        var options = new HeadOptions
        {
            Normalize = normalize,
            Standardize = standardize,
            RegularizeIntercept = penalizeIntercept,
            Threads = 1,
            Selection = new() { Folds = 2, Cs = [1e-5, 1e-4] },
            RelativeGap = 1e-2,
        };
        long Allocated(CodeMatrix matrix)
        {
            // One thread runs everything here.
            var before = GC.GetAllocatedBytesForCurrentThread();
            LinearHead.Train(matrix, labels, options).Calibrate(matrix, labels, CalibrationMethod.Temperature, options);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        const long Copy = Rows * Columns * sizeof(float);
        Assert.That(Allocated(mapped.Matrix), Is.LessThan(Copy * 2 / 3));
        Assert.That(Allocated(codes), Is.GreaterThan(Copy), "where they are in memory, one is");
    }

    [Test]
    public void The_memory_that_is_needed_has_no_copy_of_mapped_codes()
    {
        const double Copy = 1000 * 300 * sizeof(float);
        var (codes, _) = Problems.Make(1000, 300, 2, 1);
        Npy.Write(file, codes);
        using var mapped = Npy.MapCodes(file);
        double Saved(HeadOptions options) =>
            MemoryNeed.Bytes(new CodeView(codes), 50, options, 1) - MemoryNeed.Bytes(new CodeView(mapped.Matrix), 50, options, 1);
        Assert.That(Saved(new() { C = 1 }), Is.EqualTo(Copy));
        Assert.That(Saved(new() { C = 1, Standardize = true }), Is.EqualTo(Copy));
        Assert.That(Saved(new() { C = 1, Normalize = true, RegularizeIntercept = true }), Is.EqualTo(Copy));
        Assert.That(Saved(new() { C = 1, RegularizeIntercept = true }), Is.Zero);
        Assert.That(Saved(new()), Is.EqualTo(2 * Copy), "and one in the order of the folds");
    }

    private void Compare((CodeMatrix Codes, int[] Truth) problem, HeadOptions options)
    {
        Npy.Write(file, problem.Codes);
        using var mapped = Npy.MapCodes(file);
        var (one, other) = (Problems.Train(problem.Codes, problem.Truth, options), Problems.Train(mapped.Matrix, problem.Truth, options));
        Assert.That(other.C, Is.EqualTo(one.C));
        Assert.That(other.Certificate with { Seconds = 0 }, Is.EqualTo(one.Certificate with { Seconds = 0 }));
        Assert.That(other.Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()));
        Assert.That(other.Selection?.Candidates, Is.EqualTo(one.Selection?.Candidates));
    }
}
