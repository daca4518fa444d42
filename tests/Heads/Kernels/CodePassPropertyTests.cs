using System.Numerics;
using CsCheck;

namespace OnnxTransfer.Heads.Tests;

/// <summary>What holds for the two products X W' and S'X whatever the numbers are. Small whole numbers: no sum is rounded.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public class CodePassPropertyTests<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly Gen<(int Rows, int Columns, int Classes, int Seed)> Sizes =
        Gen.Select(Gen.Int[1, 230], Gen.Int[1, 300], Gen.Int[1, 40], Gen.Int[0, 1 << 20]);

    [Test]
    public void Scores_are_linear_in_the_weights() => Sizes.Sample(size =>
    {
        var codes = Codes(size.Rows, size.Columns, size.Seed);
        var (u, v) = (Whole(size.Classes * (size.Columns + 1), size.Seed + 1), Whole(size.Classes * (size.Columns + 1), size.Seed + 2));
        var sum = u.Select((value, i) => (2 * value) - (3 * v[i])).ToArray();
        var (ofU, ofV, ofSum) = (Scores(codes, size.Classes, u), Scores(codes, size.Classes, v), Scores(codes, size.Classes, sum));
        return ofSum.SequenceEqual(ofU.Select((value, i) => (2 * value) - (3 * ofV[i])));
    }, iter: 60);

    [Test]
    public void The_second_product_is_the_first_ones_transpose() => Sizes.Sample(size =>
    {
        var codes = Codes(size.Rows, size.Columns, size.Seed);
        var w = Whole(size.Classes * (size.Columns + 1), size.Seed + 1);
        var s = Whole(size.Rows * size.Classes, size.Seed + 2);
        var scores = Scores(codes, size.Classes, w);
        var gradient = Gradient(codes, size.Classes, s);

        // <X W' + b, S> = <(W b), S'(X 1)>
        return scores.Select((value, i) => value * s[i]).Sum() == gradient.Select((value, i) => value * w[i]).Sum();
    }, iter: 60);

    [Test]
    public void The_order_of_rows_moves_scores_and_leaves_the_gradient() => Sizes.Sample(size =>
    {
        var codes = Codes(size.Rows, size.Columns, size.Seed);
        var order = Enumerable.Range(0, size.Rows).OrderBy(i => Hash.Mix((ulong)(i + size.Seed))).ToArray();
        var w = Whole(size.Classes * (size.Columns + 1), size.Seed + 1);
        var s = Whole(size.Rows * size.Classes, size.Seed + 2);
        var moved = codes.Select(order);
        return Scores(moved, size.Classes, w).SequenceEqual(Rows(Scores(codes, size.Classes, w), order, size.Classes))
            && Gradient(moved, size.Classes, Rows(s, order, size.Classes)).SequenceEqual(Gradient(codes, size.Classes, s));
    }, iter: 60);

    private static double[] Rows(double[] values, int[] order, int classes) =>
        [.. order.SelectMany(i => values.Skip(i * classes).Take(classes))];

    private static double[] Scores(CodeMatrix codes, int classes, double[] w)
    {
        var scores = new double[codes.Rows * classes];
        using var pass = new CodePass<T>(new RowSlabs(codes, (0, codes.Rows)), classes, 2);
        pass.Run(w, (_, first, rows, block, stride) =>
        {
            for (var i = 0; i < rows * classes; i++)
            {
                scores[(first * classes) + i] = double.CreateChecked(block[(i / classes * stride) + (i % classes)]);
            }
        }, default);
        return scores;
    }

    private static double[] Gradient(CodeMatrix codes, int classes, double[] slopes)
    {
        var gradient = new double[classes * (codes.Columns + 1)];
        using var pass = new CodePass<T>(new RowSlabs(codes, (0, codes.Rows)), classes, 2);
        pass.Run(default, (_, first, rows, block, stride) =>
        {
            for (var i = 0; i < rows * classes; i++)
            {
                block[(i / classes * stride) + (i % classes)] = T.CreateChecked(slopes[(first * classes) + i]);
            }
        }, gradient);
        return gradient;
    }

    private static CodeMatrix Codes(int rows, int columns, int seed) =>
        new(Array.ConvertAll(Whole(rows * columns, seed), static value => (float)value), rows, columns);

    private static double[] Whole(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(-9, 10))];
    }
}
