using CsCheck;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine.Tests;

internal sealed class HeadFileTests
{
    private static readonly CodeColumn Column = new("features", Pooling.AverageAndMaximum, 6);

    private static readonly StoreHeader Header = new()
    {
        Model = "small.onnx",
        ModelSha256 = new string('a', 64),
        ModelPath = "models/small.onnx",
        Recipe = Recipe.Named("imagenet"),
        Columns = [new CodeColumn("low", Pooling.Average, 3), Column],
        Batch = 1,
        Runtime = "1.31.1",
        Provider = "CPU",
        Decoder = "SkiaSharp 4.155.0",
    };

    private string folder = string.Empty;

    private string File => Path.Combine(folder, "head.onnx");

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("onnxtransfer-head-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    private static LinearHead Head(int width = 6, params string[] labels) =>
        FlowerNetwork.HeadOf(new Random(3), width, 0.7, labels.Length > 0 ? labels : ["a", "b", "c", "d"]);

    [Test]
    public void What_is_written_is_read_back()
    {
        Gen.Select(Gen.String.Array[1, 6], Gen.Int[1, 40], Gen.Double[1e-6, 1e6], Gen.Bool, Gen.Enum<HeadLoss>(), Gen.Enum<CalibrationMethod>()).Sample(
            (names, width, c, standardized, loss, method) =>
            {
                string[] labels = [.. names.Select(name => name.IsNormalized() ? name : "x").Distinct(StringComparer.Ordinal)];
                var weights = FlowerNetwork.HeadOf(new Random(width), width, 0.7, labels).Weights;
                var head = new LinearHead(labels, weights, width, loss, c, new Certificate(c * Math.PI, c, 12, 3.5, !standardized))
                {
                    Standardized = standardized,
                    Normalized = width % 2 == 0,
                    Selection = standardized
                        ? new CSelection(5, [new(c, 0.75, new Interval(0.5, 1.0 / 3)), new(2 * c, 0.75, default) { Score = 0.7, StandardError = c }])
                        {
                            Repeats = 3,
                            Metric = SelectionMetric.LogLoss,
                            Rule = SelectionRule.OneStandardError,
                        }
                        : null,
                    Calibration = FlowerNetwork.CalibrationOf(method, labels.Length),
                };

                HeadFile.Write(head, null, [], File);
                var read = HeadFile.Read(File);

                Assert.That(read.Head.Labels, Is.EqualTo(labels));
                Assert.That(read.Head.Weights.ToArray(), Is.EqualTo(weights.ToArray().Select(weight => (double)(float)weight)));
                Assert.That((read.Head.Width, read.Head.Loss, read.Head.C, read.Head.Standardized), Is.EqualTo((width, loss, c, standardized)));
                Assert.That(read.Head.Normalized, Is.EqualTo(width % 2 == 0));
                Assert.That(read.Head.Certificate, Is.EqualTo(head.Certificate with { Seconds = 0 }));
                Assert.That(read.Head.Selection?.Candidates, Is.EqualTo(head.Selection?.Candidates));
                Assert.That(read.Head.Calibration?.Method ?? CalibrationMethod.None, Is.EqualTo(method));
                Assert.That(read.Head.Calibration?.Temperature, Is.EqualTo(head.Calibration?.Temperature));
                Assert.That(read.Head.Calibration?.Scales, Is.EqualTo(head.Calibration?.Scales));
                Assert.That(read.Head.Calibration?.Shifts, Is.EqualTo(head.Calibration?.Shifts));
                Assert.That(read.Head.Selection is { } selection ? selection with { Candidates = head.Selection!.Candidates } : null, Is.EqualTo(head.Selection));
                Assert.That(read.Header, Is.Null);
                Assert.That(read.Columns, Is.Empty);
            },
            iter: 60,
            threads: 1);
    }

    [Test]
    public void What_made_the_codes_is_read_back()
    {
        HeadFile.Write(Head(), Header, [Column], File);
        var read = HeadFile.Read(File);
        Assert.That(read.Columns, Is.EqualTo(new[] { Column }));
        Assert.That(read.Header! with { Columns = Header.Columns, Aliases = Header.Aliases }, Is.EqualTo(Header));
        Assert.That(read.Header.Columns, Is.EqualTo(Header.Columns));
        Assert.That(read.Header.Aliases, Is.EqualTo(Header.Aliases));
    }

    [Test]
    public void Any_runtime_computes_the_head([Values] CalibrationMethod method)
    {
        var plain = Head();
        var head = new LinearHead(plain.Labels, plain.Weights, 6, plain.Loss, plain.C, plain.Certificate)
        {
            Calibration = FlowerNetwork.CalibrationOf(method, 4),
        };
        HeadFile.Write(head, null, [], File);
        var codes = BareSession.Noise(7 * 6, seed: 4);

        var found = BareSession.Run(System.IO.File.ReadAllBytes(File), codes, 7, 6);

        var probabilities = new double[4];
        for (var i = 0; i < 7; i++)
        {
            var code = codes.AsSpan(6 * i, 6);
            Assert.That(found["logits"].AsSpan(4 * i, 4).ToArray(), Is.EqualTo(BareSession.Scores(head.Weights.Span, 6, code)).Within(1e-5));
            Assert.That(found["probabilities"].AsSpan(4 * i, 4).ToArray(), Is.EqualTo(BareSession.Probabilities(head, code)).Within(1e-6));
            head.Probabilities(code, probabilities);
            Assert.That(found["probabilities"].AsSpan(4 * i, 4).ToArray(), Is.EqualTo(probabilities).Within(1e-6));
        }
    }

    [Test]
    public void Any_runtime_divides_codes_by_their_lengths_where_the_head_does([Values] bool multiLabel)
    {
        var plain = Head();
        var head = new LinearHead(plain.Labels, plain.Weights, 6, HeadLoss.Logistic, plain.C, plain.Certificate) { Normalized = true, IsMultiLabel = multiLabel };
        HeadFile.Write(head, null, [], File);
        var codes = BareSession.Noise(7 * 6, seed: 4);
        codes.AsSpan(2 * 6, 6).Clear();
        foreach (var (row, factor) in (ReadOnlySpan<(int, float)>)[(3, 1e-11f), (4, 1e18f), (5, 1e-3f)])
        {
            for (var d = 0; d < 6; d++)
            {
                codes[(6 * row) + d] *= factor;
            }
        }

        var found = BareSession.Run(System.IO.File.ReadAllBytes(File), codes, 7, 6);

        var (scores, probabilities) = (new double[4], new double[4]);
        for (var i = 0; i < 7; i++)
        {
            head.Scores(codes.AsSpan(6 * i, 6), scores);
            head.Probabilities(codes.AsSpan(6 * i, 6), probabilities);
            Assert.That(found["logits"].AsSpan(4 * i, 4).ToArray(), Is.EqualTo(scores).Within(1e-6), $"code {i}");
            Assert.That(found["probabilities"].AsSpan(4 * i, 4).ToArray(), Is.EqualTo(probabilities).Within(1e-6));
        }

        Assert.That(found["logits"].AsSpan(4 * 2, 4).ToArray(), Is.EqualTo(Enumerable.Range(0, 4).Select(k => (float)plain.Weights.Span[(k * 7) + 6])));
    }

    [Test]
    public void A_file_that_does_not_divide_codes_as_it_says_is_refused([Values] bool normalized)
    {
        var plain = Head();
        HeadFile.Write(new LinearHead(plain.Labels, plain.Weights, 6, plain.Loss, plain.C, plain.Certificate) { Normalized = normalized }, null, [], File);
        var builder = new GraphBuilder(OnnxModel.Read(File));
        var other = new LinearHead(plain.Labels, plain.Weights, 6, plain.Loss, plain.C, plain.Certificate) { Normalized = !normalized };
        builder.SetMetadata("onnxtransfer.head", HeadJson.Write(other).ToJsonString());
        builder.Build().Write(File);
        var failure = Assert.Throws<OnnxTransferException>(() => HeadFile.Read(File));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Model));
        Assert.That(failure.Message, Does.Contain("no Gemm").And.Contain(normalized ? "on the input 'codes'" : "on the normalised input 'codes'"));
    }

    [Test]
    public void A_multi_label_head_is_written_with_sigmoids_and_read_back_as_one()
    {
        var plain = Head();
        var head = new LinearHead(plain.Labels, plain.Weights, 6, HeadLoss.Logistic, plain.C, plain.Certificate) { IsMultiLabel = true };
        HeadFile.Write(head, null, [], File);
        var codes = BareSession.Noise(7 * 6, seed: 4);

        var found = BareSession.Run(System.IO.File.ReadAllBytes(File), codes, 7, 6)["probabilities"];

        var probabilities = new double[4];
        for (var i = 0; i < 7; i++)
        {
            head.Probabilities(codes.AsSpan(6 * i, 6), probabilities);
            Assert.That(found.AsSpan(4 * i, 4).ToArray(), Is.EqualTo(probabilities).Within(1e-6));
        }

        Assert.That(HeadFile.Read(File).Head.IsMultiLabel);
        HeadFile.Write(plain, null, [], File);
        Assert.That(HeadFile.Read(File).Head.IsMultiLabel, Is.False);
    }

    [Test]
    public void Platts_probabilities_are_numbers_even_where_every_sigmoid_is_0()
    {
        var head = new LinearHead(["a", "b"], new double[] { 1, 0, 1, -1 }, 1, HeadLoss.SquaredHinge, 1, new Certificate(1, 1, 1, 0, true))
        {
            Calibration = Calibration.OfPlatt([1, 1], [0, 0]),
        };
        HeadFile.Write(head, null, [], File);
        var found = BareSession.Run(System.IO.File.ReadAllBytes(File), [-1000], 1, 1)["probabilities"];
        Assert.That(found, Is.EqualTo(new[] { 1 / (1 + Math.Exp(-1)), 1 / (1 + Math.Exp(1)) }).Within(1e-5));
    }

    [Test]
    public void A_calibration_that_overflows_float32_is_refused()
    {
        var head = new LinearHead(["a", "b"], new double[4], 1, HeadLoss.SquaredHinge, 1, new Certificate(1, 1, 1, 0, true))
        {
            Calibration = Calibration.OfTemperature(1e-40, 2),
        };
        var failure = Assert.Throws<OnnxTransferException>(() => HeadFile.Write(head, null, [], File));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Mathematics));
        Assert.That(failure.Message, Does.Contain("calibration").And.Contain("float32"));
    }

    [Test]
    public void A_file_cut_off_anywhere_is_refused_with_a_sentence()
    {
        HeadFile.Write(Head(), Header, [Column], File);
        var whole = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            Assert.That(Assert.Throws<OnnxTransferException>(() => HeadFile.Read(File), $"{length} bytes").Kind, Is.EqualTo(FailureKind.Model));
        }
    }

    [Test]
    public void Damaged_bytes_are_read_or_refused_and_never_anything_else()
    {
        HeadFile.Write(Head(), Header, [Column], File);
        var whole = System.IO.File.ReadAllBytes(File);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample(
            (at, value) =>
            {
                var damaged = (byte[])whole.Clone();
                damaged[at] = value;
                System.IO.File.WriteAllBytes(File, damaged);
                try
                {
                    HeadFile.Read(File);
                }
                catch (OnnxTransferException e)
                {
                    Assert.That(e.Kind, Is.EqualTo(FailureKind.Model));
                }
            },
            iter: 600,
            threads: 1);
    }

    [Test]
    public void Other_models_are_named_for_what_they_are()
    {
        var network = FlowerNetwork.Make();
        network.Catalog.Model.Write(File);
        Assert.That(
            Assert.Throws<OnnxTransferException>(() => HeadFile.Read(File)).Message,
            Is.EqualTo("head.onnx is no head file (it does not say how a head was trained); give a file that `onnxtransfer train` wrote."));
        network.Exported().Write(File);
        Assert.That(
            Assert.Throws<OnnxTransferException>(() => HeadFile.Read(File)).Message,
            Is.EqualTo("head.onnx is a whole classifier, not a head file; use it with `onnxtransfer predict`."));
    }

    [TestCase("onnxtransfer.labels", """["a","b","c"]""", "names 3 classes, but its weights are 4 x 6 and its intercepts 4")]
    [TestCase("onnxtransfer.labels", """["a","b","c","a"]""", "has the class 'a' twice")]
    [TestCase("onnxtransfer.labels", """["a","b","c",null]""", "names no classes")]
    [TestCase("onnxtransfer.labels", """{"a":1}""", "onnxtransfer.labels does not hold what OnnxTransfer writes there")]
    [TestCase("onnxtransfer.head", "{}", "onnxtransfer.head does not hold what OnnxTransfer writes there")]
    [TestCase("onnxtransfer.head", "[", "onnxtransfer.head does not hold what OnnxTransfer writes there")]
    [TestCase("onnxtransfer.head", """{"loss":"svm","c":1,"standardised":true,"certificate":{"objective":1,"dualBound":1,"passes":1,"converged":true},"calibration":{"method":"temperature","temperature":0}}""", "onnxtransfer.head does not hold what OnnxTransfer writes there")]
    [TestCase("onnxtransfer.head", """{"loss":"svm","c":1,"standardised":true,"certificate":{"objective":1,"dualBound":1,"passes":1,"converged":true},"calibration":{"method":"platt","scales":[1],"shifts":[0]}}""", "onnxtransfer.head does not hold what OnnxTransfer writes there")]
    [TestCase("onnxtransfer.codes", """{"store":7}""", "onnxtransfer.codes does not hold what OnnxTransfer writes there")]
    public void Metadata_that_do_not_fit_are_named(string key, string value, string sentence)
    {
        HeadFile.Write(Head(), Header, [Column], File);
        var builder = new GraphBuilder(OnnxModel.Read(File));
        builder.SetMetadata(key, value);
        builder.Build().Write(File);

        var failure = Assert.Throws<OnnxTransferException>(() => HeadFile.Read(File));

        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Model));
        Assert.That(failure.Message, Does.Contain(sentence));
    }

    [Test]
    public void So_are_the_columns_that_are_joined_in_their_order()
    {
        CodeColumn[] joined = [Column, Header.Columns[0]];
        HeadFile.Write(Head(width: 9), Header, joined, File);
        Assert.That(HeadFile.Read(File).Columns, Is.EqualTo(joined));
    }

    [Test]
    public void Codes_of_another_length_than_the_column_are_refused()
    {
        HeadFile.Write(Head(width: 5), Header, [Column], File);
        Assert.That(
            Assert.Throws<OnnxTransferException>(() => HeadFile.Read(File)).Message,
            Is.EqualTo("head.onnx takes codes of 5 numbers but says that it was trained on codes of 6; train it again."));
    }
}
