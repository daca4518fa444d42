namespace OnnxTransfer.Imaging.Tests;

public sealed class OrientationTests
{
    // The picture 1 2 3 / 4 5 6, as the eight orientations show it.
    [TestCase(1, 3, 2, new[] { 1, 2, 3, 4, 5, 6 })]
    [TestCase(2, 3, 2, new[] { 3, 2, 1, 6, 5, 4 })]
    [TestCase(3, 3, 2, new[] { 6, 5, 4, 3, 2, 1 })]
    [TestCase(4, 3, 2, new[] { 4, 5, 6, 1, 2, 3 })]
    [TestCase(5, 2, 3, new[] { 1, 4, 2, 5, 3, 6 })]
    [TestCase(6, 2, 3, new[] { 4, 1, 5, 2, 6, 3 })]
    [TestCase(7, 2, 3, new[] { 6, 3, 5, 2, 4, 1 })]
    [TestCase(8, 2, 3, new[] { 3, 6, 2, 5, 1, 4 })]
    [TestCase(0, 3, 2, new[] { 1, 2, 3, 4, 5, 6 })]
    [TestCase(9, 3, 2, new[] { 1, 2, 3, 4, 5, 6 })]
    public void An_image_is_turned_upright(int exif, int width, int height, int[] expected)
    {
        var image = new RgbImage(3, 2, [.. Enumerable.Range(1, 6).SelectMany(i => Enumerable.Repeat((byte)i, 3))]);
        var upright = Orientation.Upright(image, exif);
        Assert.That((upright.Width, upright.Height), Is.EqualTo((width, height)));
        Assert.That(upright.Pixels.Where((_, i) => i % 3 == 0).Select(b => (int)b), Is.EqualTo(expected));
    }

    [Test]
    public void The_orientation_is_read_in_both_byte_orders()
    {
        byte[] little = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0];
        byte[] big = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0];
        Assert.That((Exif.Orientation(little), Exif.Orientation(big)), Is.EqualTo((6, 8)));
    }

    [Test]
    public void Damaged_metadata_turns_nothing()
    {
        byte[] whole = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0];
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.That(Exif.Orientation(whole.AsSpan(0, length)), Is.EqualTo(1), $"cut after {length} bytes");
        }

        byte[] far = [.. "II*\0"u8, 255, 255, 255, 255, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0];
        Assert.That(Exif.Orientation(far), Is.EqualTo(1));
    }
}
