using System.Numerics;

namespace OnnxTransfer.Heads.Tests;

[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public unsafe class PackedWeightsTests<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    [Test]
    public void Every_weight_lies_in_its_panel_and_every_place_beyond_the_classes_is_zero([Values(1, 2, 13)] int depth, [Values] bool atEnd)
    {
        var width = MicroKernel.Width<T>();
        for (var classes = 1; classes <= (2 * width) + 3; classes++)
        {
            var w = Bits.Numbers<double>(classes * (depth + 1), classes);
            using var memory = new GuardedBuffer<double>(w.Length);
            using var packed = new PackedWeights<T>(classes, depth);
            for (var round = 0; round < 2; round++)
            {
                memory.Put(w, atEnd);
                packed.Pack(memory.GetSpan());
            }

            Assert.That(packed.Stride, Is.InRange(classes, classes + (width / 2) - 1));
            for (var column = 0; column < packed.Stride; column++)
            {
                var panel = column / width;
                Assert.That(panel, panel < packed.FullPanels ? Is.LessThan(packed.FullPanels) : Is.EqualTo(packed.FullPanels));
                var columns = panel < packed.FullPanels ? width : width / 2;
                for (var d = 0; d < depth; d++)
                {
                    var expected = column < classes ? T.CreateTruncating(w[(column * (depth + 1)) + d]) : T.Zero;
                    Assert.That(packed.Panel(panel)[(d * columns) + (column % width)], Is.EqualTo(expected), $"class {column} of {classes}, {d}");
                }
            }
        }
    }

    [Test]
    public void Rows_of_scores_begin_at_the_intercepts_or_at_zero([Values] bool withIntercepts, [Values] bool atEnd)
    {
        for (var classes = 1; classes <= 35; classes++)
        {
            var w = Bits.Numbers<double>(classes * 4, classes);
            using var packed = new PackedWeights<T>(classes, 3);
            packed.Pack(w);
            for (var rows = 0; rows <= 5; rows++)
            {
                using var scores = new GuardedBuffer<T>(rows * packed.Stride);
                packed.FillWithIntercepts(scores.Put(Bits.Numbers<T>(rows * packed.Stride, rows), atEnd), rows, withIntercepts);
                var found = scores.GetSpan();
                for (var i = 0; i < found.Length; i++)
                {
                    var k = i % packed.Stride;
                    Assert.That(found[i], Is.EqualTo(withIntercepts && k < classes ? T.CreateTruncating(w[(k * 4) + 3]) : T.Zero));
                }
            }
        }
    }
}
