using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning;

/// <summary>Pillow's blend of two bytes, on which its enhancements rest: from + factor (to - from) in float, cut to 0..255, rounded down.</summary>
internal static class Blend
{
    /// <summary>One byte. A factor of 0 gives <paramref name="from"/>, 1 <paramref name="to"/>; beyond 1 it goes on in that direction.</summary>
    public static byte Bytes(int from, int to, float factor)
    {
        var value = from + (factor * (to - from));
        return value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)value;
    }

    /// <summary>What each byte of an image becomes, blended with one level.</summary>
    public static RgbImage WithLevel(RgbImage image, byte level, float factor)
    {
        var curve = new byte[256];
        for (var value = 0; value < 256; value++)
        {
            curve[value] = Bytes(level, value, factor);
        }

        return ToneCurves.Through(image, curve, curve, curve);
    }
}
