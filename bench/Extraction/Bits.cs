using System.Text;
using OnnxTransfer.Engine;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Bench.Extraction;

/// <summary>Whether codes have the same bits with more threads inside a run and with other batches.</summary>
internal static class Bits
{
    private const int Count = 16;

    /// <summary>Rows of the report for a model.</summary>
    public static string Compare(Backbone backbone, Tap[] taps, Photos photos)
    {
        var rows = new StringBuilder();
        var reference = Codes(backbone, taps, photos, 1, 1);
        foreach (var (threads, batch) in new[] { (1, 1), (2, 1), (1, 2), (1, 8), (2, 8) })
        {
            var codes = Codes(backbone, taps, photos, threads, batch);
            var differing = codes.Zip(reference).Count(pair => BitConverter.SingleToInt32Bits(pair.First) != BitConverter.SingleToInt32Bits(pair.Second));
            var largest = codes.Zip(reference).Max(pair => Math.Abs(pair.First - pair.Second)) / reference.Max(Math.Abs);
            rows.AppendLine($"| {Path.GetFileNameWithoutExtension(backbone.Model.Name)} | {threads} | {batch} | {differing} of {codes.Count} | {largest:e1} |");
        }

        return rows.ToString();
    }

    private static List<float> Codes(Backbone backbone, Tap[] taps, Photos photos, int threads, int batch)
    {
        using var network = CodeNetwork.Make(backbone.Taps, backbone.Recipe, taps, batch, threads);
        using var lane = network.NewLane();
        var preprocessor = new Preprocessor(backbone.Recipe);
        var codes = new List<float>();
        for (var first = 0; first < Count; first += batch)
        {
            for (var slot = 0; slot < batch; slot++)
            {
                var content = photos.Images[first + slot].Content;
                preprocessor.Fill(content.Decode(content.Read(), ImageDecoders.Default, new DecodeOptions()), lane.Image(slot));
            }

            lane.Run();
            for (var slot = 0; slot < batch; slot++)
            {
                for (var column = 0; column < taps.Length; column++)
                {
                    codes.AddRange(lane.Code(column, slot));
                }
            }
        }

        return codes;
    }
}
