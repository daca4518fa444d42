namespace OnnxTransfer.Heads.Tests;

public class MemoryNeedTests
{
    [Test]
    public void More_than_there_is_is_one_sentence()
    {
        var codes = new CodeMatrix(new float[1000 * 16], 1000, 16);
        var bytes = MemoryNeed.Bytes(new CodeView(codes), 10_000_000, new() { C = 1 }, 1);
        Assert.That(bytes, Is.GreaterThan(9.2e10));
        Sentences.Fails(FailureKind.Machine, () => MemoryNeed.Check(bytes, 8e9), "GB of memory", "8.0 GB are left", "fewer codes or classes");
        Assert.DoesNotThrow(() => MemoryNeed.Check(bytes, bytes));
    }

    [Test]
    public void Mapped_codes_that_are_larger_than_memory_can_be_trained_on_in_a_quarter_of_a_gigabyte()
    {
        // 200,000 codes of 2,048 numbers, which a sparse file holds in no room.
        var folder = Directory.CreateTempSubdirectory("mapped").FullName;
        try
        {
            var file = Path.Combine(folder, "X.npy");
            using (var stream = new FileStream(file, FileMode.CreateNew))
            {
                var header = new NpyHeader("<f4", false, [200_000, 2048]).ToBytes();
                stream.Write(header);
                stream.SetLength(header.Length + (200_000L * 2048 * sizeof(float)));
            }

            using var mapped = Npy.MapCodes(file);
            Assert.That(mapped.Matrix.Row(199_999)[2047], Is.Zero);
            foreach (var loss in (HeadLoss[])[HeadLoss.Softmax, HeadLoss.SquaredHinge, HeadLoss.Logistic, HeadLoss.Ridge])
            {
                Assert.That(MemoryNeed.Bytes(new CodeView(mapped.Matrix), 100, new() { C = 1, Loss = loss }, 2), Is.LessThan(256 << 20));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void Choosing_C_standardising_and_threads_take_more()
    {
        var (codes, _) = Problems.Make(1000, 300, 2, 1);
        double Need(HeadOptions options, int threads) => MemoryNeed.Bytes(new CodeView(codes), 50, options, threads);
        Assert.That(Need(new(), 1), Is.LessThan(Need(new(), 4)).And.GreaterThan(Need(new() { C = 1 }, 1)));
        var penalised = Need(new() { C = 1, RegularizeIntercept = true }, 1);
        Assert.That(Need(new() { C = 1, Standardize = true }, 1) - penalised, Is.EqualTo(1000 * 300 * 4));
        Assert.That(Need(new() { C = 1 }, 1) - penalised, Is.EqualTo(1000 * 300 * 4), "less their centre");
        Assert.That(Need(new() { Selection = new() { Folds = 10 } }, 1), Is.GreaterThan(Need(new(), 1)));
        Assert.That(MemoryNeed.Available(), Is.GreaterThan(Need(new(), 4)));
    }
}
