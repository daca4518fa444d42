namespace OnnxTransfer.Heads.Tests;

public class NearestRowsTests
{
    [TestCase(1, 3, 5)]
    [TestCase(7, 1, 3)]
    [TestCase(120, 37, 5)]
    [TestCase(250, 300, 10)]
    public void The_rows_with_the_largest_products_are_found_in_their_order(int rows, int columns, int count)
    {
        var (queries, among) = (Made(rows, columns, 1), Made(rows, columns, 2));
        var found = NearestRows.Find(queries, among, count);
        Assert.That(found.Count, Is.EqualTo(Math.Min(count, rows - 1)));
        for (var i = 0; i < rows; i++)
        {
            var products = Enumerable.Range(0, rows).Select(j => Product(queries, i, among, j)).ToArray();
            var expected = Enumerable.Range(0, rows).Where(j => j != i).OrderByDescending(j => products[j]).ThenBy(static j => j).Take(found.Count).ToArray();
            Assert.That(found.Of(i).ToArray(), Is.EqualTo(expected));
            Assert.That(found.Products(i).ToArray(), Is.EqualTo(expected.Select(j => products[j])));
        }
    }

    [Test]
    public void Threads_make_no_difference()
    {
        var codes = Made(400, 20, 3);
        var (one, four) = (NearestRows.Find(codes, codes, 6, threads: 1), NearestRows.Find(codes, codes, 6, threads: 4));
        for (var i = 0; i < 400; i++)
        {
            Assert.That(four.Of(i).ToArray(), Is.EqualTo(one.Of(i).ToArray()));
            Assert.That(four.Products(i).ToArray(), Is.EqualTo(one.Products(i).ToArray()));
        }
    }

    [Test]
    public void Matrices_of_different_sizes_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestRows.Find(Made(5, 3, 1), Made(6, 3, 1), 2));

    /// <summary>Small whole numbers: products are exact, and many are equal.</summary>
    private static CodeMatrix Made(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return new CodeMatrix(Enumerable.Range(0, rows * columns).Select(_ => (float)random.Next(-3, 4)).ToArray(), rows, columns);
    }

    private static float Product(CodeMatrix one, int i, CodeMatrix other, int j)
    {
        var sum = 0f;
        for (var d = 0; d < one.Columns; d++)
        {
            sum += one.Row(i)[d] * other.Row(j)[d];
        }

        return sum;
    }
}
