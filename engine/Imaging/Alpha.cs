using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.Imaging;

/// <summary>From four bytes a pixel (red, green, blue, alpha) to three.</summary>
internal static class Alpha
{
    /// <summary>Leaves the fourth byte of each pixel out.</summary>
    public static void Drop(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        var x = 0;
        var pixels = rgb.Length / 3;
        if (Vector128.IsHardwareAccelerated)
        {
            ref var from = ref MemoryMarshal.GetReference(rgba);
            ref var to = ref MemoryMarshal.GetReference(rgb);
            var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);

            // Four pixels are written as sixteen bytes, of which the next four overwrite the last four: two more must follow.
            for (; x + 6 <= pixels; x += 4)
            {
                var four = Vector128.LoadUnsafe(ref Unsafe.Add(ref from, 4 * x));
                Vector128.Shuffle(four, order).StoreUnsafe(ref Unsafe.Add(ref to, 3 * x));
            }
        }

        for (; x < pixels; x++)
        {
            rgba.Slice(4 * x, 3).CopyTo(rgb[(3 * x)..]);
        }
    }

    /// <summary>Blends each colour c with white by alpha a: (a c + (255 - a) 255) / 255, rounded to nearest.</summary>
    public static void OverWhite(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3];
            for (var c = 0; c < 3; c++)
            {
                rgb[to + c] = (byte)(((alpha * rgba[from + c]) + ((255 - alpha) * 255) + 127) / 255);
            }
        }
    }
}
