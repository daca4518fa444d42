using OnnxTransfer.Study;

namespace OnnxTransfer.Bench.Doctor;

/// <summary>Some labels of a set replaced by others, by chance, and what the doctor says of them.</summary>
internal static class PlantedLabels
{
    /// <summary>The share of labels that are made wrong, and of the list in which they are to be found.</summary>
    public const double Wrong = 0.02, First = 0.05;

    /// <summary>The images whose labels another class takes: 2 % of them, every other class as likely.</summary>
    public static Dictionary<int, string> Draw(DoctorSet set, int seed)
    {
        var random = new Random(seed);
        string[] classes = [.. set.Labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int[] order = [.. Enumerable.Range(0, set.Count)];
        random.Shuffle(order);
        return order.Take((int)Math.Round(Wrong * set.Count)).ToDictionary(static i => i, i =>
        {
            string[] others = [.. classes.Where(label => label != set.Labels[i])];
            return others[random.Next(others.Length)];
        });
    }

    /// <summary>Plants a draw and looks for it.</summary>
    public static LabelsFound Find(DoctorSet set, IReadOnlyList<StandardCodes> layers, int seed)
    {
        var wrong = Draw(set, seed);
        var faulty = new DoctorSet(set.Layers, [.. set.Images.Select((image, i) => wrong.TryGetValue(i, out var label) ? image with { Label = label } : image)], set.InTest);
        var found = WrongLabels.Find(faulty, layers, 0, default);
        var ids = wrong.Keys.Select(i => set.Images[i].Id).ToHashSet(StringComparer.Ordinal);
        double Share(int first) => found.Labels.Take(first).Count(of => ids.Contains(of.Image)) / (double)ids.Count;
        return new LabelsFound(
            Share((int)(First * set.Count)), found.Suspects, Share(found.Suspects), found.Predicted.Index().Count(of => of.Item == set.Labels[of.Index]) / (double)set.Count);
    }
}

/// <summary>What became of a draw.</summary>
/// <param name="InFirst">The share of the wrong labels in the first 5 % of the list.</param>
/// <param name="Suspects">How many labels are suspect.</param>
/// <param name="AmongSuspects">The share of the wrong labels that are.</param>
/// <param name="Accuracy">The share of images whose true label was predicted while they were held out.</param>
internal sealed record LabelsFound(double InFirst, int Suspects, double AmongSuspects, double Accuracy);
