using OnnxTransfer.Datasets;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;
using OnnxTransfer.Study;

namespace OnnxTransfer.Bench.Doctor;

/// <summary>A set with copies planted in it, read by the doctor's layers of a network.</summary>
/// <param name="Whole">The images and the copies behind them.</param>
/// <param name="Originals">By the id of a copy: its original's.</param>
internal sealed record PlantedSet(DoctorSet Whole, Dictionary<string, string> Originals)
{
    /// <summary>The images without the copies.</summary>
    public DoctorSet Clean { get; } = new(
        [.. Whole.Layers.Select(layer => new CodeMatrix(layer.Values[..((Whole.Count - Originals.Count) * layer.Columns)], Whole.Count - Originals.Count, layer.Columns))],
        [.. Whole.Images.Take(Whole.Count - Originals.Count)],
        [.. Whole.InTest.Take(Whole.Count - Originals.Count)]);

    public static PlantedSet Extract(Backbone backbone, LabelledImages images, int seed)
    {
        var whole = PlantedCopies.AddTo(images, seed, out var originals);
        var parts = new TrainTest(whole.Where(static image => image.Split is null or "train"), whole.Where(static image => image.Split is not (null or "train")), whole.Splits.Count > 0, 0);
        var taps = DoctorTaps.Of(backbone, new DoctorOptions());
        using var codes = TrainTestCodes.Extract(backbone, whole, parts, taps, null, new ExtractionOptions(), null, default);
        return new PlantedSet(DoctorSet.Of(codes, [.. taps.Select(tap => codes.Codes.Column(tap))], whole), originals);
    }

    /// <summary>The layers as the doctor judges labels by them; the labels do not matter.</summary>
    public StandardCodes[] CleanLayers() => [.. Clean.Layers.Select(static layer => StandardCodes.Of(layer, default))];

    /// <summary>The copies that the doctor finds, planted or not.</summary>
    public List<NearDuplicate> Duplicates() => NearDuplicates.Find(
        Whole, SmallPictures.Of(Whole.Images, new ExtractionOptions(), null, default), StandardCodes.Of(Whole.Layers[^1], default).Nearest, default);
}
