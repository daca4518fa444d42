using System.Buffers;

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
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: the size does not fit the recipe.</exception>
    public RgbImage Geometry(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var pixels = new byte[Length];
        Square(image, pixels);
        return new RgbImage(Width, Height, pixels);
    }

    /// <summary>Fills the tensor of one image, in the recipe's layout.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="tensor"><see cref="Length"/> elements.</param>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: as for <see cref="Geometry"/>.</exception>
    public void Fill(RgbImage image, Span<float> tensor)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, Length);
        var rented = ArrayPool<byte>.Shared.Rent(Length);
        try
        {
            var pixels = rented.AsSpan(0, Length);
            Square(image, pixels);
            Normalise(pixels, tensor);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Fills the tensor of an image that has the network's size already: no resize, no crop.</summary>
    /// <param name="square"><see cref="Width"/> x <see cref="Height"/> pixels, as <see cref="Geometry"/> gives them.</param>
    /// <param name="tensor"><see cref="Length"/> elements.</param>
    public void FillSquare(RgbImage square, Span<float> tensor)
    {
        ArgumentNullException.ThrowIfNull(square);
        ArgumentOutOfRangeException.ThrowIfNotEqual(square.Width, Width, nameof(square));
        ArgumentOutOfRangeException.ThrowIfNotEqual(square.Height, Height, nameof(square));
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, Length);
        Normalise(square.Pixels, tensor);
    }

    private void Normalise(ReadOnlySpan<byte> pixels, Span<float> tensor)
    {
        var (first, third) = recipe.Channels == ChannelOrder.RGB ? (0, 2) : (2, 0);
        var planar = recipe.Layout == TensorLayout.NCHW;
        var area = Height * Width;
        Channel(pixels[first..], tensor, planar, 0, area);
        Channel(pixels[1..], tensor, planar, 1, area);
        Channel(pixels[third..], tensor, planar, 2, area);
    }

    private void Channel(ReadOnlySpan<byte> colour, Span<float> tensor, bool planar, int channel, int area)
    {
        ReadOnlySpan<float> table = values[channel];
        if (planar)
        {
            var plane = tensor.Slice(channel * area, area);
            for (int i = 0, from = 0; i < plane.Length; i++, from += 3)
            {
                plane[i] = table[colour[from]];
            }
        }
        else
        {
            for (int i = channel, from = 0; i < tensor.Length; i += 3, from += 3)
            {
                tensor[i] = table[colour[from]];
            }
        }
    }

    // Along each axis either the middle of the resized image is taken, or the image is laid into the middle of zeros.
    private void Square(RgbImage image, Span<byte> pixels)
    {
        var (width, height) = Resized(image);
        var size = recipe.Size;
        if (recipe.Crop == CropRule.None && (width != size || height != size))
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"An image of {image.Width} x {image.Height} becomes {width} x {height}, where the network takes {size} x {size}; use a recipe with a centre crop or with stretch.");
        }

        var (columns, rows) = (Math.Min(width, size), Math.Min(height, size));
        if (columns < size || rows < size)
        {
            pixels.Clear();
        }

        var corner = 3 * ((Before(height, size) * size) + Before(width, size));
        Resampling.ResizeWindow(
            image, width, height, recipe.Filter, Offset(width, size), Offset(height, size), columns, rows, pixels[corner..], 3 * size);
    }

    // torchvision's centre crop: Python's round, which goes to the even neighbour at one half.
    private static int Offset(int length, int size) =>
        length <= size ? 0 : (int)Math.Round((length - size) / 2.0, MidpointRounding.ToEven);

    // torchvision pads the smaller half before and the larger half after.
    private static int Before(int length, int size) => length >= size ? 0 : (size - length) / 2;

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
                var other = (long)recipe.ResizeTo * longer / shorter;
                if (other > int.MaxValue)
                {
                    throw new OnnxTransferException(
                        FailureKind.Data,
                        $"An image of {image.Width} x {image.Height} is too long and thin for a short side of {recipe.ResizeTo}; crop it or use a recipe with stretch.");
                }

                return image.Width <= image.Height ? (recipe.ResizeTo, (int)other) : ((int)other, recipe.ResizeTo);
        }
    }
}
