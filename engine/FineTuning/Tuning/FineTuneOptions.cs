using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.FineTuning;

/// <summary>How <see cref="FineTune"/> trains; every value has a default.</summary>
public sealed record FineTuneOptions
{
    // What float32 and times can carry, with room to spare.
    private const double LargestNumber = 1e30, MostMinutes = 1e6;
    private const int MostThreads = 1024;

    /// <summary>Where the new classifier is put on: a tap by name or alias.</summary>
    public string Tap { get; init; } = "penultimate";

    /// <summary>How positions are pooled there.</summary>
    public Pooling Pooling { get; init; } = Pooling.Average;

    /// <summary>
    /// How the linear head is trained that fine-tuning starts from. Its loss is that of the fine-tuning too: softmax, squared hinge or
    /// logistic.
    /// </summary>
    public HeadOptions Head { get; init; } = new() { Standardize = true };

    /// <summary>
    /// What is learned: <c>all</c>, <c>head</c>, a stage (<c>stage4</c>: that stage and all after it), or a tap (all after it).
    /// </summary>
    public string TrainFrom { get; init; } = "all";

    /// <summary>Of what is learned, nothing of the network but scales and shifts of normalisations; the head is learned anyway.</summary>
    public bool OnlyNormalisations { get; init; }

    /// <summary>Whether batch normalisations normalise by the batch and go on with their statistics; otherwise they keep what they know.</summary>
    public bool BatchStatistics { get; init; }

    /// <summary>Whether the network's weights are thrown away first (the pretrained ones are a better start, but for a comparison).</summary>
    public bool FromScratch { get; init; }

    /// <summary>How often every image is seen.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images in a batch.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Batches whose gradients are averaged for an update.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary><c>sgd</c> or <c>adamw</c>.</summary>
    public string Optimizer { get; init; } = "sgd";

    /// <summary>
    /// The highest learning rate, of the new classifier; null: 0.001 for sgd, 0.0002 for adamw. The classifier begins at the optimum of
    /// a linear head, so it needs no more.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>Whether the rate is searched for first, in the place of <see cref="Rate"/>: <see cref="FineTuneReport.RateSearch"/>.</summary>
    public bool FindRate { get; init; }

    /// <summary>What the rate of pretrained layers is multiplied by: they need less than the new classifier. From scratch it is 1.</summary>
    public double BackboneFactor { get; init; } = 0.5;

    /// <summary>What it is multiplied by once more for each stage towards the image.</summary>
    public double DepthDecay { get; init; } = 1;

    /// <summary>The momentum of sgd, in Nesterov's form.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Decoupled weight decay, of kernels and matrices alone.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary><c>constant</c>, <c>cosine</c>, <c>step</c> or <c>one-cycle</c>.</summary>
    public string Schedule { get; init; } = "cosine";

    /// <summary>The share of all updates in which the rate rises to its height.</summary>
    public double WarmUp { get; init; } = 0.05;

    /// <summary>
    /// The length that the gradient of all weights together is shortened to (Pascanu et al. 2013); 0: it is not. Most are shorter than 50;
    /// where a head that fits its codes too closely meets changed images they are not, and the training would run away.
    /// </summary>
    public double Clip { get; init; } = 50;

    /// <summary>The decay of an average of the weights, which is then validated and exported; 0: none.</summary>
    public double AverageDecay { get; init; }

    /// <summary>Label smoothing.</summary>
    public double Smoothing { get; init; }

    /// <summary>How images are changed: <c>none</c>, <c>flip</c>, <c>light</c> or <c>strong</c>, and with <c>+crop=SHARE</c>, <c>+no-flip</c>, <c>+mixup=A</c>, <c>+cutmix=A</c>.</summary>
    public string Augmentation { get; init; } = "light";

    /// <summary>The share of the training part that is validated on, where the set has no val part; 0: none, and the last weights are kept.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Epochs without a better validation accuracy after which training stops; null: it goes on to the end.</summary>
    public int? Patience { get; init; }

    /// <summary>The share kept for the test where the set has no test part.</summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>The seed of the split, the order and the changes.</summary>
    public int Seed { get; init; }

    /// <summary><c>graph</c>, <c>ort</c> or <c>wasm</c>.</summary>
    public string Engine { get; init; } = "graph";

    /// <summary>
    /// Threads of a step; 0: as many as the process may use. The same number gives the same bits; that another number does too is not
    /// promised, as ONNX Runtime shares sums out among its threads.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>The folder of checkpoints and metrics; null: the output's name with <c>.training</c> behind it.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether to go on where the folder's checkpoint stands.</summary>
    public bool Resume { get; init; }

    /// <summary>A checkpoint after so many updates, beside those after each epoch; 0: none.</summary>
    public int CheckpointUpdates { get; init; }

    /// <summary>A checkpoint after so many minutes.</summary>
    public double CheckpointMinutes { get; init; } = 5;

    /// <summary>A folder that keeps the codes, for the next time.</summary>
    public string? Store { get; init; }

    /// <summary>How codes are extracted.</summary>
    public ExtractionOptions Extraction { get; init; } = new();

