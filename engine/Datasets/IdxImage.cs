using System.Text;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Datasets;

/// <summary>A grey image that is a record of an IDX file in memory.</summary>
internal sealed class IdxImage : IImageContent
{
    private readonly IdxFile _file;
    private readonly string _path;
    private readonly int _index;

    public IdxImage(IdxFile file, string path, int index) => (_file, _path, _index) = (file, path, index);

    public string Path => $"{_path}, image {_index}";

    private int Height => _file.Dimensions[1];

    private int Width => _file.Dimensions[2];

    /// <summary>The image as a PGM file: with its size, because the same pixels in another shape are another image.</summary>
    public byte[] Read()
    {
        var header = Header();
        var pixels = _file.Values.AsSpan(_index * Height * Width, Height * Width);
        return [.. header, .. pixels];
    }

    public RgbImage Decode(byte[] content, IImageDecoder decoder, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(options);
        if ((long)Height * Width > options.MaxPixels)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{Path} has {Width} x {Height} pixels, more than the {options.MaxPixels:N0} allowed; leave it out.");
        }

        if (Math.Max(Height, Width) > options.MaxSide)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"{Path} has {Width} x {Height} pixels, where a side may have {options.MaxSide:N0}; leave it out.");
        }

        var header = Header();
        if (content.Length != header.Length + (Height * Width) || !content.AsSpan(0, header.Length).SequenceEqual(header))
        {
            throw new ArgumentException("The bytes are not those that this image's Read gave.", nameof(content));
        }

        var grey = content.AsSpan(header.Length);
        var rgb = new byte[3 * grey.Length];
        for (var i = 0; i < grey.Length; i++)
        {
            rgb.AsSpan(3 * i, 3).Fill(grey[i]);
        }

        return new RgbImage(Width, Height, rgb);
    }

    private byte[] Header() => Encoding.ASCII.GetBytes($"P5\n{Width} {Height}\n255\n");
}
