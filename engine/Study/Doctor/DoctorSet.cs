using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>What the doctor looks at: images with their codes, row by row.</summary>
/// <param name="Layers">The codes of each layer, N x D, finite; by the last of them images are compared.</param>
/// <param name="Images">The N images, each with a label.</param>
/// <param name="InTest">Whether they are to be tested with.</param>
internal sealed record DoctorSet(IReadOnlyList<CodeMatrix> Layers, IReadOnlyList<LabelledImage> Images, IReadOnlyList<bool> InTest)
{
    /// <summary>N.</summary>
    public int Count => Images.Count;

    /// <summary>The N labels.</summary>
    public string[] Labels { get; } = [.. Images.Select(static image => image.Label!)];

    /// <summary>The codes of both parts.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: an image has no label, or all have the same codes.</exception>
    public static DoctorSet Of(TrainTestCodes codes, IReadOnlyList<CodeColumn> columns, LabelledImages images)
    {
        var byId = images.ToDictionary(static image => image.Id, StringComparer.Ordinal);
        int[] rows = [.. codes.Train.Concat(codes.Test).Order()];
        var inTest = codes.Test.ToHashSet();
        LabelledImage[] chosen = [.. rows.Select(row => byId[codes.Codes.Ids[row]] with { Label = codes.Codes.Labels[row] })];
        return new DoctorSet([.. columns.Select(Read)], chosen, [.. rows.Select(inTest.Contains)]);

        CodeMatrix Read(CodeColumn column)
        {
            var matrix = codes.Codes.Read(column, rows);
            TrainTestCodes.RequireDifference(matrix, column.Key);
            return matrix;
        }
    }

    /// <summary>Refuses codes that nothing can be computed with.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: a code is not finite; its image is named.</exception>
    public void RequireFinite()
    {
        for (var i = 0; i < Count; i++)
        {
            if (Layers.Any(layer => !AreFinite(layer.Row(i))))
            {
                throw new OnnxTransferException(
                    FailureKind.Data, $"The code of the image '{Images[i].Id}' holds a NaN or an infinity; leave the image out or tap another layer.");
            }
        }
    }

    private static bool AreFinite(ReadOnlySpan<float> code)
    {
        foreach (var value in code)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