    /// <summary>The rate that is trained with.</summary>
    internal double TrainingRate => Rate ?? (Optimizer == "adamw" ? 2e-4 : 1e-3);

    /// <summary>The number of threads of a step.</summary>
    internal int StepThreads => Threads > 0 ? Threads : Environment.ProcessorCount;

    /// <summary>Refuses what cannot be meant.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the value is named.</exception>
    internal void Check()
    {
        var wrong = this switch
        {
            { Epochs: < 1 } => $"{Epochs} epochs are none; train for at least one",
            { Batch: < 1 } => $"A batch of {Batch} images is none; give at least one",
            { Accumulate: < 1 } => $"An update of {Accumulate} batches is none; give at least one",
            { Optimizer: not ("sgd" or "adamw") } => $"There is no optimizer '{Optimizer}'; choose sgd or adamw",
            { Engine: not ("graph" or "ort" or "wasm") } => $"There is no engine '{Engine}'; choose graph, ort or wasm",
            { FindRate: true, Rate: not null } => "The learning rate is either given or searched for; leave one of the two out",
            { Rate: not (null or (> 0 and <= LargestNumber)) } => $"The learning rate {Rate} must be above 0 and at most {LargestNumber}",
            { BackboneFactor: not (> 0 and <= 1) } or { DepthDecay: not (> 0 and <= 1) } => "Factors of the learning rate must be above 0 and at most 1",
            { Momentum: not (>= 0 and < 1) } => $"The momentum {Momentum} must be from 0 to below 1",
            { WeightDecay: not (>= 0 and <= LargestNumber) } => $"The weight decay {WeightDecay} must be from 0 to {LargestNumber}",
            { WarmUp: not (>= 0 and < 1) } => $"The share of the warm-up {WarmUp} must be from 0 to below 1",
            { Clip: not (>= 0 and <= LargestNumber) } => $"The length {Clip} that gradients are shortened to must be above 0 and at most {LargestNumber}, or 0 to leave them as they are",
            { AverageDecay: not (>= 0 and < 1) } => $"The decay of the average {AverageDecay} must be from 0 to below 1",
            _ when !TrainingLoss.All.Contains(Head.Loss) =>
                $"Networks are not trained with the loss {Head.Loss.ToText()}; choose {string.Join(", ", TrainingLoss.All.SkipLast(1).Select(loss => loss.ToText()))} or {TrainingLoss.All[^1].ToText()}",
            { Head.Loss: not HeadLoss.Softmax, Smoothing: > 0 } => $"Label smoothing is for the loss softmax; leave it out with {Head.Loss.ToText()}",
            { Head.Loss: HeadLoss.SquaredHinge } when AugmentationOptions.Parse(Augmentation) is { Mixup: > 0 } or { Cutmix: > 0 } =>
                "A squared hinge takes one class for each image; leave mixup and cutmix out, or take another --loss",
            { Smoothing: not (>= 0 and < 1) } => $"The label smoothing {Smoothing} must be from 0 to below 1",
            { ValidationShare: not (>= 0 and < 1) } => $"The validation share {ValidationShare} must be from 0 to below 1",
            { Patience: < 1 } => $"A patience of {Patience} epochs is none; give at least one",
            { BatchStatistics: true, Batch: 1 } => "A batch of one image has no variance to normalise by; take larger batches, or keep the network's statistics (--batch-norm keep)",
            { CheckpointUpdates: < 0 } or { CheckpointMinutes: not (> 0 and <= MostMinutes) } => $"Checkpoints need a number of updates of at least 0 and of minutes above 0 and at most {MostMinutes}",
            { Threads: < 0 or > MostThreads } => $"The number of threads {Threads} must be from 0 (all) to {MostThreads}",
            { Engine: not "graph" } when BeyondOneGroup() is { Length: > 0 } changes =>
                $"The engine {Engine} updates all weights by AdamW with one rate and no weight decay; change {changes}, or train with --engine graph",
            { FromScratch: true, TrainFrom: not "all" } or { FromScratch: true, OnlyNormalisations: true } => "From scratch everything is learned; leave out what is to be kept",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new OnnxTransferException(FailureKind.Usage, wrong + ".");
        }
    }

    // What ONNX Runtime Training cannot carry, as the options to give instead.
    private string BeyondOneGroup() => string.Join(", ", new[]
    {
        Optimizer == "adamw" ? null : "--optimizer to adamw",
        WeightDecay == 0 ? null : "--weight-decay to 0",
        FromScratch || TrainFrom == "head" || BackboneFactor == 1 ? null : "--backbone-factor to 1",
        FromScratch || TrainFrom == "head" || DepthDecay == 1 ? null : "--depth-decay to 1",
    }.OfType<string>());

    /// <summary>The options that what is learned depends on, as text: a checkpoint is resumed with the same ones.</summary>
    internal string Essence() => (this with
    {
        Resume = false, Folder = null, Threads = 0, CheckpointUpdates = 0, CheckpointMinutes = 1, Store = null, Engine = "graph",
        Extraction = new ExtractionOptions { Batch = Extraction.Batch, AllowTruncated = Extraction.AllowTruncated },
    }).ToString();
}
