using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Pairs of images that show the same picture: re-encoded, resized, mirrored.</summary>
internal static class NearDuplicates
{
    // The neighbour that a pair is compared with: so many copies of one picture are still told from pictures that are merely alike.
    private const int Crowd = 10;

    // So many neighbours are looked at more closely, and all that are so much nearer than the crowd.
    private const int Close = 3;

    // Measured on planted copies (docs/DOCTOR.md).
    private const double LeastAlike = 0.85, MostOfCrowd = 0.3, WellInsideCrowd = 0.25, Same = 0.9995, LeastColours = 0.8;

    /// <summary>
    /// All pairs of small pictures are correlated, as they are and mirrored, and each image's nearest, by pictures and by codes, are
    /// compared once more at a finer size (<see cref="PicturePair"/>). A pair is a copy where its correlation r there is high for itself
    /// and for its surroundings: 1 - r^2 is a small part of 1 less the correlation of either small picture with its tenth nearest. So
    /// images that all look alike, as garments on an empty ground do, are no copies of each other. Its colours must be alike, too.
    /// </summary>
    /// <param name="set">The images.</param>
    /// <param name="pictures">Their pictures.</param>
    /// <param name="byCodes">The images with the nearest codes: pictures that are even when they are small are told by these.</param>
    /// <param name="cancellation">Stops between pairs.</param>
    /// <returns>Those across parts first, then the most alike.</returns>
    public static List<NearDuplicate> Find(DoctorSet set, SmallPictures pictures, NearestRows byCodes, CancellationToken cancellation)
    {
        var candidates = Candidates(pictures, byCodes, cancellation);
        var pairs = new PicturePair[candidates.Count];
        Parallel.For(0, pairs.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, p =>
        {
            var of = candidates[p];
            pairs[p] = pictures.Finer[of.One] is { } one && pictures.Finer[of.Other] is { } other ? PicturePair.Of(one, other, of.Mirrored) : default;
        });
        return [.. candidates.Zip(pairs, static (of, pair) => (Of: of, Pair: pair))
            .Where(static found => IsCopy(found.Of, found.Pair))
            .GroupBy(static found => (found.Of.One, found.Of.Other), static (_, both) => both.MaxBy(static found => found.Pair.Alike))
            .OrderByDescending(found => set.InTest[found.Of.One] != set.InTest[found.Of.Other])
            .ThenByDescending(static found => found.Pair.Alike)
            .ThenBy(static found => (found.Of.One, found.Of.Other))
            .Select(found => Of(set, found.Of.One, found.Of.Other, found.Pair.Alike, found.Of.Mirrored))];
    }

    private static bool IsCopy(Candidate of, PicturePair pair) =>
        pair.Colours >= LeastColours
        && (of.Small >= Same || (pair.Alike >= LeastAlike && 1 - (pair.Alike * pair.Alike) <= MostOfCrowd * (1 - of.Crowd)));

    /// <summary>The pairs to look at more closely, each once in each way.</summary>
    private static List<Candidate> Candidates(SmallPictures pictures, NearestRows byCodes, CancellationToken cancellation)
    {
        var found = new HashSet<Candidate>(Candidate.SamePair);
        foreach (var (among, mirrored) in new[] { (pictures.Plain, false), (pictures.Mirrored, true) })
        {
            var nearest = NearestRows.Find(pictures.Plain, among, Crowd, cancellation: cancellation);
            for (var i = 0; i < among.Rows; i++)
            {
                for (var n = 0; n < nearest.Count; n++)
                {
                    var candidate = Between(i, nearest.Of(i)[n], nearest.Products(i)[n]);
                    if ((n < Close && candidate.Small >= LeastAlike) || 1 - candidate.Small <= WellInsideCrowd * (1 - candidate.Crowd))
                    {
                        found.Add(candidate);
                    }
                }
            }

            for (var i = 0; i < among.Rows; i++)
            {
                for (var n = 0; n < Math.Min(Close, byCodes.Count); n++)
                {
                    found.Add(Between(i, byCodes.Of(i)[n], 0));
                }
            }

            Candidate Between(int i, int j, double small) =>
                new(Math.Min(i, j), Math.Max(i, j), mirrored, small, Math.Max(nearest.Products(i)[^1], nearest.Products(j)[^1]));
        }

        return [.. found];
    }

    private static NearDuplicate Of(DoctorSet set, int one, int other, double alike, bool mirrored)
    {
        var (image, copy) = set.InTest[other] && !set.InTest[one] ? (other, one) : (one, other);
        return new NearDuplicate(
            set.Images[image].Id, set.Images[copy].Id, Math.Min(alike, 1), mirrored, set.InTest[one] != set.InTest[other], set.Labels[one] == set.Labels[other]);
    }

    /// <summary>Two images that may show the same picture.</summary>
    /// <param name="One">The first.</param>
    /// <param name="Other">The second.</param>
    /// <param name="Mirrored">Whether one is compared with the mirror image of the other.</param>
    /// <param name="Small">The correlation of their small pictures; 0 where codes alone brought them together.</param>
    /// <param name="Crowd">The larger correlation of either small picture with its tenth nearest.</param>
    private readonly record struct Candidate(int One, int Other, bool Mirrored, double Small, double Crowd)
    {
        public static readonly IEqualityComparer<Candidate> SamePair = EqualityComparer<Candidate>.Create(
            static (x, y) => (x.One, x.Other, x.Mirrored) == (y.One, y.Other, y.Mirrored), static of => HashCode.Combine(of.One, of.Other, of.Mirrored));
    }
}
