using OnnxTransfer.Datasets;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning.Tests;

/// <summary>Sets of images that are made up.</summary>
internal static class ImageSets
{
    public static readonly Recipe Recipe = Recipe.Named("imagenet").WithSize(16);

    /// <summary>So many images of noise in two classes; some may be broken.</summary>
    public static LabelledImages Of(int count, params int[] broken) => new(
        "made-up images",
        Enumerable.Range(0, count).Select(i => new LabelledImage($"image{i:000}", i % 3 == 0 ? "a" : "b", new MadeUp(i) { IsBroken = broken.Contains(i) })));

    /// <summary>An image that is its number; it can break after it was read.</summary>
    public sealed class MadeUp(int number) : IImageContent
    {
        private int reads;

        public string Path => $"image {number}";

        public bool IsBroken { get; set; }

        public int Reads => reads;

        public byte[] Read()
        {
            Interlocked.Increment(ref reads);
            return [(byte)number];
        }

        public RgbImage Decode(byte[] content, IImageDecoder decoder, DecodeOptions options) => IsBroken
            ? throw new OnnxTransferException(FailureKind.Data, $"{Path} is broken.")
            : Goldens.Noise(20 + (number % 7), 30 - (number % 5), number);
    }
}
