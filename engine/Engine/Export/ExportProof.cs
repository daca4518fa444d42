using System.Globalization;
using OnnxTransfer.Heads;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>The check of an exported model before it is put in place: it computes what the head does on the codes.</summary>
internal static class ExportProof
{
    /// <summary>The largest allowed difference of a probability.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>
    /// Runs the exported bytes on a probe batch and compares max |p - q| over all images and classes, with q those of
    /// the head in double on the codes that an extraction computes.
    /// </summary>
    /// <param name="exported">The bytes of the exported model.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="network">What computes the codes; those of the head are its columns, one behind the other.</param>
    /// <param name="recipe">How photos become its input.</param>
    /// <param name="head">What is applied to the codes.</param>
    /// <returns>The largest difference found.</returns>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Mathematics"/>: above <see cref="Tolerance"/>, or not a number.</exception>
    public static double Check(byte[] exported, string name, CodeNetwork network, Recipe recipe, LinearHead head)
    {
        var photos = ProbeImages.Make(recipe);
        using var session = new ImageSession(exported, name, recipe);
        var found = session.Probabilities(photos.SelectMany(photo => photo).ToArray());
        using var lane = network.NewLane();
        var (codes, expected) = (new float[head.Width], new double[head.Labels.Count]);
        var worst = 0.0;
        for (var i = 0; i < photos.Length; i++)
        {
            photos[i].CopyTo(lane.Image(0));
            lane.Run();
            var free = codes.AsSpan();
            for (var column = 0; column < network.Columns.Count; column++)
            {
                lane.Code(column, 0).CopyTo(free);
                free = free[network.Columns[column].Width..];
            }

            head.Probabilities(codes, expected);
            for (var k = 0; k < expected.Length; k++)
            {
                // Math.Max keeps a NaN, so that none passes the comparison.
                worst = Math.Max(worst, Math.Abs(expected[k] - found[(i * expected.Length) + k]));
            }
        }

        return worst <= Tolerance
            ? worst
            : throw new OnnxTransferException(
                FailureKind.Mathematics,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} is not written: on a probe batch its probabilities differ by {worst:E1} from those of the head on the codes, where {Tolerance:E0} is allowed; train the head with a smaller C or another pooling."));
    }
}
