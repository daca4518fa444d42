using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Bench.Heads;

/// <summary>ML.NET's linear trainers in a process of their own, behind the same lines of JSON as peers.py.</summary>
/// <remarks>
/// Their objectives are ours in other letters: L-BFGS minimises sum loss + l2/2 ||W||^2, so l2 = 1 / C; SDCA and the
/// linear SVM minimise mean loss + l2/2 ||W||^2, so l2 = 1 / (C N). SDCA with a bias learning rate of 0 treats the
/// intercept as the weight of a constant 1, which is penalised. Weights are float32. One-vs-rest is one binary fit after
/// the other, as in OneVersusAllTrainer, whose parts cannot be read.
/// </remarks>
internal static class MlNetPeers
{
    /// <summary>The word on the command line that starts this process.</summary>
    public const string Command = "mlnet-peers";

    private const string LinearSvmName = "ML.NET LinearSvm, one-vs-rest";

    // SDCA makes room for a record of each.
    private const int MostIterations = 100_000;

    private static readonly double[] Halves = [.. Enumerable.Range(2, 21).Select(static j => Math.Round(Math.Pow(10, -j / 2.0), (j + 1) / 2))];
    private static readonly double[] Epochs = [1, 3, 10, 30, 100, 300, 1000, 3000];

    private static readonly Dictionary<string, (string Head, bool Penalised, bool Threaded, double[] Tolerances, Func<Data, double, double, double[]> Fit)> Peers = new()
    {
        ["ML.NET LbfgsMaximumEntropy"] = ("softmax", false, true, Halves, LbfgsMaximumEntropy),
        ["ML.NET LbfgsLogisticRegression, one-vs-rest"] = ("logistic", false, true, Halves, LbfgsLogistic),
        ["ML.NET SdcaNonCalibrated hinge, one-vs-rest"] = ("hinge", true, true, Halves, SdcaHinge),
        [LinearSvmName] = ("hinge", false, false, Epochs, LinearSvm),
    };

    private static int threads;

    /// <summary>Answers requests until the input ends.</summary>
    public static void Serve(int useThreads)
    {
        threads = useThreads;
        var version = FileVersionInfo.GetVersionInfo(typeof(MLContext).Assembly.Location).ProductVersion!.Split('+')[0];
        Say(new Hello(
            new Dictionary<string, string> { ["ML.NET"] = version },
            [
                "ML.NET has no squared hinge, no Crammer-Singer and no ridge classifier; its SdcaMaximumEntropy minimises another loss, the sum over k ≠ y of log(1 + exp(s_k − s_y)), and is left out.",
            ],
            null,
            [.. Peers.Select(static of => new Peer(of.Key, of.Value.Head, of.Value.Penalised, of.Value.Threaded ? threads : 1, ["float32"], of.Value.Tolerances, of.Key == LinearSvmName ? "epochs" : "tol"))]));
        Data? data = null;
        while (Console.ReadLine() is { } line)
        {
            var request = JsonSerializer.Deserialize<FitRequest>(line, PeerProcess.Json)!;
            data = data?.Folder == request.Problem ? data : new Data(request.Problem);
            Say(new Answer(Started: true));
            try
            {
                var (weights, seconds, fits) = Repeats.Fastest(
                    () => Peers[request.Peer].Fit(data, request.C, request.Tolerance), request.RepeatSeconds, request.Repeats);
                File.WriteAllBytes(request.Weights, MemoryMarshal.AsBytes<double>(weights).ToArray());
                Say(new Answer(Seconds: seconds, Fits: fits));
            }
            catch (Exception e) when (e is InvalidOperationException or ArgumentException or ArithmeticException or OutOfMemoryException)
            {
                Say(new Answer(Error: e.Message));
            }
        }
    }

    private static void Say<T>(T what) => Console.WriteLine(JsonSerializer.Serialize(what, PeerProcess.Json));

