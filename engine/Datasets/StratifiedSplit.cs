using System.Text;

namespace OnnxTransfer.Datasets;

/// <summary>
/// Splits a set by chance so that every class has the same share in both parts.
/// </summary>
/// <remarks>
/// <para>Of a class with n images, round(share n) go to the test part, at least one and at most n - 1. Which ones is decided
/// by a hash of the seed and the id (FNV-1a over UTF-8, finished by SplitMix64's mixing function), smallest first: the
/// result depends on the ids, the labels and the seed, on no random number generator, platform or order of files.</para>
/// <para>Images of one group go to the same part. Groups come in the order of their hashes; one goes to the test part if
/// that brings the classes in it nearer to their counts in sum. A class still missing from the test part then gives its
/// smallest group, if the training part keeps an image of every class in it; if not, a note says so.</para>
/// </remarks>
internal static class StratifiedSplit
{
    public static TrainTest Of(LabelledImages images, double testShare, int seed)
    {
        RequireTwoEach(images);
        var units = images
            .GroupBy(static image => image.Group is null ? (true, image.Id) : (false, image.Group))
            .Select(unit => new Unit(Hash(unit.Key.Item2, seed), unit.Key.Item2, [.. unit]))
            .OrderBy(static unit => unit.Order)
            .ThenBy(static unit => unit.Name, StringComparer.Ordinal)
            .ToList();
        var left = images.CountBy(static image => image.Label!).ToDictionary(StringComparer.Ordinal);
        var wanted = left.ToDictionary(
            static of => of.Key,
            of => Math.Clamp((int)Math.Round(testShare * of.Value, MidpointRounding.AwayFromZero), 1, of.Value - 1),
            StringComparer.Ordinal);
        var test = new HashSet<string>(StringComparer.Ordinal);

        void Move(Unit unit)
        {
            foreach (var image in unit.Images)
            {
                test.Add(image.Id);
                wanted[image.Label!]--;
                left[image.Label!]--;
            }
        }

        bool CanGo(Unit unit) => unit.Counts.All(of => left[of.Key] > of.Value);
        bool Helps(Unit unit) =>
            unit.Counts.Sum(of => Math.Abs(wanted[of.Key]) - Math.Abs(wanted[of.Key] - of.Value)) > 0;

        foreach (var unit in units.Where(unit => Helps(unit) && CanGo(unit)))
        {
            Move(unit);
        }

        var notes = images.Notes.ToList();
        var total = images.CountBy(static image => image.Label!).ToDictionary(StringComparer.Ordinal);
        foreach (var name in images.Classes)
        {
            if (left[name] < total[name])
            {
                continue;
            }

            var smallest = units.Where(unit => unit.Counts.ContainsKey(name) && CanGo(unit)).MinBy(static unit => unit.Images.Length);
            if (smallest is null)
            {
                notes.Add($"The class '{name}' has no test image: its groups cannot be divided.");
            }
            else
            {
                Move(smallest);
            }
        }

        return new TrainTest(
            new LabelledImages(images.Source, images.Where(image => !test.Contains(image.Id)), notes),
            new LabelledImages(images.Source, images.Where(image => test.Contains(image.Id)), notes),
            WasGiven: false,
            seed);
    }

    /// <summary>A number that depends on every bit of the name and the seed.</summary>
    internal static ulong Hash(string name, int seed)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 0x100000001b3UL;
        }

        var mixed = hash + (unchecked((uint)seed + 1UL) * 0x9e3779b97f4a7c15UL);
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL;
        return mixed ^ (mixed >> 31);
    }

    private static void RequireTwoEach(LabelledImages images)
    {
        var single = images.CountBy(static image => image.Label!).Where(static of => of.Value == 1).Select(static of => of.Key).ToList();
        if (single.Count > 0)
        {
            var more = single.Count > 1 ? $" (and so {(single.Count == 2 ? "has 1 more class" : $"have {single.Count - 1:N0} more classes")})" : string.Empty;
            throw new OnnxTransferException(
                FailureKind.Data,
                $"The class '{single[0]}' of {images.Source} has one image{more}, and it takes one to learn from and one to test with; "
                + "add images or remove the class.");
        }
    }

    /// <summary>What goes to one part as a whole: a group, or an image that has none.</summary>
    private sealed record Unit(ulong Order, string Name, LabelledImage[] Images)
    {
        public Dictionary<string, int> Counts { get; } =
            Images.CountBy(static image => image.Label!).ToDictionary(StringComparer.Ordinal);
    }
}
