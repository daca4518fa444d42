namespace OnnxTransfer.Imaging.Tests;

public class ContactSheetTests
{
    [Test]
    public void Tiles_lie_in_rows_with_their_captions()
    {
        var red = new RgbImage(40, 20, [.. Enumerable.Repeat(new byte[] { 255, 0, 0 }, 800).SelectMany(static rgb => rgb)]);
        SheetTile[] tiles = [.. Enumerable.Range(0, 5).Select(i => new SheetTile([red, red], [$"{i}"], ["a/long/name/that/does/not/fit/anywhere.jpg", "é"]))];
        var sheet = ContactSheet.Draw(tiles, 100, 3);
        Assert.That((sheet.Width, sheet.Height), Is.EqualTo((12 + (3 * 220), 12 + (2 * 152))));
        Assert.That(At(sheet, 12 + 50, 12 + 50), Is.EqualTo((255, 0, 0)), "enlarged twice, in the middle");
        Assert.That(At(sheet, 12 + 50, 12 + 10), Is.EqualTo((255, 255, 255)));
        Assert.That(Black(sheet, 0, 112, 232, 164), Is.GreaterThan(50), "a caption");
        Assert.That(Black(sheet, 452, 164, 672, 316), Is.Zero, "no sixth tile");
        Assert.That(ContactSheet.Draw(tiles, 100, 3).Pixels, Is.EqualTo(sheet.Pixels));
    }

    [Test]
    public void Letters_have_their_dots()
    {
        var image = new RgbImage(12, 7, [.. Enumerable.Repeat(byte.MaxValue, 3 * 12 * 7)]);
        DotFont.Draw(image, 0, 0, "TÄ", 1);
        string[] rows = [.. Enumerable.Range(0, 7).Select(y => string.Concat(Enumerable.Range(0, 12).Select(x => At(image, x, y).Red == 0 ? '#' : '.')))];
        Assert.That(rows, Is.EqualTo(new[]
        {
            "#####.#####.", "..#...#...#.", "..#...#...#.", "..#...#...#.", "..#...#...#.", "..#...#...#.", "..#...#####.",
        }));
    }

    private static (byte Red, byte Green, byte Blue) At(RgbImage image, int x, int y)
    {
        var pixel = image.Pixels.AsSpan(3 * ((y * image.Width) + x), 3);
        return (pixel[0], pixel[1], pixel[2]);
    }

    private static int Black(RgbImage image, int left, int top, int right, int bottom) => Enumerable.Range(top, bottom - top)
        .Sum(y => Enumerable.Range(left, right - left).Count(x => At(image, x, y) == (0, 0, 0)));
}
