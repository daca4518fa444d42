using System.Text.Json;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Tests;

/// <summary>Heads on plain arrays: normalised codes, weights of samples, any number of labels for each.</summary>
public sealed class TrainArraysTests
{
    private const int Rows = 90;
    private const int Columns = 5;

    private string folder = null!;
    private CodeMatrix codes = null!;
    private int[] truth = null!;

    private string[] Train => ["train", "--codes", this["X.npy"], "--labels", this["y.npy"], "--c", "1"];

    private string[] TrainSets => ["train", "--codes", this["X.npy"], "--labels", this["Y.npy"], "--c", "1", "--head", "logistic"];

    private string this[string name] => Path.Combine(folder, name);

    [OneTimeSetUp]
    public void Write()
    {
        folder = Directory.CreateTempSubdirectory("onnxtransfer-arrays-").FullName;
        var random = new Random(5);
        truth = [.. Enumerable.Range(0, Rows).Select(static row => row % 3)];
        codes = new CodeMatrix(
            Enumerable.Range(0, Rows * Columns).Select(i => (1 + (i / Columns % 4)) * (random.NextSingle() + (i % Columns == truth[i / Columns] ? 0.7f : 0))).ToArray(),
            Rows,
            Columns);
        Npy.Write(this["X.npy"], codes);
        Npy.Write(this["y.npy"], truth);
        WriteSets("Y.npy", (row, label) => truth[row] == label || (label == 3 && row % 2 == 0) ? (byte)1 : (byte)0);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Normalised_codes_are_told_and_their_weights_apply_to_codes_of_length_1()
    {
        var plain = Tool.Json([.. Train, "--weights", this["plain.npy"]]);
        var trained = Tool.Json([.. Train, "--normalize", "--weights", this["W.npy"], "-o", this["head.onnx"]]);
        Assert.That((Flag(plain, "normalised"), Flag(trained, "normalised"), Flag(trained, "standardised")), Is.EqualTo((false, true, false)));

        var head = HeadFile.Read(this["head.onnx"]).Head;
        Assert.That(head.Normalized);
        var (weights, scores) = (Npy.ReadCodes(this["W.npy"]), new double[3]);
        for (var i = 0; i < Rows; i++)
        {
            head.Scores(codes.Row(i), scores);
            var length = Math.Sqrt(codes.Row(i).ToArray().Sum(static value => (double)value * value));
            var expected = Enumerable.Range(0, 3).Select(k =>
                weights.Row(k)[Columns] + Enumerable.Range(0, Columns).Sum(d => weights.Row(k)[d] * (double)codes.Row(i)[d] / length));
            Assert.That(scores, Is.EqualTo(expected).Within(1e-5));
        }
    }

    [Test]
    public void For_people_it_is_said_what_the_weights_are_of()
    {
        var run = Tool.Run([.. Train, "--normalize", "--standardize", "--weights", this["W2.npy"]]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("codes of length 1").And.Contain("W2.npy are those of codes divided by their Euclidean lengths"));
        Assert.That(Tool.Run([.. Train, "--weights", this["W3.npy"]]).Output, Does.Not.Contain("length"));
    }

    [Test]
    public void A_sample_that_weighs_nothing_is_left_out()
    {
        int[] rows = [.. Enumerable.Range(0, Rows).Where(static row => row % 4 != 0)];
        WriteNumbers("s.npy", "<f8", Rows, row => BitConverter.GetBytes(row % 4 != 0 ? 1.0 : 0));
        WriteNumbers("s32.npy", "<f4", Rows, row => BitConverter.GetBytes(row % 4 != 0 ? 1f : 0));
        Npy.Write(this["X-some.npy"], codes.Select(rows));
        Npy.Write(this["y-some.npy"], Array.ConvertAll(rows, row => truth[row]));
        double Objective(params string[] arguments) => Tool.Json([.. arguments, "--gap", "1e-7"]).GetProperty("objective").GetDouble();
        var weighted = Objective([.. Train, "--sample-weights", this["s.npy"]]);
        Assert.That(weighted, Is.EqualTo(Objective("train", "--codes", this["X-some.npy"], "--labels", this["y-some.npy"], "--c", "1")).Within(1e-4).Percent);
        Assert.That(Objective([.. Train, "--sample-weights", this["s32.npy"]]), Is.EqualTo(weighted));
        Assert.That(weighted, Is.LessThan(0.9 * Objective(Train)));
        Assert.That(Objective([.. TrainSets, "--sample-weights", this["s.npy"]]), Is.LessThan(0.9 * Objective(TrainSets)));
    }

    [Test]
    public void Sample_weights_that_mean_nothing_are_one_sentence()
    {
        byte[] One(int row) => BitConverter.GetBytes(1.0);
        void Fails(FailureKind kind, string name, params string[] words) => Tool.Fails(kind, [.. Train, "--sample-weights", this[name]], words);
        WriteNumbers("short.npy", "<f8", Rows - 1, One);
        WriteNumbers("negative.npy", "<f8", Rows, row => row == 7 ? BitConverter.GetBytes(-2.0) : One(row));
        WriteNumbers("nan.npy", "<f8", Rows, row => row == 7 ? BitConverter.GetBytes(double.NaN) : One(row));
        WriteNumbers("zeros.npy", "<f8", Rows, static _ => new byte[8]);
        WriteNumbers("no-class.npy", "<f8", Rows, row => row % 3 == 1 ? new byte[8] : One(row));
        Fails(FailureKind.Usage, "short.npy", "90 codes", "89 sample weights");
        Fails(FailureKind.Usage, "negative.npy", "code 7", "-2");
        Fails(FailureKind.Usage, "nan.npy", "code 7", "NaN");
        Fails(FailureKind.Data, "zeros.npy", "All sample weights are 0");
        Fails(FailureKind.Data, "no-class.npy", "'1'", "weigh nothing");
        Fails(FailureKind.Data, "y.npy", "<i8", "float64");
        Fails(FailureKind.Data, "X.npy", "2 axes");
        Fails(FailureKind.Data, "none.npy", "none.npy");
        Tool.Fails(FailureKind.Usage, ["train", "store", "--sample-weights", this["short.npy"]], "--sample-weights", "--codes");
        WriteNumbers("ones.npy", "<f8", Rows, One);
        Tool.Fails(
            FailureKind.Usage, ["train", "--codes", this["X.npy"], "--labels", this["y.npy"], "--head", "lda", "--sample-weights", this["ones.npy"]], "lda", "no sample weights");
    }

    [TestCase("logistic")]
    [TestCase("svm")]
    [TestCase("hinge")]
    [TestCase("ridge")]
    public void A_matrix_of_labels_makes_a_multi_label_head_of_its_columns(string head)
    {
        var name = this[head + ".onnx"];
        var trained = Tool.Json([.. TrainSets[..^1], head, "--gap", "1e-5", "--weights", this["W4.npy"], "-o", name]);
        Assert.That((Flag(trained, "multiLabel"), Flag(Tool.Json(Train), "multiLabel")), Is.EqualTo((true, false)));
        Assert.That(trained.GetProperty("labels").EnumerateArray().Select(label => label.GetString()), Is.EqualTo(new[] { "0", "1", "2", "3" }));
        Assert.That(trained.GetProperty("relativeGap").GetDouble(), Is.InRange(0, 1e-5));
        Assert.That(trained.GetProperty("calibration").ValueKind, Is.EqualTo(JsonValueKind.Null));
        var read = HeadFile.Read(name).Head;
        Assert.That(read.IsMultiLabel);
        var weights = Npy.ReadCodes(this["W4.npy"]);
        Assert.That((weights.Rows, weights.Columns), Is.EqualTo((4, Columns + 1)));
        Assert.That(read.Weights.ToArray(), Is.EqualTo(weights.Values.ToArray().Select(static value => (double)value)));
        Assert.That(Tool.Run([.. TrainSets[..^1], head]).Output, Does.Contain("4 labels").And.Contain("sigmoid"));
    }

    [Test]
    public void Labels_keep_the_order_of_the_columns_beyond_ten()
    {
        WriteSets("wide.npy", (row, label) => (row + label) % 12 == 0 || truth[row] == label % 3 ? (byte)1 : (byte)0, columns: 12, type: "|b1");
        string[] train = [.. TrainSets, "--weights", this["W12.npy"]];
        train[4] = this["wide.npy"];
        var labels = Tool.Json(train).GetProperty("labels").EnumerateArray().Select(label => label.GetString());
        Assert.That(labels, Is.EqualTo(Enumerable.Range(0, 12).Select(k => $"{k}")));
    }

    [Test]
    public void What_a_matrix_of_labels_cannot_be_trained_with_is_one_sentence()
    {
        void Fails(FailureKind kind, string[] arguments, params string[] words) => Tool.Fails(kind, arguments, words);
        string[] Labels(string name) => [.. TrainSets[..4], this[name], .. TrainSets[5..]];
        Fails(FailureKind.Usage, [.. TrainSets[..^1], "softmax"], "softmax", "logistic");
        Fails(FailureKind.Usage, TrainSets[..^2], "softmax", "logistic");
        Fails(FailureKind.Usage, [.. TrainSets[..^1], "crammer-singer"], "crammer-singer", "logistic");
        Fails(FailureKind.Usage, [.. TrainSets[..5], "--head", "logistic"], "given C");
        Fails(FailureKind.Usage, [.. TrainSets, "--calibrate", "platt"], "sigmoids", "calibration");
        Fails(FailureKind.Usage, [.. TrainSets, "--balance-classes"], "Weights of classes");
        WriteSets("two.npy", (row, label) => (byte)(row == 3 && label == 1 ? 2 : row % 2));
        Fails(FailureKind.Data, Labels("two.npy"), "two.npy", "column 1 of row 3", "is 2");
        WriteSets("nobody.npy", (row, label) => (byte)(label == 2 ? 0 : row % 2));
        Fails(FailureKind.Data, Labels("nobody.npy"), "No code", "'2'");
        WriteSets("everybody.npy", (row, label) => (byte)(label == 2 ? 1 : row % 2));
        Fails(FailureKind.Data, Labels("everybody.npy"), "Every code", "'2'");
        WriteSets("nothing.npy", (_, _) => 0);
        Fails(FailureKind.Data, Labels("nothing.npy"), "No code has a label");
        WriteSets("few.npy", (row, label) => (byte)(row % 2), rows: 10);
        Fails(FailureKind.Usage, Labels("few.npy"), "90 codes", "10 sets");
        Fails(FailureKind.Data, Labels("X.npy"), "X.npy", "<f4", "bool");
    }

    private static bool Flag(JsonElement json, string name) => json.GetProperty(name).GetBoolean();

    private void WriteSets(string name, Func<int, int, byte> value, int rows = Rows, int columns = 4, string type = "|u1") => Write(
        name, type, $"({rows}, {columns})", Enumerable.Range(0, rows).SelectMany(row => Enumerable.Range(0, columns).Select(column => value(row, column))));

    private void WriteNumbers(string name, string type, int count, Func<int, byte[]> value) =>
        Write(name, type, $"({count},)", Enumerable.Range(0, count).SelectMany(value));

    /// <summary>A .npy file, version 1.0.</summary>
    private void Write(string name, string type, string shape, IEnumerable<byte> numbers)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        File.WriteAllBytes(this[name], [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header), .. numbers]);
    }
}
