namespace OnnxTransfer.Heads;

/// <summary>A linear classifier on codes: scores s = W x + b, or W x / ||x|| + b where it is <see cref="Normalized"/>.</summary>
public sealed partial class LinearHead
{
    /// <summary>A head from its parts.</summary>
    /// <param name="labels">The K classes, in the order of the rows.</param>
    /// <param name="weights">K x (D + 1) numbers, the intercept last in each row; standardisation folded in.</param>
    /// <param name="width">D.</param>
    /// <param name="loss">What was minimised.</param>
    /// <param name="c">With which C.</param>
    /// <param name="certificate">The proof.</param>
    /// <exception cref="ArgumentException">The weights are not K x (D + 1) numbers.</exception>
    public LinearHead(IReadOnlyList<string> labels, ReadOnlyMemory<double> weights, int width, HeadLoss loss, double c, Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (weights.Length != labels.Count * (width + 1L))
        {
            throw new ArgumentException($"{labels.Count} classes on codes of {width} take {labels.Count * (width + 1L)} weights.", nameof(weights));
        }

        (Labels, Weights, Width, Loss, C, Certificate) = (labels, weights, width, loss, c, certificate);
    }

    /// <summary>The K classes.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>K x (D + 1), the intercept last.</summary>
    public ReadOnlyMemory<double> Weights { get; }

    /// <summary>D.</summary>
    public int Width { get; }

    /// <summary>What was minimised.</summary>
    public HeadLoss Loss { get; }

    /// <summary>With which C; 0 for a head in closed form, which has none.</summary>
    public double C { get; }

    /// <summary>
    /// The proof. For a head in closed form, objective and bound are both the within-class sum of squares, which class
    /// means are known to minimise.
    /// </summary>
    public Certificate Certificate { get; }

    /// <summary>How C was chosen; null where it was given.</summary>
    public CSelection? Selection { get; init; }

    /// <summary>
    /// Whether a code is divided by its Euclidean length ||x|| before W is applied, as in training; a code of zeros stays zero, and
    /// its scores are b.
    /// </summary>
    public bool Normalized { get; init; }

    /// <summary>Whether the columns were standardised before training; the weights here have that folded in.</summary>
    public bool Standardized { get; init; }

    /// <summary>The dual variables of an svm that was trained through them, for the next training to start at; null: none are known.</summary>
    internal KnownDuals? Duals { get; init; }

    /// <summary>How scores become probabilities; null: by their softmax, or a multi-label head's by their sigmoid.</summary>
    /// <exception cref="ArgumentException">It is for another number of classes, or the head is multi-label.</exception>
    public Calibration? Calibration
    {
        get;
        init => field = (value, IsMultiLabel) switch
        {
            ({ } of, _) when of.Scales.Count != Labels.Count =>
                throw new ArgumentException($"The calibration is for {of.Scales.Count} classes, and the head has {Labels.Count}.", nameof(value)),
            (not null, true) => throw new ArgumentException("A multi-label head has no calibration.", nameof(value)),
            _ => value,
        };
    }

    /// <summary>Trains on labels; the classes are the labels that occur, in ordinal order.</summary>
    /// <inheritdoc cref="Train(CodeMatrix, IReadOnlyList{int}, IReadOnlyList{string}, HeadOptions?, CancellationToken)"/>
    public static LinearHead Train(
        CodeMatrix codes, IReadOnlyList<string> labels, HeadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var (classes, names) = Classes(labels);
        return Train(codes, classes, names, options, cancellation);
    }

    /// <summary>
    /// Trains on class indices: minimises 1/2 ||W||^2 + C sum_i loss(W x_i + b, y_i) to
    /// <see cref="HeadOptions.RelativeGap"/>. Look at <see cref="Certificate.Converged"/>: a head that did not get there
    /// is returned all the same.
    /// </summary>
    /// <param name="codes">N x D.</param>
    /// <param name="classes">N indices into <paramref name="labels"/>.</param>
    /// <param name="labels">The K classes; each must occur.</param>
    /// <param name="options">How; softmax with C chosen by cross-validation when null.</param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: options that cannot be meant, not one label per code.
    /// <see cref="FailureKind.Data"/>: one class, a class without codes, a NaN or an infinity among the codes.
    /// <see cref="FailureKind.Mathematics"/>: finite codes so large that the objective is not.
    /// <see cref="FailureKind.Machine"/>: more memory is needed than there is.
    /// </exception>
    public static LinearHead Train(
        CodeMatrix codes, IReadOnlyList<int> classes, IReadOnlyList<string> labels, HeadOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(labels);
        return Train(new CodeView(codes), [.. classes], labels, options ?? new HeadOptions(), null, cancellation);
    }

