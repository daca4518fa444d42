using OnnxTransfer.Imaging;

namespace OnnxTransfer.FineTuning.Tests;

public sealed class OperationsTests
{
    [Test]
    public void Every_operation_is_Pillows_byte_for_byte()
    {
        var wrong = new List<string>();
        foreach (var golden in Goldens.Cases("operations"))
        {
            var (file, operation, factor) = (
                golden.GetProperty("file").GetString()!, golden.GetProperty("operation").GetString()!, golden.GetProperty("factor").GetDouble());
            var image = Apply(operation, Goldens.Image(file), factor);
            if (Goldens.Digest(image) != golden.GetProperty("sha256").GetString())
            {
                wrong.Add($"{operation} {factor} of {file}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Hue_there_and_back_over_all_bytes_is_within_the_rounding_of_eight_bits()
    {
        for (var code = 0; code < 1 << 24; code += 1009)
        {
            var (red, green, blue) = ((byte)code, (byte)(code >> 8), (byte)(code >> 16));
            var (hue, saturation, value) = PillowHsv.FromRgb(red, green, blue);
            var back = PillowHsv.ToRgb(hue, saturation, value);
            Assert.That(Math.Max(Math.Abs(back.Red - red), Math.Max(Math.Abs(back.Green - green), Math.Abs(back.Blue - blue))), Is.LessThan(8));
            Assert.That(Math.Max(back.Red, Math.Max(back.Green, back.Blue)), Is.EqualTo(value));
        }
    }

    [TestCase(1, 1)]
    [TestCase(1, 9)]
    [TestCase(9, 1)]
    [TestCase(2, 2)]
    public void The_smallest_images_pass_through_everything(int width, int height)
    {
        var image = Goldens.Noise(width, height, 1);
        foreach (var golden in Goldens.Cases("operations"))
        {
            var changed = Apply(golden.GetProperty("operation").GetString()!, image, golden.GetProperty("factor").GetDouble());
            Assert.That((changed.Width, changed.Height), Is.EqualTo((width, height)));
        }
    }

    private static RgbImage Apply(string operation, RgbImage image, double factor) => operation switch
    {
        "flip" => HorizontalFlip.Apply(image),
        "brightness" => ColourJitter.Brightness(image, (float)factor),
        "contrast" => ColourJitter.Contrast(image, (float)factor),
        "saturation" => ColourJitter.Saturation(image, (float)factor),
        "hue" => ColourJitter.Hue(image, factor),
        "sharpness" => Sharpness.Apply(image, (float)factor),
        "posterize" => ToneCurves.Posterize(image, (int)factor),
        "solarize" => ToneCurves.Solarize(image, factor),
        "autocontrast" => ToneCurves.AutoContrast(image),
        "equalize" => ToneCurves.Equalize(image),
        "translateX" => AffineMap.Translation(factor, 0).Apply(image),
        "translateY" => AffineMap.Translation(0, factor).Apply(image),
        "shearX" => AffineMap.Shear(image, factor, 0).Apply(image),
        "shearY" => AffineMap.Shear(image, 0, factor).Apply(image),
        "rotate" => AffineMap.Rotation(image, factor).Apply(image),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation),
    };
}
