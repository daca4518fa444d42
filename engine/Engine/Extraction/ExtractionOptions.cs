using OnnxTransfer.Imaging;

namespace OnnxTransfer.Engine;

/// <summary>How codes are extracted.</summary>
/// <remarks>
/// Same input, same bits: every run has the same batch (padded with zeros) and one thread, and an image the same slot of
/// it, so that codes do not depend on the workers, on what is skipped or on what the store holds already. ONNX Runtime
/// promises no more than that. Measured with version 1.31.1 on an x64 processor, the codes of SqueezeNet 1.1 and ResNet-18
/// have the same bits with 1 and 2 threads inside a run and with batches of 1, 2 and 8 too (16,384 numbers each,
/// bench/Extraction). Another processor may have other kernels, and its last bits may differ.
/// </remarks>
public sealed record ExtractionOptions
{
    /// <summary>
    /// Images per run of the network, at least 1; part of the store's key. One takes the least memory;
    /// bench/results/extraction.md has the rates of one and of eight.
    /// </summary>
    public int Batch { get; init; } = 1;

    /// <summary>Workers; 0: as many as the process may use. Codes do not depend on it.</summary>
    public int Workers { get; init; }

    /// <summary>Images per block, at least 1; fewer where a block would have more than 256 MiB of codes.</summary>
    public int BlockRows { get; init; } = 4096;

    /// <summary>The share of bad images above which extraction stops: 0 stops at the first, 1 never.</summary>
    public double MaxBadShare { get; init; } = 0.05;

    /// <summary>Use what is there of truncated files; part of the store's key.</summary>
    public bool AllowTruncated { get; init; }

    /// <summary>Decodes the images.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoders.Default;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the value is named.</exception>
    internal void Check()
    {
        var wrong = this switch
        {
            { Batch: < 1 or > 1024 } => $"The batch {Batch} must be from 1 to 1024",
            { Workers: < 0 or > 4096 } => $"The number of workers {Workers} must be from 0 (all) to 4096",
            { BlockRows: < 1 or > 1 << 20 } => $"The rows of a block, {BlockRows}, must be from 1 to {1 << 20}",
            { MaxBadShare: not (>= 0 and <= 1) } => $"The share of bad images {MaxBadShare} must be from 0 to 1",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new OnnxTransferException(FailureKind.Usage, wrong + ".");
        }
    }
}

/// <summary>How far an extraction is.</summary>
/// <param name="Done">Images done or skipped, those found in the store included.</param>
/// <param name="Total">All images.</param>
/// <param name="Reused">Images whose codes were in the store already.</param>
/// <param name="Skipped">Images left out.</param>
public sealed record ExtractionProgress(int Done, int Total, int Reused, int Skipped);

/// <summary>An image left out, with the reason in a sentence.</summary>
public sealed record SkippedImage(string Id, string Reason);
