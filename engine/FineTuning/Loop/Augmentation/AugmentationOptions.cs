using System.Globalization;

namespace OnnxTransfer.FineTuning;

/// <summary>How training images are changed by chance.</summary>
internal sealed record AugmentationOptions
{
    /// <summary>The presets, weakest first.</summary>
    public static IReadOnlyList<string> Presets { get; } = ["none", "flip", "light", "strong"];

    /// <summary>The name it was asked for by.</summary>
    public string Name { get; init; } = "none";

    /// <summary>Half of the images are mirrored: left becomes right.</summary>
    public bool Flips { get; init; }

    /// <summary>The smallest share of the image's area that a random crop shows; null: the recipe's own geometry.</summary>
    public double? SmallestCrop { get; init; }

    /// <summary>How much colours change; null: not at all.</summary>
    public JitterStrength? Jitter { get; init; }

    /// <summary>The operations of RandAugment for an image; 0: none.</summary>
    public int Operations { get; init; }

    /// <summary>The strength of RandAugment's operations, from 0 to 30.</summary>
    public double Magnitude { get; init; } = 9;

    /// <summary>The alpha of mixup; 0: none.</summary>
    public double Mixup { get; init; }

    /// <summary>The alpha of CutMix; 0: none. With both, each batch takes one of them by chance.</summary>
    public double Cutmix { get; init; }

    /// <summary>Whether an image is changed at all before it is in its batch.</summary>
    public bool ChangesImages => Flips || SmallestCrop is not null || Jitter is not null || Operations > 0;

    /// <summary>
    /// Reads what the command line says: a preset ("none", "flip", "light": flips and random crops, "strong": light with
    /// changed colours and two operations of RandAugment), then any of "+crop=0.7" (random crops show at least that share of the
    /// area), "+no-flip" (left stays left), "+mixup" (alpha 0.2) and "+cutmix" (alpha 1), with another alpha as "+mixup=0.4".
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: none of these.</exception>
    public static AugmentationOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('+');
        var options = Preset(parts[0]);
        foreach (var part in parts.Skip(1))
        {
            options = part.Split('=') switch
            {
                ["no-flip"] => options with { Flips = false },
                ["crop", .. var share] => options with { SmallestCrop = Share(part, share) },
                ["mixup", .. var alpha] => options with { Mixup = Alpha(part, alpha, 0.2) },
                ["cutmix", .. var alpha] => options with { Cutmix = Alpha(part, alpha, 1) },
                _ => throw new OnnxTransferException(
                    FailureKind.Usage, $"The augmentation '{text}' has an unknown part '{part}'; after '+' stands crop=SHARE, no-flip, mixup or cutmix."),
            };
        }

        return options with { Name = text };
    }

    private static AugmentationOptions Preset(string name) => name switch
    {
        "none" => new AugmentationOptions(),
        "flip" => new AugmentationOptions { Flips = true },
        "light" => new AugmentationOptions { Flips = true, SmallestCrop = 0.35 },
        "strong" => new AugmentationOptions
        {
            Flips = true,
            SmallestCrop = 0.35,
            Jitter = new JitterStrength(0.4, 0.4, 0.4, 0.1),
            Operations = 2,
        },
        _ => throw new OnnxTransferException(
            FailureKind.Usage, $"There is no augmentation '{name}'; take one of {string.Join(", ", Presets)}."),
    };

    private static double Share(string part, string[] values) =>
        values is [var value] && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1
            ? share
            : throw new OnnxTransferException(FailureKind.Usage, $"The share of '+{part}' must be a number above 0 and at most 1, as in +crop=0.7.");

    private static double Alpha(string part, string[] values, double usual) => values switch
    {
        [] => usual,
        [var value] when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var alpha) && alpha is > 0 and <= 100 => alpha,
        _ => throw new OnnxTransferException(FailureKind.Usage, $"The alpha of '+{part}' must be a number above 0 and at most 100."),
    };
}
