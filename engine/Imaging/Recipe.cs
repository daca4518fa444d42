namespace OnnxTransfer.Imaging;

/// <summary>How an image is brought to the network's size.</summary>
public enum ResizeRule
{
    /// <summary>The short side becomes ResizeTo, the other (int)(ResizeTo * long / short).</summary>
    ShortSide,

    /// <summary>Both sides become ResizeTo, whatever the shape.</summary>
    Stretch,

    /// <summary>The image stays as it is.</summary>
    None,
}

/// <summary>The resampling filter, antialiased as Pillow does it.</summary>
public enum ResizeFilter
{
    /// <summary>Triangle filter.</summary>
    Bilinear,

    /// <summary>Cubic convolution with a = -0.5 (Keys 1981).</summary>
    Bicubic,

    /// <summary>The pixel under the output's centre.</summary>
    Nearest,
}

/// <summary>What is kept of the resized image.</summary>
public enum CropRule
{
    /// <summary>The middle Size x Size; an image smaller than that is padded with zero bytes.</summary>
    Center,

    /// <summary>Everything; the result must be Size x Size.</summary>
    None,
}

/// <summary>The order of the colours in the tensor.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    RGB,

    /// <summary>Blue, green, red.</summary>
    BGR,
}

/// <summary>The order of the tensor's axes.</summary>
public enum TensorLayout
{
    /// <summary>Batch, channel, row, column.</summary>
    NCHW,

    /// <summary>Batch, row, column, channel.</summary>
    NHWC,
}

/// <summary>
/// How pixels become the tensor a network was trained on: resize, crop, channel order, layout, and
/// value = (byte * scale - mean) / std per channel, mean and std in the order of <see cref="Channels"/>.
/// </summary>
public sealed record Recipe
{
    /// <summary>The side of the square the network sees, in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>The resize rule.</summary>
    public ResizeRule Resize { get; init; } = ResizeRule.ShortSide;

    /// <summary>The length that the resize rule aims at, in pixels.</summary>
    public required int ResizeTo { get; init; }

    /// <summary>The resampling filter.</summary>
    public ResizeFilter Filter { get; init; } = ResizeFilter.Bilinear;

    /// <summary>The crop rule.</summary>
    public CropRule Crop { get; init; } = CropRule.Center;

    /// <summary>The order of the colours.</summary>
    public ChannelOrder Channels { get; init; } = ChannelOrder.RGB;

    /// <summary>The order of the axes.</summary>
    public TensorLayout Layout { get; init; } = TensorLayout.NCHW;

    /// <summary>What a byte is multiplied with first.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Three means, in the order of the channels.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0, 0, 0];

    /// <summary>Three standard deviations, in the order of the channels; none is zero.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1, 1, 1];

    /// <summary>A recipe of the field by its one-word name.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: no such name.</exception>
    public static Recipe Named(string name) => RecipeNames.Find(name);

    /// <summary>A recipe from its name or from the path of a JSON file.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: neither; <see cref="FailureKind.Model"/>: a file that is no recipe;
    /// <see cref="FailureKind.Machine"/>: a file that cannot be read.
    /// </exception>
    public static Recipe FromOption(string value) => File.Exists(value) ? RecipeJson.Read(value) : RecipeNames.Find(value);

    /// <summary>Reads a recipe from JSON.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: a field that is wrong, unknown or missing.</exception>
    public static Recipe Parse(string json, string where) => RecipeJson.Parse(json, where);

    /// <summary>The recipe as one line of JSON; equal recipes give equal text.</summary>
    public string ToJson() => RecipeJson.Write(this);

    /// <summary>
    /// The same recipe for another image size: <see cref="ResizeTo"/> grows in proportion, rounded to the nearest pixel, and
    /// is at least 1.
    /// </summary>
    public Recipe WithSize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return this with { Size = size, ResizeTo = Math.Max(1, (int)Math.Round((double)ResizeTo * size / Size, MidpointRounding.AwayFromZero)) };
    }

    /// <summary>Equality by content, lists included.</summary>
    public bool Equals(Recipe? other) =>
        other is not null
        && (Size, Resize, ResizeTo, Filter, Crop, Channels, Layout, Scale)
            == (other.Size, other.Resize, other.ResizeTo, other.Filter, other.Crop, other.Channels, other.Layout, other.Scale)
        && Mean.SequenceEqual(other.Mean)
        && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Size, Resize, ResizeTo, Filter, Crop, Channels, Layout, Scale);
}
