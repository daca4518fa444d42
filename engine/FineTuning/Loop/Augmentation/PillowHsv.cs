using System.Runtime.CompilerServices;

namespace OnnxTransfer.FineTuning;

/// <summary>Hue, saturation and value in 8 bits each, with the roundings of Pillow's Convert.c, which differ for the ways there and back.</summary>
internal static class PillowHsv
{
    /// <summary>From red, green and blue; each of the three is rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (byte Hue, byte Saturation, byte Value) FromRgb(byte red, byte green, byte blue)
    {
        var most = Math.Max(red, Math.Max(green, blue));
        var least = Math.Min(red, Math.Min(green, blue));
        if (most == least)
        {
            return (0, 0, most);
        }

        var range = (float)(most - least);
        var (r, g, b) = ((most - red) / range, (most - green) / range, (most - blue) / range);
        var sector = red == most ? b - g : green == most ? (float)(2.0 + r - b) : (float)(4.0 + g - r);

        // From 5/6 to 11/6, whose remainder by 1 is exact without a division.
        var turned = (sector / 6.0) + 1.0;
        var hue = (float)(turned >= 1.0 ? turned - 1.0 : turned);
        return ((byte)(hue * 255.0), (byte)(range / most * 255.0), most);
    }

    /// <summary>To red, green and blue; each is rounded to nearest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (byte Red, byte Green, byte Blue) ToRgb(byte hue, byte saturation, byte value)
    {
        if (saturation == 0)
        {
            return (value, value, value);
        }

        var place = hue * 6.0 / 255.0;
        var sector = (int)place;
        var part = (float)(place - sector);
        var share = (float)(saturation / 255.0);
        var p = Round(value * (1.0 - share));
        var q = Round(value * (1.0 - (share * part)));
        var t = Round(value * (1.0 - (share * (1.0 - part))));
        return sector switch
        {
            0 or 6 => (value, t, p),
            1 => (q, value, p),
            2 => (p, value, t),
            3 => (p, q, value),
            4 => (t, p, value),
            _ => (value, p, q),
        };
    }

    // The same as rounding half away from zero for each of the 2^24 inputs.
    private static byte Round(double value) => (byte)(value + 0.5);
}