    /// <summary>
    /// The nearest class mean: with mu_k the mean of class k, w_k = 2 mu_k and b_k = -||mu_k||^2, less their means over the
    /// classes; so s_k = -||x - mu_k||^2 up to a number common to all classes. One image per class is enough.
    /// </summary>
    /// <param name="codes">N x D.</param>
    /// <param name="labels">N labels; the classes are those that occur, in ordinal order.</param>
    /// <param name="standardize">Measure distances in columns of mean 0 and variance 1.</param>
    /// <inheritdoc cref="Train(CodeMatrix, IReadOnlyList{int}, IReadOnlyList{string}, HeadOptions?, CancellationToken)" path="/exception"/>
    public static LinearHead NearestClassMean(CodeMatrix codes, IReadOnlyList<string> labels, bool standardize = false) =>
        Train(codes, labels, new HeadOptions { Loss = HeadLoss.NearestMean, Standardize = standardize });

    /// <summary>
    /// Linear discriminant analysis (Fisher, 1936; Rao, 1948) with the covariance of Ledoit and Wolf (2004): with mu_k the
    /// mean of class k less the mean code m, s_k = w_k'(x - m) - w_k' mu_k / 2 + log(n_k / N) and w_k = Sigma^-1 mu_k, less
    /// their means over the classes. Sigma = (1 - rho) S + rho tr(S)/D I, where S is the covariance within classes, divided
    /// by N.
    /// </summary>
    /// <param name="codes">N x D; the work is done in the smaller of N and D dimensions.</param>
    /// <param name="labels">N labels; the classes are those that occur, in ordinal order.</param>
    /// <param name="standardize">
    /// Bring columns to mean 0 and variance 1 first, so that the covariance is shrunk towards their variances.
    /// </param>
    /// <inheritdoc cref="Train(CodeMatrix, IReadOnlyList{int}, IReadOnlyList{string}, HeadOptions?, CancellationToken)" path="/exception"/>
    public static LinearHead DiscriminantAnalysis(CodeMatrix codes, IReadOnlyList<string> labels, bool standardize = false) =>
        Train(codes, labels, new HeadOptions { Loss = HeadLoss.Lda, Standardize = standardize });

    /// <summary>
    /// The same head with probabilities that are fitted to held-out scores: heads are trained with this one's loss and C on
    /// all folds of the codes but one (stratified, 5 at most), and score the fold. Scores and predictions stay as they are;
    /// with Platt's the most probable class may be another than the predicted one.
    /// </summary>
    /// <param name="codes">N x D: the codes that this head was trained on, in any order.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="method">
    /// Null: none for a softmax head, for one that did not converge, and where every class has a single code; else
    /// temperature.
    /// </param>
    /// <param name="options">How the head was trained; its loss, C, normalisation and standardisation are taken from the head.</param>
    /// <param name="cancellation">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OnnxTransferException">
    /// As training; and <see cref="FailureKind.Data"/>: every class has a single code, or a label is none of the head's;
    /// <see cref="FailureKind.Mathematics"/>: a fold's head did not converge; <see cref="FailureKind.Usage"/>: a multi-label head.
    /// </exception>
    public LinearHead Calibrate(
        CodeMatrix codes, IReadOnlyList<string> labels, CalibrationMethod? method = null, HeadOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        RequireSingleLabel();
        CheckWidth(codes.Columns);
        return new LinearHead(Labels, Weights, Width, Loss, C, Certificate)
        {
            Selection = Selection,
            Normalized = Normalized,
            Standardized = Standardized,
            Duals = Duals,
            Calibration = HeadCalibration.Of(this, new CodeView(codes), Indices(labels), method, options ?? new HeadOptions(), cancellation),
        };
    }

    /// <summary>The K scores of one code, W x + b or W x / ||x|| + b, in float64.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the code is not D numbers long.</exception>
    public void Scores(ReadOnlySpan<float> code, Span<double> scores)
    {
        CheckWidth(code.Length);
        var weights = Weights.Span;
        var factor = Normalized ? Normalization.Factor(code) : 1;
        for (var k = 0; k < Labels.Count; k++)
        {
            var row = weights.Slice(k * (Width + 1), Width + 1);
            scores[k] = (factor * VectorArithmetic.Dot(code, row[..Width])) + row[Width];
        }
    }

    /// <summary>
    /// The K probabilities of one code: those of the <see cref="Calibration"/>, or the softmax of the scores where there is
    /// none. The latter are what a softmax head is trained for; others are trained for their decisions. For a multi-label
    /// head, the sigmoid 1 / (1 + exp(-s_k)) of every score, whatever the sum: what the logistic loss is trained for; with
    /// the other losses only its side of 1/2 is.
    /// </summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the code is not D numbers long.</exception>
    public void Probabilities(ReadOnlySpan<float> code, Span<double> probabilities)
    {
        Scores(code, probabilities);
        Calibrated(probabilities[..Labels.Count]);
    }

