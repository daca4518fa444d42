namespace OnnxTransfer.Imaging.Tests;

public sealed class TruncatedFileTests
{
    private const int Cuts = 100;

    private static readonly IImageDecoder Decoder = ImageDecoders.Default;

    public static IEnumerable<string> Whole => Goldens.Files.Where(file => !file.Contains("trailing", StringComparison.Ordinal));

    public static IEnumerable<string> Trailing => Goldens.Files.Where(file => file.Contains("trailing", StringComparison.Ordinal));

    [TestCaseSource(nameof(Whole))]
    public void A_file_cut_anywhere_is_refused(string file)
    {
        var bytes = Goldens.Bytes(file);
        foreach (var length in Lengths(bytes.Length))
        {
            Assert.That(
                () => Decoder.Decode(bytes[..length], file, new DecodeOptions()),
                Throws.InstanceOf<OnnxTransferException>().With.Property(nameof(OnnxTransferException.Kind)).EqualTo(FailureKind.Data),
                $"cut after {length} of {bytes.Length} bytes");
        }
    }

    [TestCaseSource(nameof(Whole))]
    public void A_cut_file_is_decoded_as_far_as_it_goes_where_that_is_allowed(string file)
    {
        var bytes = Goldens.Bytes(file);
        var whole = Goldens.Decode(file);
        var options = new DecodeOptions { AllowTruncated = true };
        foreach (var length in Lengths(bytes.Length))
        {
            try
            {
                var image = Decoder.Decode(bytes[..length], file, options);
                Assert.That(image.Pixels, Has.Length.EqualTo(whole.Pixels.Length), $"cut after {length} of {bytes.Length} bytes");
            }
            catch (OnnxTransferException refused)
            {
                Assert.That(refused.Kind, Is.EqualTo(FailureKind.Data));
            }
        }

        Assert.That(Decoder.Decode(bytes, file, options).Pixels, Is.EqualTo(whole.Pixels));
    }

    [Test]
    public void The_rows_before_the_cut_are_those_of_the_whole_file_and_the_rest_is_black_or_white()
    {
        var options = new DecodeOptions { AllowTruncated = true };
        foreach (var (file, rest) in new[] { ("jpeg-444-64x48.jpg", (byte)0), ("png-rgba.png", (byte)255), ("bmp-top-down.bmp", (byte)0) })
        {
            var bytes = Goldens.Bytes(file);
            var whole = Goldens.Decode(file);
            var cut = Decoder.Decode(bytes[..(bytes.Length * 3 / 4)], file, options);
            var row = 3 * cut.Width;
            Assert.That(cut.Pixels[..(8 * row)], Is.EqualTo(whole.Pixels[..(8 * row)]), file);
            Assert.That(cut.Pixels[^row..], Is.All.EqualTo(rest), file);
        }
    }

    [TestCaseSource(nameof(Trailing))]
    public void Bytes_after_the_end_change_nothing(string file)
    {
        var bytes = Goldens.Bytes(file);
        var end = bytes.AsSpan().IndexOf("trailing"u8);
        var image = Decoder.Decode(bytes[..end], file, new DecodeOptions());
        Assert.That(Goldens.Decode(file).Pixels, Is.EqualTo(image.Pixels));
    }

    [Test]
    public void A_progressive_file_without_its_later_scans_is_cut_off()
    {
        var bytes = Goldens.Bytes("jpeg-progressive-420.jpg");
        Sentences.Fails(
            FailureKind.Data,
            () => Decoder.Decode(bytes[..(bytes.Length - 200)], "p.jpg", new DecodeOptions()),
            "p.jpg",
            "is cut off",
            "--allow-truncated");
    }

    // A hundred places over the whole, and each of the last bytes: the end is where a decoder has all its pixels already.
    private static IEnumerable<int> Lengths(int length) =>
        Enumerable.Range(0, Cuts).Select(i => i * length / Cuts).Concat(Enumerable.Range(1, 24).Select(i => length - i)).Distinct();
}