    private static double[] LbfgsMaximumEntropy(Data data, double c, double tolerance)
    {
        var trainer = data.Context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            L1Regularization = 0, L2Regularization = (float)(1 / c), OptimizationTolerance = (float)tolerance, NumberOfThreads = threads, DenseOptimizer = true,
        });
        return Weights(data, trainer.Fit(data.Multiclass).Model);
    }

    private static double[] LbfgsLogistic(Data data, double c, double tolerance) => OneVersusRest(data, view =>
        data.Context.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
        {
            L1Regularization = 0, L2Regularization = (float)(1 / c), OptimizationTolerance = (float)tolerance, NumberOfThreads = threads, DenseOptimizer = true,
        }).Fit(view).Model.SubModel);

    private static double[] SdcaHinge(Data data, double c, double tolerance) => OneVersusRest(data, view =>
        data.Context.BinaryClassification.Trainers.SdcaNonCalibrated(new SdcaNonCalibratedBinaryTrainer.Options
        {
            LossFunction = new HingeLoss(), L1Regularization = 0, L2Regularization = data.MeanPenalty(c), ConvergenceTolerance = (float)tolerance,
            NumberOfThreads = threads, MaximumNumberOfIterations = MostIterations,
        }).Fit(view).Model);

    private static double[] LinearSvm(Data data, double c, double epochs) => OneVersusRest(data, view =>
        data.Context.BinaryClassification.Trainers.LinearSvm(new LinearSvmTrainer.Options
        {
            Lambda = data.MeanPenalty(c), NumberOfIterations = (int)epochs,
        }).Fit(view).Model);

    private static double[] OneVersusRest(Data data, Func<IDataView, LinearBinaryModelParameters> fit)
    {
        var weights = new double[data.Classes * (data.Width + 1)];
        for (var k = 0; k < data.Classes; k++)
        {
            var model = fit(data.Against(k));
            Fill(weights, k, model.Weights, model.Bias);
        }

        return weights;
    }

    private static double[] Weights(Data data, LinearMulticlassModelParametersBase model)
    {
        VBuffer<float>[] rows = [];
        model.GetWeights(ref rows, out var classes);
        var (weights, intercepts) = (new double[classes * (data.Width + 1)], model.GetBiases().ToArray());
        for (var k = 0; k < classes; k++)
        {
            Fill(weights, k, [.. rows[k].DenseValues()], intercepts[k]);
        }

        return weights;
    }

    private static void Fill(double[] weights, int k, IReadOnlyList<float> row, float intercept)
    {
        var first = k * (row.Count + 1);
        for (var d = 0; d < row.Count; d++)
        {
            weights[first + d] = row[d];
        }

        weights[first + row.Count] = intercept;
    }

    /// <summary>A row as ML.NET reads it.</summary>
    private sealed class Example
    {
        public float[] Features { get; init; } = [];

        public uint Label { get; init; }
    }

    /// <summary>The same for one class against the rest.</summary>
    private sealed class BinaryExample
    {
        public float[] Features { get; init; } = [];

        public bool Label { get; init; }
    }

    /// <summary>The codes as ML.NET's views; both are in memory before the clock runs.</summary>
    private sealed class Data
    {
        private readonly float[][] rows;
        private readonly int[] truth;

        public Data(string folder)
        {
            var codes = Npy.ReadCodes(Path.Combine(folder, "X.npy"));
            truth = Npy.ReadLabels(Path.Combine(folder, "y.npy"));
            rows = [.. Enumerable.Range(0, codes.Rows).Select(row => codes.Row(row).ToArray())];
            (Folder, Width, Classes) = (folder, codes.Columns, truth.Max() + 1);
            var schema = Schema(typeof(Example));
            schema[nameof(Example.Label)].ColumnType = new KeyDataViewType(typeof(uint), Classes);

            // From an enumerable, keys count from 0.
            Multiclass = Context.Data.LoadFromEnumerable(rows.Select((row, i) => new Example { Features = row, Label = (uint)truth[i] }).ToArray(), schema);
        }

        public MLContext Context { get; } = new(seed: 0);

        public string Folder { get; }

        public int Width { get; }

        public int Classes { get; }

        public IDataView Multiclass { get; }

        public float MeanPenalty(double c) => (float)(1 / (c * rows.Length));

        public IDataView Against(int k) =>
            Context.Data.LoadFromEnumerable(rows.Select((row, i) => new BinaryExample { Features = row, Label = truth[i] == k }).ToArray(), Schema(typeof(BinaryExample)));

        private SchemaDefinition Schema(Type type)
        {
            var schema = SchemaDefinition.Create(type);
            schema[nameof(Example.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
            return schema;
        }
    }
}
