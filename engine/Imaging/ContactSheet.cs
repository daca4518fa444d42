namespace OnnxTransfer.Imaging;

/// <summary>Pictures side by side with a caption.</summary>
/// <param name="Pictures">At least one; those larger than the sheet's tiles are cut off.</param>
/// <param name="Titles">Lines in large letters.</param>
/// <param name="Notes">Lines in small ones below.</param>
public sealed record SheetTile(IReadOnlyList<RgbImage> Pictures, IReadOnlyList<string> Titles, IReadOnlyList<string> Notes);

/// <summary>Many small pictures on a white sheet, for people to look through.</summary>
public static class ContactSheet
{
    private const int Gap = 12, Between = 4, TitleScale = 2, NoteScale = 1, Leading = 3;

    /// <summary>Lays tiles out in rows; equal tiles give equal pixels.</summary>
    /// <param name="tiles">At least one.</param>
    /// <param name="side">Pixels along a side of the square that a picture has; a picture that fits into it several times is enlarged.</param>
    /// <param name="columns">Tiles in a row, at least 1.</param>
    public static RgbImage Draw(IReadOnlyList<SheetTile> tiles, int side, int columns)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentOutOfRangeException.ThrowIfLessThan(tiles.Count, 1, nameof(tiles));
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        columns = Math.Min(columns, tiles.Count);
        var width = tiles.Max(static tile => tile.Pictures.Count) * (side + Between);
        var height = side + tiles.Max(static tile => (tile.Titles.Count * Line(TitleScale)) + (tile.Notes.Count * Line(NoteScale))) + Leading;
        var rows = (tiles.Count + columns - 1) / columns;
        var sheet = Blank(Gap + (columns * (width + Gap)), Gap + (rows * (height + Gap)));
        for (var i = 0; i < tiles.Count; i++)
        {
            Draw(sheet, tiles[i], Gap + (i % columns * (width + Gap)), Gap + (i / columns * (height + Gap)), side, width);
        }

        return sheet;
    }

    private static void Draw(RgbImage sheet, SheetTile tile, int left, int top, int side, int width)
    {
        for (var i = 0; i < tile.Pictures.Count; i++)
        {
            Place(sheet, Enlarged(tile.Pictures[i], side), left + (i * (side + Between)), top, side);
        }

        top += side + Leading;
        foreach (var (text, scale) in tile.Titles.Select(static line => (line, TitleScale)).Concat(tile.Notes.Select(static line => (line, NoteScale))))
        {
            DotFont.Draw(sheet, left, top, Shortened(text, width / (DotFont.Advance * scale)), scale);
            top += Line(scale);
        }
    }

    private static int Line(int scale) => (DotFont.Height * scale) + Leading;

    private static RgbImage Blank(int width, int height)
    {
        var pixels = new byte[checked(3 * width * height)];
        Array.Fill(pixels, byte.MaxValue);
        return new RgbImage(width, height, pixels);
    }

    private static RgbImage Enlarged(RgbImage picture, int side)
    {
        var times = side / Math.Max(picture.Width, picture.Height);
        return times < 2 ? picture : Resampling.Resize(picture, times * picture.Width, times * picture.Height, ResizeFilter.Nearest);
    }

    /// <summary>In the middle of its square.</summary>
    private static void Place(RgbImage sheet, RgbImage picture, int left, int top, int side)
    {
        var (width, height) = (Math.Min(picture.Width, side), Math.Min(picture.Height, side));
        (left, top) = (left + ((side - width) / 2), top + ((side - height) / 2));
        for (var y = 0; y < height; y++)
        {
            picture.Pixels.AsSpan(3 * y * picture.Width, 3 * width).CopyTo(sheet.Pixels.AsSpan(3 * (((top + y) * sheet.Width) + left)));
        }
    }

    /// <summary>Both ends of a long line tell more than its middle.</summary>
    private static string Shortened(string text, int most)
    {
        const string Cut = "..";
        var start = (most - Cut.Length) / 3;
        return text.Length <= most || start < 1 ? text[..Math.Min(text.Length, most)] : text[..start] + Cut + text[^(most - Cut.Length - start)..];
    }
}
