using OnnxTransfer.Imaging;

namespace OnnxTransfer.Datasets;

/// <summary>Where the pixels of one image come from: a file, or a record of a larger file.</summary>
public interface IImageContent
{
    /// <summary>Where the image lies, for messages: the path of the file, and the record in it where it has several.</summary>
    string Path { get; }

    /// <summary>
    /// The bytes that determine the image completely: equal bytes are equal pixels, so their hash is the image's
    /// identity. Safe to call from several threads.
    /// </summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Data"/>: the file has gone or is too large; <see cref="FailureKind.Machine"/>: it must not be
    /// read.
    /// </exception>
    byte[] Read();

    /// <summary>Turns what <see cref="Read"/> gave into RGB pixels. Safe to call from several threads.</summary>
    /// <param name="content">The bytes that <see cref="Read"/> of this very object returned.</param>
    /// <param name="decoder">Decodes image files; not asked where the bytes are plain pixels.</param>
    /// <param name="options">Bounds on what is decoded.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: not an image, broken, or too large.</exception>
    RgbImage Decode(byte[] content, IImageDecoder decoder, DecodeOptions options);
}
