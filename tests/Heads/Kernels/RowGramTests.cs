namespace OnnxTransfer.Heads.Tests;

public class RowGramTests
{
    [Test]
    public void Products_are_those_of_the_rows_however_they_came_and_went([Values(1, 7, 33)] int columns, [Values] bool centred)
    {
        var (codes, _) = Problems.Make(120, columns, 2, columns);
        var slabs = new RowSlabs(new CodeView(codes) { Centre = centred ? Centre.Of(new CodeView(codes)) : null }, (0, 120));
        using var gram = new RowGram(slabs);
        var random = new Random(3);
        for (var round = 0; round < 6; round++)
        {
            int[] wanted = [.. Enumerable.Range(0, 120).Where(_ => random.NextDouble() < 0.4)];
            gram.Change(wanted);
            var rows = gram.Rows.ToArray();
            Assert.That(rows.Order(), Is.EqualTo(wanted));
            for (var i = 0; i < rows.Length; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    Assert.That(gram.Row(i)[j], Is.EqualTo(Product(rows[i], rows[j])).Within(1e-4).Percent.Or.EqualTo(Product(rows[i], rows[j])).Within(1e-4));
                }
            }
        }

        double Product(int i, int j)
        {
            var sum = 0.0;
            for (var d = 0; d < columns; d++)
            {
                var shift = slabs.Codes.Centre?[d] ?? 0;
                sum += ((double)codes.Row(i)[d] - shift) * ((double)codes.Row(j)[d] - shift);
            }

            return sum;
        }
    }

    [Test]
    public void Products_do_not_depend_on_the_way_to_their_rows()
    {
        var (codes, _) = Problems.Make(90, 50, 2, 5);
        var slabs = new RowSlabs(codes, (0, 90));
        using var straight = new RowGram(slabs);
        using var around = new RowGram(slabs);
        int[] wanted = [.. Enumerable.Range(20, 50)];
        straight.Change(wanted);
        around.Change([.. Enumerable.Range(0, 40)]);
        around.Change(wanted);
        var rows = around.Rows.ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var (high, low) = (Math.Max(rows[i], rows[j]) - 20, Math.Min(rows[i], rows[j]) - 20);
                Assert.That(around.Row(i)[j], Is.EqualTo(straight.Row(high)[low]));
            }
        }
    }
}
