namespace OnnxTransfer.FineTuning.Tests;

public sealed class RateFinderTests
{
    private static readonly TrainingBatch AnyBatch = new(1, [[]], []);

    [Test]
    public void On_a_parabola_the_rate_is_below_the_one_that_diverges()
    {
        // Gradient descent on c w² / 2 converges below the rate 2 / c.
        foreach (var curvature in new[] { 5.0, 50, 500 })
        {
            var range = Find(new Parabola(curvature));
            Assert.That(range.Suggested, Is.InRange(0.01 / curvature, 2 / curvature));
            Assert.That(range.Suggested, Is.EqualTo(Math.Min(range.Steepest, range.TenthOfLowest)).Within(5).Percent);
            Assert.That(range.Curve[^1].Rate, Is.LessThan(10));
        }
    }

    [Test]
    public void The_rates_grow_by_equal_factors_from_the_lowest_to_the_highest()
    {
        var engine = new Parabola(1e-3);
        Find(engine, new RateFinderOptions { Lowest = 1e-3, Highest = 10, Steps = 41 });
        Assert.That(engine.Rates, Has.Count.EqualTo(41));
        Assert.That((engine.Rates[0], engine.Rates[^1]), Is.EqualTo((1e-3, 10.0)).Using<(double, double)>(
            static (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-12 && Math.Abs(a.Item2 - b.Item2) < 1e-9));
        Assert.That(engine.Rates.Zip(engine.Rates.Skip(1), static (a, b) => b / a), Has.All.EqualTo(Math.Pow(10, 0.1)).Within(1e-9));
    }

    [Test]
    public void The_engines_of_the_test_are_disposed_whatever_happens()
    {
        foreach (var engine in new[] { new Parabola(1), new Parabola(double.NaN) })
        {
            try
            {
                Find(engine);
            }
            catch (OnnxTransferException e) when (e.Kind == FailureKind.Mathematics)
            {
            }

            Assert.That(engine.IsDisposed && engine.Still!.IsDisposed);
        }
    }

    [Test]
    public void Batches_that_are_harder_than_others_do_not_mislead_it()
    {
        var plain = Find(new Parabola(50));
        var noisy = Find(new Parabola(50, noise: 200));
        Assert.That(noisy.Curve.Zip(plain.Curve, static (a, b) => Math.Abs(a.Loss - b.Loss)).Max(), Is.GreaterThan(100));
        Assert.That((noisy.Steepest, noisy.TenthOfLowest), Is.EqualTo((plain.Steepest, plain.TenthOfLowest)));
    }

    [Test]
    public void Few_batches_end_the_test() =>
        Assert.That(Find(new Parabola(1), batches: 60).Curve, Has.Count.EqualTo(60));

    [Test]
    public void A_loss_that_is_not_finite_from_the_start_is_refused() =>
        Sentences.Fails(FailureKind.Mathematics, () => Find(new Parabola(double.NaN)), "after 0 steps");

    [Test]
    public void A_loss_that_does_not_fall_is_refused() =>
        Sentences.Fails(FailureKind.Mathematics, () => Find(new Parabola(0)), "falls at no learning rate", "1e-6");

    [Test]
    public void It_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var engine = new Parabola(1);
        Assert.That(
            () => RateFinder.Find(engine.Next, [AnyBatch], new RateFinderOptions(), cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(engine.IsDisposed);
    }

    private static RateRange Find(Parabola engine, RateFinderOptions? options = null, int batches = 1000) =>
        RateFinder.Find(engine.Next, Enumerable.Repeat(AnyBatch, batches), options ?? new RateFinderOptions(), CancellationToken.None);

    /// <summary>Gradient descent on curvature w² / 2 from w = 1; what a batch adds to its loss does not depend on w.</summary>
    private sealed class Parabola(double curvature, double noise = 0) : ITrainingEngine
    {
        private double weight = 1;
        private double gradient;
        private int batch;
        private bool isOpen;

        public List<double> Rates { get; } = [];

        public bool IsDisposed { get; private set; }

        public Parabola? Still { get; private set; }

        // This one first, then another that starts where it does.
        public Parabola Next()
        {
            if (!isOpen)
            {
                isOpen = true;
                return this;
            }

            return Still = new Parabola(curvature, noise);
        }

        public ForwardResult Accumulate(TrainingBatch batch)
        {
            gradient = curvature * weight;
            this.batch++;
            return Evaluate(batch);
        }

        public double Update(double rate)
        {
            Rates.Add(rate);
            weight -= rate * gradient;
            return Math.Abs(gradient);
        }

        public IReadOnlyDictionary<string, float[]> Gradients() => new Dictionary<string, float[]> { ["w"] = [(float)gradient] };

        public ForwardResult Evaluate(TrainingBatch batch) => new((float)((curvature * weight * weight / 2) + (noise * (this.batch * 7 % 5) / 4)), []);

        public TrainingState State() => throw new NotSupportedException();

        public void Dispose() => IsDisposed = true;
    }
}
