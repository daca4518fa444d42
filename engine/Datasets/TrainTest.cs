namespace OnnxTransfer.Datasets;

/// <summary>A part to learn from and a part to test with.</summary>
/// <param name="Train">What a head may see.</param>
/// <param name="Test">What is looked at once, at the end.</param>
/// <param name="WasGiven">Whether the set itself said which image goes where.</param>
/// <param name="Seed">The seed of the split that was made where none was given.</param>
public sealed record TrainTest(LabelledImages Train, LabelledImages Test, bool WasGiven, int Seed)
{
    /// <summary>The rules stand at <see cref="LabelledImages.SplitTrainTest"/>.</summary>
    internal static TrainTest Of(LabelledImages images, double testShare, int seed)
    {
        if (!(testShare is > 0 and < 1))
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The test share is {testShare}; it must lie above 0 and below 1, as 0.2 does.");
        }

        RequireLabels(images);
        RequireClasses(images);
        return images.Splits.Contains(SplitNames.Test) || images.Splits.Contains(SplitNames.Validation)
            ? Given(images, seed)
            : StratifiedSplit.Of(images, testShare, seed);
    }

    private static TrainTest Given(LabelledImages images, int seed)
    {
        var hasTest = images.Splits.Contains(SplitNames.Test);
        var testName = hasTest ? SplitNames.Test : SplitNames.Validation;
        var notes = images.Notes.ToList();
        var aside = images.Count(image => image.Split != SplitNames.Train && image.Split != testName);
        if (aside > 0)
        {
            notes.Add($"Left aside {aside:N0} {(aside == 1 ? "image" : "images")} of the val part: the head's strength is chosen within the training part.");
        }
        else if (!hasTest)
        {
            notes.Add("There is no test part; the val part stands for it.");
        }

        LabelledImages Part(string name) => new(images.Source, images.Where(image => image.Split == name), notes);
        var (train, test) = (Part(SplitNames.Train), Part(testName));
        if (train.Count == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"{images.Source} has a {testName} part and no train part; add train/ or give a folder of classes.");
        }

        RequireClasses(train);
        if (test.Classes.Except(train.Classes).FirstOrDefault() is { } unknown)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{images.Source} has the class '{unknown}' in its {testName} part alone; add training images of it or remove it.");
        }

        return new TrainTest(train, test, WasGiven: true, seed);
    }

    private static void RequireLabels(LabelledImages images)
    {
        if (images.Count == 0)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{images.Source} has no image; give some of each class.");
        }

        if (images.Classes.Count == 0)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{images.Source} has no labels; put the images of each class in a folder of their own, or give a list with labels.");
        }

        if (images.FirstOrDefault(static image => image.Label is null) is { } unlabelled)
        {
            var missing = images.Count(static image => image.Label is null);
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{images.Source} has {missing:N0} of {images.Count:N0} images without a label, the first is {unlabelled.Id}; "
                + "label them or leave them out.");
        }
    }

    private static void RequireClasses(LabelledImages images)
    {
        if (images.Classes.Count == 1)
        {
            throw new OnnxTransferException(
                FailureKind.Data,
                $"{images.Source} has one class only, '{images.Classes[0]}', and a classifier needs two; "
                + "give the folder whose sub-folders are the classes.");
        }
    }
}