    /// <summary>The predicted class of every code: the largest score, and of equals the first class.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Usage"/>: the codes are not D numbers long, or a multi-label head.</exception>
    public int[] Predict(CodeMatrix codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        RequireSingleLabel();
        CheckWidth(codes.Columns);
        var predicted = new int[codes.Rows];
        Parallel.For(0, codes.Rows, () => new double[Labels.Count], (row, _, scores) =>
        {
            Scores(codes.Row(row), scores);
            predicted[row] = First.OfLargest<double>(scores);
            return scores;
        }, static _ => { });
        return predicted;
    }

    /// <summary>The share of codes whose label is predicted.</summary>
    /// <inheritdoc cref="Evaluate" path="/exception"/>
    public double Accuracy(CodeMatrix codes, IReadOnlyList<string> labels) => Evaluate(codes, labels).Accuracy;

    /// <summary>Probabilities and predictions against true labels.</summary>
    /// <param name="codes">N x D.</param>
    /// <param name="labels">N labels.</param>
    /// <param name="groups">N numbers: images of one number depend on each other, and intervals are over groups; null: all are independent.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Usage"/>: not one label per code, codes that are not D numbers long, or a multi-label head.
    /// <see cref="FailureKind.Data"/>: no code at all, or a label that is none of the head's classes.
    /// </exception>
    public Evaluation Evaluate(CodeMatrix codes, IReadOnlyList<string> labels, IReadOnlyList<int>? groups = null)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        RequireSingleLabel();
        if (labels.Count == 0)
        {
            throw new OnnxTransferException(FailureKind.Data, "There is no code to evaluate the head on; give at least one.");
        }

        var truth = Indices(labels);
        CheckWidth(codes.Columns);
        if (truth.Length != codes.Rows)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"There are {truth.Length} labels but {codes.Rows} predictions; give one prediction per label.");
        }

        return Evaluation.Of(Labels, Outcomes(new CodeView(codes), truth), groups);
    }

    /// <summary>Trains on codes as they are read, from the weights of <paramref name="start"/> on where there is one.</summary>
    internal static LinearHead Train(
        CodeView codes, int[] classes, IReadOnlyList<string> labels, HeadOptions options, LinearHead? start, CancellationToken cancellation) =>
        options.Loss.IsClosedForm()
            ? ClosedFormTraining.Train(codes, classes, labels, options, cancellation)
            : HeadTraining.Train(codes, classes, labels, options, start, cancellation);

    /// <summary>The labels that occur, in ordinal order, and the index of every label among them.</summary>
    private static (int[] Classes, string[] Names) Classes(IReadOnlyList<string> labels)
    {
        string[] names = [.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var index = names.Select(static (label, k) => (label, k)).ToDictionary(static of => of.label, static of => of.k, StringComparer.Ordinal);
        return ([.. labels.Select(label => index[label])], names);
    }

    /// <summary>Turns scores into probabilities.</summary>
    private void Calibrated(Span<double> scores)
    {
        if (IsMultiLabel)
        {
            foreach (ref var score in scores)
            {
                score = 1 / (1 + Math.Exp(-score));
            }
        }
        else if (Calibration is { } calibration)
        {
            calibration.Apply(scores);
        }
        else
        {
            SoftmaxLoss.Probabilities(scores);
        }
    }

    private int[] Indices(IReadOnlyList<string> labels)
    {
        var index = Labels.Select(static (label, k) => (label, k)).ToDictionary(static of => of.label, static of => of.k, StringComparer.Ordinal);
        var truth = new int[labels.Count];
        for (var i = 0; i < truth.Length; i++)
        {
            truth[i] = index.TryGetValue(labels[i], out var k) ? k : throw Unknown(i, labels[i]);
        }

        return truth;
    }

    private OnnxTransferException Unknown(int row, string label) => new(
        FailureKind.Data, $"Code {row} (counted from 0) has the label '{label}', which is none of the head's {Labels.Count} classes; "
        + "leave such images out or train with them.");

    /// <summary>Every code judged; as many class indices as codes.</summary>
    internal Outcome[] Outcomes(CodeView codes, int[] truth)
    {
        var outcomes = new Outcome[truth.Length];
        Parallel.For(0, outcomes.Length, () => new double[Labels.Count], (row, _, scores) =>
        {
            Scores(codes.Row(row, []), scores);
            var predicted = First.OfLargest<double>(scores);
            Calibrated(scores);
            outcomes[row] = new Outcome(truth[row], predicted, scores[truth[row]], scores[predicted]);
            return scores;
        }, static _ => { });
        return outcomes;
    }

    private void CheckWidth(int columns)
    {
        if (columns != Width)
        {
            throw new OnnxTransferException(
                FailureKind.Usage, $"The head reads codes of {Width} numbers, and these have {columns}; use the tap it was trained on.");
        }
    }
}
