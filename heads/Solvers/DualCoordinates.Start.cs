namespace OnnxTransfer.Heads;

/// <content>Where coordinate descent starts: at zero, at what weights tell, or at dual variables of a problem near by.</content>
internal sealed partial class DualCoordinates
{
    /// <summary>
    /// Takes dual variables of a problem near by, and finds the classes that are not at their optimum yet: descent looks at no other.
    /// </summary>
    /// <returns>The dual value.</returns>
    private double Begin(double[] start, double[] known, double gap, DualGroup[] groups)
    {
        var width = work.Codes.Columns + 1;
        foreach (var row in work.AllRows())
        {
            var most = Most(row);
            for (var k = 0; k < classes && targets.Weight(row) > 0; k++)
            {
                var at = ((long)row * classes) + k;
                signed[at] = Math.Clamp(known[at], -most, most);
            }
        }

        Workers.For(classes, threads, (k, _) => Weights[(k * width) + width - 1] = Sum(k));
        Array.ForEach(groups, group => group.Begin(Weights, start));
        for (var at = width - 1; isFree && at < Weights.Length; at += width)
        {
            Weights[at] = start[at];
        }

        var value = DualValue();
        Check<float>(Open(), gap * value, isSettled: false);

        // The supports begin with what descent leaves.
        Array.Clear(isOff);
        return value;
    }

    /// <summary>The sum of a - r a^2 / 2, less the penalty.</summary>
    private double DualValue()
    {
        var width = work.Codes.Columns + 1;
        var value = 0.0;
        foreach (var row in work.AllRows())
        {
            for (var k = 0; k < classes; k++)
            {
                var a = Math.Abs(signed[((long)row * classes) + k]);
                value += a > 0 ? a - (0.5 * Ridge(row) * a * a) : 0;
            }
        }

        for (var k = 0; k < classes; k++)
        {
            var w = Weights.AsSpan(k * width, isFree ? width - 1 : width);
            value -= 0.5 * VectorArithmetic.Dot(w, w);
        }

        return value;
    }

    /// <summary>Sets a class's weights, but for the intercept, to the sum of b_i x_i in float64.</summary>
    /// <returns>The sum of b_i.</returns>
    private double Sum(int k)
    {
        var width = work.Codes.Columns + 1;
        var (room, sum) = (exact.Codes.Room(), 0.0);
        var w = Weights.AsSpan(k * width, width - 1);
        w.Clear();
        foreach (var row in work.AllRows())
        {
            var b = signed[((long)row * classes) + k];
            if (b != 0)
            {
                exact.Codes.AddScaled(b, row, w, room);
                sum += b;
            }
        }

        return sum;
    }

    /// <summary>Takes the slopes at some weights, 2 C w_i max(0, 1 - margin), as dual variables.</summary>
    /// <returns>The dual value, which is 0 where they do not stay.</returns>
    private double Begin(double[] start, DualGroup[] groups)
    {
        using (var pass = new CodePass<float>(work, classes, threads))
        {
            pass.Run(start, (_, first, count, scores, stride) => Take(first, count, scores, stride), default);
        }

        pairs += (long)work.Rows * classes;
        Sum();
        // Rows that the start did not know may take it to where zero is nearer.
        var value = DualValue();
        if (value <= 0)
        {
            Array.Clear(signed);
            return 0;
        }

        Array.ForEach(groups, group => group.Begin(Weights, start));
        return value;
    }

    private void Take(int first, int count, Span<float> scores, int stride)
    {
        var signs = new double[classes];
        for (var row = first; row < first + count; row++)
        {
            targets.Signs(row, signs);
            for (var k = 0; k < classes; k++)
            {
                var a = 2 * c * targets.Weight(row) * Math.Max(0, 1 - (signs[k] * scores[((row - first) * stride) + k]));
                signed[((long)row * classes) + k] = signs[k] * a;
            }
        }
    }
}
