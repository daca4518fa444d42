namespace OnnxTransfer.Imaging;

/// <summary>Turns decoded pixels into a network's input tensor, to a recipe; safe to call from several threads.</summary>
public sealed class Preprocessor
{
    private readonly Recipe recipe;
    private readonly float[][] values;

    /// <summary>Prepares the value of every byte in every channel: (byte * scale - mean) / std in double, rounded to float once.</summary>
    public Preprocessor(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        this.recipe = recipe;
        values = [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 256)
            .Select(b => (float)(((b * recipe.Scale) - recipe.Mean[c]) / recipe.Std[c])).ToArray())];
    }

    /// <summary>The tensor's rows.</summary>
    public int Height => recipe.Size;

    /// <summary>The tensor's columns.</summary>
    public int Width => recipe.Size;

    /// <summary>The tensor's elements for one image: 3 x Height x Width.</summary>
    public int Length => 3 * Height * Width;

    /// <summary>Resizes and crops: the bytes that the network's tensor is made of.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: without a crop the size does not fit the recipe.</exception>
    public RgbImage Geometry(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (width, height) = Resized(image);
        var size = recipe.Size;
        if (recipe.Crop == CropRule.None)
        {
            return width == size && height == size
                ? Resampling.Resize(image, width, height, recipe.Filter)
                : throw new OnnxTransferException(
                    FailureKind.Data,
                    $"An image of {image.Width} x {image.Height} becomes {width} x {height}, where the network takes {size} x {size}; use a recipe with a centre crop or with stretch.");
        }

        if (width < size || height < size)
        {
            var padded = Pad(Resampling.Resize(image, width, height, recipe.Filter), Math.Max(width, size), Math.Max(height, size));
            return Window(padded, size);
        }

        return Resampling.ResizeWindow(
            image, width, height, recipe.Filter, Offset(width, size), Offset(height, size), size, size);
    }

    /// <summary>Fills the tensor of one image, in the recipe's layout.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="tensor"><see cref="Length"/> elements.</param>
    public void Fill(RgbImage image, Span<float> tensor)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, Length);
        var pixels = Geometry(image).Pixels;
        var area = Height * Width;
        for (var channel = 0; channel < 3; channel++)
        {
            var table = values[channel];
            var colour = recipe.Channels == ChannelOrder.RGB ? channel : 2 - channel;
            if (recipe.Layout == TensorLayout.NCHW)
            {
                var plane = tensor.Slice(channel * area, area);
                for (int i = 0, from = colour; i < plane.Length; i++, from += 3)
                {
                    plane[i] = table[pixels[from]];
                }
            }
            else
            {
                for (int i = channel, from = colour; i < tensor.Length; i += 3, from += 3)
                {
                    tensor[i] = table[pixels[from]];
                }
            }
        }
    }

    // torchvision's centre crop: Python's round, which goes to the even neighbour at one half.
    private static int Offset(int length, int size) => (int)Math.Round((length - size) / 2.0, MidpointRounding.ToEven);

    private static RgbImage Window(RgbImage image, int size) => Resampling.ResizeWindow(
        image, image.Width, image.Height, ResizeFilter.Bilinear, Offset(image.Width, size), Offset(image.Height, size), size, size);

    // torchvision pads the smaller half before and the larger half after.
    private static RgbImage Pad(RgbImage image, int width, int height)
    {
        var pixels = new byte[3 * width * height];
        var (left, top) = ((width - image.Width) / 2, (height - image.Height) / 2);
        for (var y = 0; y < image.Height; y++)
        {
            image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width).CopyTo(pixels.AsSpan(3 * (((top + y) * width) + left)));
        }

        return new RgbImage(width, height, pixels);
    }

    private (int Width, int Height) Resized(RgbImage image)
    {
        switch (recipe.Resize)
        {
            case ResizeRule.None:
                return (image.Width, image.Height);
            case ResizeRule.Stretch:
                return (recipe.ResizeTo, recipe.ResizeTo);
            default:
                var (shorter, longer) = (Math.Min(image.Width, image.Height), Math.Max(image.Width, image.Height));
                var other = (int)((long)recipe.ResizeTo * longer / shorter);
                return image.Width <= image.Height ? (recipe.ResizeTo, other) : (other, recipe.ResizeTo);
        }
    }
}
