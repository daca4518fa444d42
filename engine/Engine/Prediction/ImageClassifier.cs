using System.Buffers;
using OnnxTransfer.Datasets;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>
/// An exported model, ready to classify photos. Every photo runs alone on one thread, and photos run beside each other:
/// a photo's probabilities do not depend on what it is classified together with. Safe to use from several threads.
/// </summary>
public sealed class ImageClassifier : IDisposable
{
    private readonly ExportedModel model;
    private readonly ImageSession session;
    private readonly Preprocessor preprocessor;

    private ImageClassifier(ExportedModel model, ImageSession session) =>
        (this.model, this.session, preprocessor) = (model, session, new Preprocessor(model.Recipe));

    /// <summary>The K classes, in the order of the model's outputs.</summary>
    public IReadOnlyList<string> Labels => model.Labels;

    /// <summary>How photos become its input.</summary>
    public Recipe Recipe => model.Recipe;

    /// <summary>Loads a model that <see cref="ModelExport"/> wrote.</summary>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: not ONNX, cut off, not exported by OnnxTransfer, or its labels and recipe do not fit
    /// its graph; <see cref="FailureKind.Machine"/>: the file cannot be read, or ONNX Runtime's native library is missing.
    /// </exception>
    public static ImageClassifier Load(string path)
    {
        var model = OnnxModel.Read(path);
        var exported = ExportedModel.Of(model);
        return new ImageClassifier(exported, new ImageSession(model.ToBytes(), model.Name, exported.Recipe));
    }

    /// <summary>Classifies one file.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Data"/>: the file is missing or no image that can be read.</exception>
    public Prediction Predict(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        return Classify(new LabelledImage(file, null, new ImageFile(file)), new DecodeOptions());
    }

    /// <summary>
    /// Classifies images with all cores; results in the order of the images, each as soon as it and those before it are
    /// done. A few images per core are held at a time, however many there are. Images that cannot be read come with their
    /// <see cref="Prediction.Error"/>.
    /// </summary>
    /// <param name="images">The images; their labels are not looked at.</param>
    /// <param name="options">Bounds on what is decoded.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<Prediction> Predict(IReadOnlyList<LabelledImage> images, DecodeOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return OrderedWork.Run(images, image => TryClassify(image, options ?? new DecodeOptions()), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private Prediction TryClassify(LabelledImage image, DecodeOptions options)
    {
        try
        {
            return Classify(image, options);
        }
        catch (OnnxTransferException e) when (e.Kind != FailureKind.Model)
        {
            return new Prediction(image.Id, [], e.Message);
        }
    }

    private Prediction Classify(LabelledImage image, DecodeOptions options)
    {
        var tensor = ArrayPool<float>.Shared.Rent(preprocessor.Length);
        try
        {
            var pixels = image.Content.Decode(image.Content.Read(), ImageDecoders.Default, options);
            preprocessor.Fill(pixels, tensor.AsSpan(0, preprocessor.Length));
            return Rank(image, session.Probabilities(tensor.AsMemory(0, preprocessor.Length)));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(tensor);
        }
    }

    private Prediction Rank(LabelledImage image, float[] probabilities)
    {
        if (probabilities.Length != Labels.Count || !probabilities.All(float.IsFinite))
        {
            throw new OnnxTransferException(
                FailureKind.Mathematics, $"The model gives no {Labels.Count} finite probabilities for {image.Id}; check the model.");
        }

        // OrderByDescending is stable: ties stay in the order of the classes.
        return new Prediction(
            image.Id,
            [.. Labels.Zip(probabilities, (label, p) => new LabelProbability(label, p)).OrderByDescending(ranked => ranked.Probability)]);
    }
}
