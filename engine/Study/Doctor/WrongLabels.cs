using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>What heads that have not seen an image say of its label.</summary>
/// <param name="Labels">The images that were judged, the most doubtful label first.</param>
/// <param name="Suspects">How many of them, from the first, are worth a look.</param>
/// <param name="Predicted">By image: the class it was taken for; null where it was never held out.</param>
internal sealed record WrongLabels(IReadOnlyList<DoubtfulLabel> Labels, int Suspects, IReadOnlyList<string?> Predicted)
{
    // Images are dealt to folds so many times: the mean of some heads' scores hangs less on who was beside an image.
    private const int Deals = 3;

    // Measured on planted wrong labels (docs/DOCTOR.md).
    private const double C = 0.01, LayersWeight = 0.5;

    /// <summary>
    /// Judges every image by its scores s = j + (1/2) mean over layers of (h + log v): j by softmax heads on the codes of all layers
    /// behind each other, h by heads on a layer's, all by heads of folds that held it out, and v the votes of its neighbours at that layer
    /// (<see cref="NeighbourVotes"/>). Its margin is s of its label less the largest other. An image that is alone in its class is never
    /// held out, and not judged.
    /// </summary>
    /// <exception cref="OnnxTransferException">Data: one class only. Mathematics: a head did not converge.</exception>
    public static WrongLabels Find(DoctorSet set, IReadOnlyList<StandardCodes> layers, int seed, CancellationToken cancellation)
    {
        var labels = set.Labels;
        if (labels.Distinct(StringComparer.Ordinal).Count() == labels.Length)
        {
            return new WrongLabels([], 0, new string?[labels.Length]);
        }

        string[] classes = [.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var truth = Array.ConvertAll(labels, label => Array.BinarySearch(classes, label, StringComparer.Ordinal));
        var scores = Scores(layers, labels, truth, classes.Length, seed, cancellation);
        var judged = new List<(int Image, DoubtfulLabel Label)>();
        var predicted = new string?[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            var row = scores.AsSpan(i * classes.Length, classes.Length);
            if (!double.IsNaN(row[0]))
            {
                var other = LargestBut(row, truth[i]);
                var margin = row[truth[i]] - row[other];
                judged.Add((i, new DoubtfulLabel(set.Images[i].Id, labels[i], classes[other], margin)));
                predicted[i] = margin < 0 ? classes[other] : labels[i];
            }
        }

        return new WrongLabels(
            [.. judged.OrderBy(static of => of.Label.Margin).ThenBy(static of => of.Image).Select(static of => of.Label)],
            Confident(scores, truth, classes.Length),
            predicted);
    }

    /// <summary>
    /// The number of wrong labels that confident learning counts (Northcutt, Jiang and Chuang, 2021): with p the softmax of the
    /// scores, and t_k the mean of p_k over the images of class k, those whose most probable class of all with p_k at least t_k is not
    /// their label.
    /// </summary>
    /// <param name="scores">N x K; replaced by p.</param>
    /// <param name="truth">The N classes.</param>
    /// <param name="classes">K.</param>
    private static int Confident(double[] scores, int[] truth, int classes)
    {
        var (thresholds, counts) = (new double[classes], new int[classes]);
        for (var i = 0; i < truth.Length; i++)
        {
            var row = scores.AsSpan(i * classes, classes);
            if (!double.IsNaN(row[0]))
            {
                Softmax(row);
                thresholds[truth[i]] += row[truth[i]];
                counts[truth[i]]++;
            }
        }

        for (var k = 0; k < classes; k++)
        {
            thresholds[k] = counts[k] == 0 ? double.PositiveInfinity : thresholds[k] / counts[k];
        }

        var wrong = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            var row = scores.AsSpan(i * classes, classes);
            var best = -1;
            for (var k = 0; k < classes; k++)
            {
                best = row[k] >= thresholds[k] && (best < 0 || row[k] > row[best]) ? k : best;
            }

            wrong += best >= 0 && best != truth[i] ? 1 : 0;
        }

        return wrong;
    }

    /// <summary>What heads and neighbours say, N x K.</summary>
    private static double[] Scores(IReadOnlyList<StandardCodes> layers, string[] labels, int[] truth, int classes, int seed, CancellationToken cancellation)
    {
        var joint = HeldOut(StandardCodes.Join(layers), labels, seed, cancellation);
        var sum = (double[])joint.Clone();
        foreach (var layer in layers)
        {
            var scores = layers.Count == 1 ? joint : HeldOut(layer.Matrix, labels, seed, cancellation);
            NeighbourVotes.AddTo(scores, layer, truth, classes);
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += LayersWeight * scores[i] / layers.Count;
            }
        }

        return sum;
    }

    /// <summary>The mean held-out scores of heads, N x K.</summary>
    private static double[] HeldOut(CodeMatrix codes, string[] labels, int seed, CancellationToken cancellation)
    {
        var mean = new double[checked(labels.Length * labels.Distinct(StringComparer.Ordinal).Count())];
        for (var deal = 0; deal < Deals; deal++)
        {
            var scores = LinearHead.ScoreHeldOut(codes, labels, new HeadOptions { C = C, Seed = unchecked(seed + deal) }, cancellation);
            for (var i = 0; i < mean.Length; i++)
            {
                mean[i] += scores[i] / Deals;
            }
        }

        return mean;
    }

    private static int LargestBut(ReadOnlySpan<double> row, int own)
    {
        var best = own == 0 ? 1 : 0;
        for (var k = best + 1; k < row.Length; k++)
        {
            best = k != own && row[k] > row[best] ? k : best;
        }

        return best;
    }

    private static void Softmax(Span<double> row)
    {
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var score in row)
        {
            largest = Math.Max(largest, score);
        }

        foreach (ref var score in row)
        {
            score = Math.Exp(score - largest);
            sum += score;
        }

        foreach (ref var score in row)
        {
            score /= sum;
        }
    }
}
