namespace OnnxTransfer.Heads.Tests;

public class CodeViewTests
{
    [Test]
    public void A_row_is_chosen_and_changed_as_plain_loops_do([Values(1, 7, 8, 29)] int columns)
    {
        var (codes, _) = Problems.Make(40, columns, 1, columns);
        var (order, room, wide) = (new[] { 3, 39, 0, 3 }, new float[columns], new double[columns]);
        var view = new CodeView(codes).Select(order);
        var centre = Centre.Of(view);
        var standardization = Standardization.Of(view, 3);
        var (centred, standard) = (view with { Centre = centre }, view with { Standardization = standardization });
        for (var i = 0; i < order.Length; i++)
        {
            var stored = codes.Row(order[i]).ToArray();
            Assert.That(view.Row(i, []).ToArray(), Is.EqualTo(stored));
            Assert.That(centred.Row(i, room).ToArray(), Is.EqualTo(stored.Select((x, d) => x - centre[d])));
            centred.Read(i, wide.AsSpan(), room);
            Assert.That(wide, Is.EqualTo(stored.Select((x, d) => (double)x - centre[d])));
            (centred with { IsRounded = true }).Read(i, wide.AsSpan(), room);
            Assert.That(wide, Is.EqualTo(stored.Select((x, d) => (double)(x - centre[d]))));
            for (var d = 0; d < columns; d++)
            {
                var column = order.Select(row => (double)codes.Row(row)[d]).ToArray();
                var deviation = Math.Sqrt(column.Average(x => (x - column.Average()) * (x - column.Average())));
                var expected = deviation == 0 ? 0 : (stored[d] - column.Average()) / deviation;
                Assert.That(standard.Row(i, room)[d], Is.EqualTo(expected).Within(1e-6));
            }
        }

        var normalised = Normalization.Apply(view, 2);
        var centreOfNormalised = Centre.Of(normalised);
        for (var i = 0; i < order.Length; i++)
        {
            var stored = codes.Row(order[i]).ToArray();
            var length = Math.Sqrt(stored.Sum(static x => (double)x * x));
            Assert.That(normalised.Factor(i), Is.EqualTo(length > 0 ? 1 / length : 0).Within(1e-10).Percent);
            double[] expected = [.. stored.Select((x, d) => (normalised.Factor(i) * x) - centreOfNormalised[d])];
            var less = normalised with { Centre = centreOfNormalised };
            Assert.That(less.Row(i, room).ToArray(), Is.EqualTo(expected.Select(static x => (float)x)));
            less.Read(i, wide.AsSpan(), room);
            Assert.That(wide, Is.EqualTo(expected));
        }

        Assert.That(normalised.Select([2, 1]).Factors, Is.EqualTo(new[] { normalised.Factor(2), normalised.Factor(1) }));
        Assert.That(view.Select([1, 1, 2]).Order, Is.EqualTo(new[] { 39, 39, 0 }));
    }

    [Test]
    public void Products_with_a_row_and_sums_of_rows_are_those_of_the_row_as_float64_reads_it(
        [Values(1, 7, 8, 45)] int columns, [Values] bool hasCentre, [Values] bool isNormalised, [Values] bool isRounded)
    {
        var (codes, _) = Problems.Make(20, columns, 1, columns);
        var view = (isNormalised ? Normalization.Apply(new CodeView(codes), 1) : new CodeView(codes)) with { IsRounded = isRounded };
        view = hasCentre ? view with { Centre = Centre.Of(view) } : view;
        var (room, wide, y) = (view.Room(), new double[columns], Bits.Numbers<double>(columns, 3));
        for (var row = 0; row < 20; row++)
        {
            view.Read(row, wide.AsSpan(), room);
            var sum = y.ToArray();
            view.AddScaled(0.3, row, sum, room);
            Assert.That(sum, Is.EqualTo(y.Select((value, d) => value + (0.3 * wide[d]))).Within(1e-12));
            Assert.That(view.Dot(row, y, room), Is.EqualTo(y.Select((value, d) => value * wide[d]).Sum()).Within(1e-12 * columns));
        }
    }

    [Test]
    public void Passes_over_a_view_have_the_bits_of_passes_over_its_copy([Values("order", "length", "centre", "standard", "order and centre", "order, length and centre", "length and standard")] string what)
    {
        const int Classes = 5;
        var (codes, _) = Problems.Make(500, 45, 1, 5);
        var all = what.Contains("length", StringComparison.Ordinal) ? Normalization.Apply(new CodeView(codes), 2) : new CodeView(codes);
        var order = Enumerable.Range(0, 500).OrderBy(static i => Hash.Mix((ulong)i)).Take(410).ToArray();
        var view = (what.StartsWith("order", StringComparison.Ordinal) ? all.Select(order) : all) with
        {
            Centre = what.EndsWith("centre", StringComparison.Ordinal) ? Centre.Of(all) : null,
            Standardization = what.EndsWith("standard", StringComparison.Ordinal) ? Standardization.Of(all, 1) : null,
            IsRounded = true,
        };
        var copy = view.Held(2);
        Assert.That((view.IsPlain, copy.IsPlain), Is.EqualTo((false, true)));
        var w = Enumerable.Range(0, Classes * 46).Select(static i => Math.Sin(i)).ToArray();
        var curvatures = Enumerable.Range(0, view.Rows * Classes).Select(static i => i % 4 == 0 ? 0.1f : 0).ToArray();
        Assert.That(All(view), Is.EqualTo(All(copy)));

        double[] All(CodeView of)
        {
            var slabs = new RowSlabs(of, (0, 111), (200, of.Rows));
            using var single = new CodePass<float>(slabs, Classes, 2);
            using var twice = new CodePass<double>(slabs, Classes, 2);
            using var product = new PairProduct(slabs, Classes, 2);
            using var gram = new RowGram(slabs);
            var (one, other, third) = (new double[w.Length], new double[w.Length], new double[w.Length]);
            single.Run(w, static (_, _, _, _, _) => { }, one);
            twice.Run(w, static (_, _, _, _, _) => { }, other);
            var pairs = new ActivePairs(slabs, Classes);
            pairs.Find(curvatures, true, [.. Enumerable.Repeat(1f, of.Rows)], 0, 2);
            product.Run(w, pairs, true, third);
            gram.Change([2, 5, 300]);
            return [.. one, .. other, .. third, .. gram.Row(2).ToArray(), .. ColumnGram.Of(slabs, static _ => 0.5, 1, 2)];
        }
    }
}
