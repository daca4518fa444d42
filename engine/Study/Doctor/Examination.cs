using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>A set that <see cref="Doctor.Run"/> has looked at.</summary>
public sealed record Examination
{
    /// <summary>What was found.</summary>
    public required DoctorReport Report { get; init; }

    /// <summary>Where codes were read, in the order of the network.</summary>
    public required IReadOnlyList<Tap> Taps { get; init; }

    /// <summary>The proof of the cut; null where every code was in the store already.</summary>
    public required CutProof? Proof { get; init; }

    /// <summary>Images that were looked at.</summary>
    public required int Images { get; init; }

    /// <summary>Those of them that are to be tested with: of the test and val parts.</summary>
    public required int TestImages { get; init; }

    /// <summary>The classes, in ordinal order.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Images left out, with the reason.</summary>
    public required IReadOnlyList<SkippedImage> Skipped { get; init; }

    /// <summary>What was left out or decided while reading the set, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The stages in order, with their wall-clock seconds.</summary>
    public required IReadOnlyList<StageTime> Stages { get; init; }
}
