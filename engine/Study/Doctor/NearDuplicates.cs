using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Pairs of images that show the same picture: re-encoded, resized, mirrored.</summary>
internal static class NearDuplicates
{
    // The neighbour that a pair is compared with: so many copies of one picture are still told from pictures that are merely alike.
    private const int Crowd = 10;

    // Measured on planted copies (docs/DOCTOR.md).
    private const double LeastAlike = 0.85, MostOfCrowd = 0.25, Same = 0.9995, LeastColours = 0.8;

    /// <summary>
    /// All pairs of small pictures are correlated, as they are and mirrored. A pair is a copy where its correlation r is high for
    /// itself and for its surroundings: 1 - r is a small part of 1 less the correlation of either image with its tenth nearest. So
    /// images that all look alike, as garments on an empty ground do, are no copies of each other. Its colours must be alike, too.
    /// </summary>
    /// <returns>Those across parts first, then the most alike.</returns>
    public static List<NearDuplicate> Find(DoctorSet set, SmallPictures pictures, CancellationToken cancellation)
    {
        var found = new Dictionary<(int One, int Other), (double Alike, bool Mirrored)>();
        foreach (var (among, isMirrored) in new[] { (pictures.Plain, false), (pictures.Mirrored, true) })
        {
            var nearest = NearestRows.Find(pictures.Plain, among, Crowd, cancellation: cancellation);
            for (var i = 0; i < set.Count; i++)
            {
                for (var n = 0; n < nearest.Count; n++)
                {
                    var (j, alike) = (nearest.Of(i)[n], (double)nearest.Products(i)[n]);
                    var crowd = Math.Max(nearest.Products(i)[^1], nearest.Products(j)[^1]);
                    var pair = (Math.Min(i, j), Math.Max(i, j));
                    if (IsCopy(alike, crowd) && alike > found.GetValueOrDefault(pair).Alike && pictures.ColoursAlike(i, j, isMirrored) >= LeastColours)
                    {
                        found[pair] = (alike, isMirrored);
                    }
                }
            }
        }

        return [.. found
            .OrderByDescending(pair => set.InTest[pair.Key.One] != set.InTest[pair.Key.Other])
            .ThenByDescending(static pair => pair.Value.Alike)
            .ThenBy(static pair => pair.Key)
            .Select(pair => Of(set, pair.Key.One, pair.Key.Other, pair.Value.Alike, pair.Value.Mirrored))];
    }

    private static bool IsCopy(double alike, double crowd) => alike >= Same || (alike >= LeastAlike && 1 - alike <= MostOfCrowd * (1 - crowd));

    private static NearDuplicate Of(DoctorSet set, int one, int other, double alike, bool mirrored)
    {
        var (image, copy) = set.InTest[other] && !set.InTest[one] ? (other, one) : (one, other);
        return new NearDuplicate(
            set.Images[image].Id, set.Images[copy].Id, Math.Min(alike, 1), mirrored, set.InTest[one] != set.InTest[other], set.Labels[one] == set.Labels[other]);
    }
}
