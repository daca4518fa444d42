using OnnxTransfer.Heads;

namespace OnnxTransfer.Study;

/// <summary>Everything that <see cref="HtmlReport"/> shows.</summary>
public sealed record ReportContent
{
    /// <summary>What the set of photos is called.</summary>
    public required string Data { get; init; }

    /// <summary>What the network is called.</summary>
    public required string Backbone { get; init; }

    /// <summary>The study.</summary>
    public required LayerReport Study { get; init; }

    /// <summary>The command that makes a classifier of the recommended layer.</summary>
    public required string NextCommand { get; init; }

    /// <summary>The command that makes one of the layers joined that pay; null where none do.</summary>
    public string? JoinedCommand { get; init; }

    /// <summary>What the recommended layer took images for.</summary>
    public required Judgement Judged { get; init; }

    /// <summary>The images that were learned from, in the plane; null where there are too few.</summary>
    public required CodeMap? Map { get; init; }

    /// <summary>What more images are worth; null where there are too few to tell.</summary>
    public required LearningCurve? Curve { get; init; }

    /// <summary>Small pictures of the set.</summary>
    public required Pictures Pictures { get; init; }

    /// <summary>Options and versions: all that is needed to do it again.</summary>
    public required IReadOnlyList<ReportSetting> Settings { get; init; }

    /// <summary>What the data doctor found; null where it was not asked.</summary>
    public DoctorReport? Doctor { get; init; }
}

/// <summary>An option or a version.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value.</param>
public sealed record ReportSetting(string Name, string Value);
