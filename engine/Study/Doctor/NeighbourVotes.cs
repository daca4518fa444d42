namespace OnnxTransfer.Study;

/// <summary>
/// What the nearest images say of a label: v_k is the share of class k among the <see cref="StandardCodes.Neighbours"/> nearest,
/// each with the weight exp(6 cos). A second opinion beside linear heads, as it follows classes of any shape.
/// </summary>
internal static class NeighbourVotes
{
    // Measured on planted wrong labels (docs/DOCTOR.md).
    private const double Sharpness = 6, Doubt = 0.05;

    /// <summary>Adds log(v_k + 0.05) to every score.</summary>
    /// <param name="scores">N x K.</param>
    /// <param name="codes">The N codes.</param>
    /// <param name="truth">The N classes.</param>
    /// <param name="classes">K.</param>
    public static void AddTo(double[] scores, StandardCodes codes, int[] truth, int classes)
    {
        for (var i = 0; i < truth.Length; i++)
        {
            var (votes, sum) = (new Dictionary<int, double>(), 0.0);
            foreach (var j in codes.Nearest.Of(i))
            {
                var vote = Math.Exp(Sharpness * codes.Cosine(i, j));
                votes[truth[j]] = votes.GetValueOrDefault(truth[j]) + vote;
                sum += vote;
            }

            for (var k = 0; k < classes; k++)
            {
                scores[(i * classes) + k] += Math.Log((votes.GetValueOrDefault(k) / sum) + Doubt);
            }
        }
    }
}
