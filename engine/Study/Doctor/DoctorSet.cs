using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>What the doctor looks at: images with their codes, row by row.</summary>
/// <param name="Codes">N x D, finite.</param>
/// <param name="Images">The N images, each with a label.</param>
/// <param name="InTest">Whether they are to be tested with.</param>
internal sealed record DoctorSet(CodeMatrix Codes, IReadOnlyList<LabelledImage> Images, IReadOnlyList<bool> InTest)
{
    /// <summary>N.</summary>
    public int Count => Images.Count;

    /// <summary>The N labels.</summary>
    public string[] Labels { get; } = [.. Images.Select(static image => image.Label!)];

    /// <summary>The codes of both parts at one layer.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: an image has no label, or a code is not finite.</exception>
    public static DoctorSet Of(TrainTestCodes codes, CodeColumn column, LabelledImages images)
    {
        var byId = images.ToDictionary(static image => image.Id, StringComparer.Ordinal);
        int[] rows = [.. codes.Train.Concat(codes.Test).Order()];
        var inTest = codes.Test.ToHashSet();
        var (matrix, labels) = codes.Read(column, rows);
        LabelledImage[] chosen = [.. rows.Select((row, i) => byId[codes.Codes.Ids[row]] with { Label = labels[i] })];
        for (var i = 0; i < rows.Length; i++)
        {
            foreach (var value in matrix.Row(i))
            {
                if (!float.IsFinite(value))
                {
                    throw new OnnxTransferException(
                        FailureKind.Data, $"The code of the image '{chosen[i].Id}' at {column.Key} holds a NaN or an infinity; leave the image out or tap another layer.");
                }
            }
        }

        return new DoctorSet(matrix, chosen, [.. rows.Select(inTest.Contains)]);
    }
}
