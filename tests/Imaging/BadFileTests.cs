using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace OnnxTransfer.Imaging.Tests;

public sealed class BadFileTests
{
    private static readonly IImageDecoder Decoder = ImageDecoders.Default;

    private static readonly byte[] WirelessBitmap = [0, 0, 8, 2, 0xAA, 0x55];

    [Test]
    public void An_empty_file_is_called_empty() =>
        Refused([], "is empty (0 bytes)");

    [TestCase("These are the notes of a photographer.")]
    [TestCase("<!DOCTYPE html><html><body>404 Not Found</body></html>")]
    [TestCase("{}")]
    [TestCase("B")]
    public void Text_under_the_name_of_an_image_is_no_image(string text) =>
        Refused(Encoding.UTF8.GetBytes(text), "is not JPEG, PNG, WebP, BMP or GIF");

    [Test]
    public void Random_bytes_are_no_image() =>
        Gen.Byte.Array[1, 400].Sample(bytes => { Refused(bytes); });

    [Test]
    public void Random_bytes_after_any_signature_are_no_image()
    {
        byte[][] signatures =
        [
            [0xFF, 0xD8, 0xFF], [0x89, .. "PNG\r\n\x1a\n"u8], [.. "GIF89a"u8], [.. "RIFF\x20\0\0\0WEBP"u8], [.. "BM"u8],
        ];
        Gen.Select(Gen.Int[0, signatures.Length - 1].Select(i => signatures[i]), Gen.Byte.Array[0, 200]).Sample((signature, bytes) => { Refused([.. signature, .. bytes]); });
    }

    [Test]
    public void Formats_that_the_decoder_knows_but_nobody_asked_for_are_refused() =>
        Refused(WirelessBitmap, "is not JPEG, PNG, WebP, BMP or GIF");

    [Test]
    public void A_file_with_changed_bytes_decodes_or_is_refused_in_a_sentence()
    {
        var files = Goldens.Files.Select(Goldens.Bytes).ToArray();
        var options = new DecodeOptions { MaxPixels = 1_000_000 };
        Gen.Select(Gen.Int[0, files.Length - 1].Select(i => files[i]), Gen.Select(Gen.Double[0, 0.999], Gen.Byte).Array[1, 8]).Sample((file, changes) =>
        {
            var bytes = file.ToArray();
            foreach (var (where, value) in changes)
            {
                bytes[(int)(where * bytes.Length)] = value;
            }

            try
            {
                var image = Decoder.Decode(bytes, "changed", options);
                Assert.That((long)image.Width * image.Height, Is.LessThanOrEqualTo(options.MaxPixels));
            }
            catch (OnnxTransferException refused)
            {
                Assert.That(refused.Kind, Is.EqualTo(FailureKind.Data), refused.Message);
            }
        });
    }

    [Test]
    public void A_header_that_promises_too_much_is_refused_before_anything_is_allocated()
    {
        var png = Goldens.Bytes("png-rgb.png");
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 10_001);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 10_000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));
        var bmp = Goldens.Bytes("bmp-24.bmp");
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 20_000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 20_000);
        var jpeg = Goldens.Bytes("jpeg-420-61x43.jpg");
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), 65_500);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), 65_500);
        var gif = Goldens.Bytes("gif.gif");
        BinaryPrimitives.WriteUInt32LittleEndian(gif.AsSpan(6), uint.MaxValue);
        foreach (var (file, words) in new[] { (png, "10001 x 10000"), (bmp, "20000 x 20000"), (jpeg, "65500 x 65500"), (gif, "65535 x 65535") })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Refused(file, words, "89478485");
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
        }
    }

    [Test]
    public void A_side_beyond_the_limit_is_refused_however_thin_the_image_is()
    {
        var options = new DecodeOptions { MaxSide = 4_999 };
        Sentences.Fails(FailureKind.Data, () => Decoder.Decode(Goldens.Bytes("png-1x5000.png"), "thin.png", options), "thin.png", "1 x 5000", "4999");
        Sentences.Fails(FailureKind.Data, () => Decoder.Decode(Goldens.Bytes("png-rgb.png"), "a.png", new DecodeOptions { MaxPixels = 2_622 }), "61 x 43", "2622");
        Assert.That(Decoder.Decode(Goldens.Bytes("png-rgb.png"), "a.png", new DecodeOptions { MaxPixels = 2_623 }).Width, Is.EqualTo(61));
    }

    private static void Refused(byte[] file, params string[] words) =>
        Sentences.Fails(FailureKind.Data, () => Decoder.Decode(file, "photo.jpg", new DecodeOptions()), ["photo.jpg", .. words]);

    // The check sum of PNG (ISO 3309): polynomial 0xEDB88320, bits from the lowest on.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
