namespace OnnxTransfer.Heads.Tests;

public class RowSampleTests
{
    [Test]
    public void A_sample_is_an_eighth_of_the_rows_ascending_and_spread_over_all()
    {
        var rows = RowSample.Of(Slabs(16_000), 10)!;
        Assert.That(rows, Has.Length.EqualTo(2000).And.Unique.And.Ordered);
        Assert.That(rows.Count(static row => row < 8000), Is.EqualTo(1000).Within(100));
    }

    [Test]
    public void Too_few_rows_to_tell_much_of_all_have_no_sample([Values] bool hasManyClasses) =>
        Assert.That(RowSample.Of(Slabs(hasManyClasses ? 16_000 : 7_999), hasManyClasses ? 201 : 2), Is.Null);

    private static RowSlabs Slabs(int rows) => new(Problems.Make(rows, 1, 2, 1).Codes, (0, rows));
}
