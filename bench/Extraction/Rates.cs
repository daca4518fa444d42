using System.Diagnostics;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Bench.Extraction;

/// <summary>What an image costs: seconds by the clock with all workers at it, and seconds of processor time.</summary>
internal readonly record struct Cost(double Clock, double Processor)
{
    public static Cost Smaller(Cost a, Cost b) => new(Math.Min(a.Clock, b.Clock), Math.Min(a.Processor, b.Processor));
}

/// <summary>The two halves of extraction alone, and both together.</summary>
internal sealed record Rates(Cost Decode, Cost Infer, Cost Fused)
{
    /// <summary>Images per second that workers doing one after the other can reach: 1 / (1 / decode + 1 / infer).</summary>
    public double Ideal => 1 / (Decode.Clock + Infer.Clock);

    /// <summary>The share of <see cref="Ideal"/> that is reached.</summary>
    public double ByClock => (Decode.Clock + Infer.Clock) / Fused.Clock;

    /// <summary>The same in processor time, which tells the overhead on a machine that others use too.</summary>
    public double ByProcessor => (Decode.Processor + Infer.Processor) / Fused.Processor;

    /// <summary>Measures in turns, so that a change of the machine's load meets all three; the smallest of each counts.</summary>
    public static Rates Measure(Backbone backbone, Tap[] taps, int batch, Photos photos, int rounds)
    {
        var network = backbone.Network(taps, batch);
        Rates? best = null;
        for (var round = 0; round <= rounds; round++)
        {
            var now = new Rates(
                Time(photos, () => DecodeAll(backbone, photos)), Time(photos, () => InferAll(network, photos)), Time(photos, () => ExtractAll(backbone, taps, batch, photos)));

            // The first round warms up.
            best = round <= 1 || best is null
                ? now
                : new Rates(Cost.Smaller(best.Decode, now.Decode), Cost.Smaller(best.Infer, now.Infer), Cost.Smaller(best.Fused, now.Fused));
        }

        return best!;
    }

    private static Cost Time(Photos photos, Action work)
    {
        var (start, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        work();
        var (clock, used) = (Stopwatch.GetElapsedTime(start), Environment.CpuUsage.TotalTime - processor);
        return new Cost(clock.TotalSeconds / photos.Images.Count, used.TotalSeconds / photos.Images.Count);
    }

    private static void DecodeAll(Backbone backbone, Photos photos)
    {
        var (preprocessor, decoding) = (new Preprocessor(backbone.Recipe), new DecodeOptions());
        OnAllProcessors(photos.Images.Count, 1, () =>
        {
            var tensor = new float[preprocessor.Length];
            return row =>
            {
                var image = photos.Images[row];
                var bytes = image.Content.Read();
                ContentHash.Of(bytes);
                preprocessor.Fill(image.Content.Decode(bytes, ImageDecoders.Default, decoding), tensor);
            };
        });
    }

    private static void InferAll(CodeNetwork network, Photos photos)
    {
        var lanes = new List<CodeNetwork.Lane>();
        OnAllProcessors(photos.Images.Count, network.Batch, () =>
        {
            var lane = network.NewLane();
            lock (lanes)
            {
                lanes.Add(lane);
            }

            for (var slot = 0; slot < network.Batch; slot++)
            {
                var image = lane.Image(slot);
                for (var i = 0; i < image.Length; i++)
                {
                    image[i] = (i * 37 % 255) - 120;
                }
            }

            return _ => lane.Run();
        });
        lanes.ForEach(lane => lane.Dispose());
    }

    private static void ExtractAll(Backbone backbone, Tap[] taps, int batch, Photos photos) =>
        backbone.Extract(photos.Images, taps, photos.NewStore(), new ExtractionOptions { Batch = batch }).Dispose();

    private static void OnAllProcessors(int count, int step, Func<Action<int>> worker)
    {
        var next = 0;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            var work = worker();
            for (var row = Interlocked.Add(ref next, step) - step; row < count; row = Interlocked.Add(ref next, step) - step)
            {
                work(row);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }
}
