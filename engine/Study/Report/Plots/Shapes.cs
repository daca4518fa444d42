namespace OnnxTransfer.Study;

/// <summary>Marks that are told apart without colour: paths around the origin.</summary>
internal static class Shapes
{
    /// <summary>Colours that the style sheet has.</summary>
    public const int Colours = 8;

    private static readonly string[] Paths =
    [
        "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
        "M-4-4h8v8h-8z",
        "M0-5.4L5 3.6H-5z",
        "M0-5.8L4.6 0L0 5.8L-4.6 0z",
        "M0 5.4L5-3.6H-5z",
        "M-1.7-5h3.4v3.3H5v3.4H1.7V5h-3.4V1.7H-5v-3.4h3.3z",
        "M-4.7-2.3L-2.3-4.7L0-2.4L2.3-4.7L4.7-2.3L2.4 0L4.7 2.3L2.3 4.7L0 2.4L-2.3 4.7L-4.7 2.3L-2.4 0z",
    ];

    /// <summary>How many combinations of colour and shape there are.</summary>
    public static int Distinct => Colours * Paths.Length;

    /// <summary>The shape of the k-th of several.</summary>
    public static string Path(int k) => Paths[k % Paths.Length];

    /// <summary>The class of the colour of the k-th of several.</summary>
    public static string Colour(int k) => $"c{k % Colours}";

    /// <summary>A mark beside text.</summary>
    public static void Swatch(HtmlWriter html, string shape, string colour)
    {
        using (html.Tag("svg", ("class", "swatch"), ("viewBox", "-7 -7 14 14"), ("aria-hidden", "true")))
        {
            html.Void("path", ("class", colour), ("d", shape));
        }
    }
}
