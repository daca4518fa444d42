using System.Runtime.InteropServices;
using CsCheck;

namespace OnnxTransfer.Heads.Tests;

public class HeadSolverTests
{
    [Test]
    public void The_certificate_bounds_what_plain_loops_find(
        [Minimised] HeadLoss loss, [Values(0.001, 1, 100)] double c, [Values] bool penalizeIntercept)
    {
        var (codes, truth) = Problems.Make(240, 13, 4, 7);
        var loose = Problems.Train(codes, truth, new() { Loss = loss, C = c, RelativeGap = 1e-2, RegularizeIntercept = penalizeIntercept });
        var tight = Problems.Train(codes, truth, new() { Loss = loss, C = c, RelativeGap = 1e-6, RegularizeIntercept = penalizeIntercept });
        var found = Problems.Objective(codes, truth, loss, c, tight.Weights.Span, penalizeIntercept);
        Assert.Multiple(() =>
        {
            Assert.That(tight.Certificate.Converged);
            Assert.That(tight.Certificate.RelativeGap, Is.InRange(0, 1e-6));
            Assert.That(tight.Certificate.Objective, Is.EqualTo(found).Within(1e-9).Percent);
            Assert.That(loose.Certificate.DualBound, Is.LessThanOrEqualTo(found * (1 + 1e-12)));
            Assert.That(loose.Certificate.Objective, Is.GreaterThanOrEqualTo(tight.Certificate.DualBound * (1 - 1e-12)));
        });
    }

    [Test]
    public void No_weights_go_below_the_bound() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[2, 5], Gen.Int[1, 12], Gen.Double[-3, 2], Gen.OneOf(MinimisedAttribute.Losses)).Sample((seed, classes, columns, power, loss) =>
        {
            var (codes, truth) = Problems.Make(40, columns, classes, seed);
            var c = Math.Pow(10, power);
            var slabs = new RowSlabs(codes, (0, codes.Rows));
            var optimum = Problems.Train(codes, truth, new() { Loss = loss, C = c, RelativeGap = 1e-5 }).Certificate.Objective;
            var random = new Random(seed);
            var anywhere = Enumerable.Range(0, classes * (columns + 1)).Select(_ => 4 * (random.NextDouble() - 0.5)).ToArray();
            var function = LossFunction.Of(loss, new Targets(classes, truth));
            var multipliers = function.IsSmooth ? null : new float[40 * classes];
            var smoothed = loss switch
            {
                HeadLoss.Hinge => HingeLoss.Smoothed(function.Targets, multipliers!, 1),
                HeadLoss.CrammerSinger => CrammerSingerLoss.Smoothed(function.Targets, multipliers!, 1),
                _ => null,
            };
            var (objective, bound) = DualCertificate.Of<double>(slabs, function, false, c, anywhere, smoothed, multipliers, 1, default);
            return bound <= optimum * (1 + 1e-12) && optimum * (1 - 1e-5) <= objective;
        }, iter: 60);

    [Test]
    public void A_start_on_a_sample_of_the_rows_leads_to_the_optimum_and_to_the_same_bits_for_any_threads(
        [Values(HeadLoss.Softmax, HeadLoss.Logistic)] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(9000, 10, 3, 4);
        LinearHead On(int threads, double gap) =>
            Problems.Train(codes, truth, new() { Loss = loss, C = 30, RelativeGap = gap, Threads = threads });
        var (one, two, exact) = (On(1, 1e-4), On(2, 1e-4), On(2, 1e-8));
        Assert.Multiple(() =>
        {
            Assert.That(exact.Certificate.Converged);
            Assert.That(one.Certificate.Objective, Is.EqualTo(exact.Certificate.Objective).Within(0.01).Percent);
            Assert.That(one.Weights.ToArray(), Is.EqualTo(two.Weights.ToArray()));
        });
    }

    [Test]
    public void Many_small_problems_of_kinks_are_solved(
        [Values(HeadLoss.Hinge, HeadLoss.CrammerSinger)] HeadLoss loss, [Values(1e-3, 0.03, 1, 10)] double c)
    {
        // Tiny C leaves intercepts nothing to bend on; few columns make rows tie; large C separates.
        for (var seed = 0; seed < 120; seed++)
        {
            var (codes, truth) = Problems.Make(40, 1 + (seed % 12), 2 + (seed % 5), seed);
            var certificate = Problems.Train(codes, truth, new() { Loss = loss, C = c, RelativeGap = 1e-6 }).Certificate;
            Assert.That(certificate.Converged, $"seed {seed}: {certificate}");
        }
    }

    [Test]
    public void The_bits_are_the_same_for_any_number_of_threads([Minimised] HeadLoss loss, [Values(0.1, null)] double? c)
    {
        var (codes, truth) = Problems.Make(700, 33, 5, 11);
        var options = new HeadOptions { Loss = loss, C = c, Standardize = true };
        var one = Problems.Train(codes, truth, options with { Threads = 1 });
        foreach (var threads in new[] { 2, 3, 16 })
        {
            var other = Problems.Train(codes, truth, options with { Threads = threads });
            Assert.That(other.C, Is.EqualTo(one.C));
            Assert.That(other.Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()), $"{threads} threads");
            Assert.That(other.Certificate with { Seconds = 0 }, Is.EqualTo(one.Certificate with { Seconds = 0 }));
        }
    }

    [Test]
    public void The_order_of_rows_does_not_move_the_optimum([Minimised] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(300, 20, 3, 13);
        var order = Enumerable.Range(0, 300).OrderBy(static i => Hash.Mix((ulong)i)).ToArray();
        var options = new HeadOptions { Loss = loss, C = 0.5, RelativeGap = 1e-7 };
        var one = Problems.Train(codes, truth, options);
        var other = Problems.Train(codes.Select(order), [.. order.Select(i => truth[i])], options);
        Assert.That(other.Certificate.Objective, Is.EqualTo(one.Certificate.Objective).Within(1e-5).Percent);
        Assert.That(other.Weights.ToArray(), Is.EqualTo(one.Weights.ToArray()).Within(2e-3));
    }

    [Test]
    public void Codes_times_a_and_C_over_a_squared_are_the_same_problem() =>
        Gen.Select(Gen.Int[0, 100], Gen.Int[-3, 3], Gen.OneOf(MinimisedAttribute.Losses)).Sample((seed, power, loss) =>
        {
            // A power of two scales without rounding.
            var a = MathF.Pow(2, power);
            var (codes, truth) = Problems.Make(60, 5, 3, seed);
            var (scaled, _) = Problems.Make(60, 5, 3, seed, a);
            var one = Problems.Train(codes, truth, new() { Loss = loss, C = 0.3, RelativeGap = 1e-6 });
            var other = Problems.Train(scaled, truth, new() { Loss = loss, C = 0.3 / (a * a), RelativeGap = 1e-6 });
            return Math.Abs((other.Certificate.Objective * a * a / one.Certificate.Objective) - 1) < 2e-6;
        }, iter: 30);

    [Test]
    public void A_shift_of_the_codes_changes_nothing(
        [Minimised] HeadLoss loss, [Values(1e4f, 1e6f)] float shift, [Values(1e-2, 1, 1e4)] double c)
    {
        var (codes, truth) = Problems.Make(60, 5, 3, 19, 3);
        var shifted = new CodeMatrix(Array.ConvertAll(codes.Values.ToArray(), value => value + shift), 60, 5);
        var near = new CodeMatrix(Array.ConvertAll(shifted.Values.ToArray(), value => value - shift), 60, 5);
        var options = new HeadOptions { Loss = loss, C = c, RelativeGap = shift > 1e5f ? 1e-4 : 1e-6 };
        var (far, same) = (Problems.Train(shifted, truth, options), Problems.Train(near, truth, options));
        var found = Problems.Objective(shifted, truth, loss, c, far.Weights.Span);
        Assert.Multiple(() =>
        {
            Assert.That(far.Certificate.Converged, $"gap {far.Certificate.RelativeGap}");
            Assert.That(far.Certificate.Objective, Is.EqualTo(same.Certificate.Objective).Within(200 * options.RelativeGap).Percent);
            Assert.That(far.Certificate.Objective, Is.EqualTo(found).Within(1e-5).Percent);
            Assert.That(far.Predict(shifted).Zip(same.Predict(near)).Count(static pair => pair.First != pair.Second), Is.LessThanOrEqualTo(1), "but for a tie");
        });
    }

    [Test]
    public void C_is_chosen_far_from_zero_as_near_it([Minimised] HeadLoss loss)
    {
        var (codes, truth) = Problems.Make(200, 8, 3, 23, 64);
        var shifted = new CodeMatrix(Array.ConvertAll(codes.Values.ToArray(), static value => value + 1e5f), 200, 8);
        var (far, near) = (Problems.Train(shifted, truth, new() { Loss = loss }), Problems.Train(codes, truth, new() { Loss = loss }));
        Assert.That(far.Certificate.Converged);
        Assert.That(far.C, Is.EqualTo(near.C));
    }

    [Test]
    public void Too_few_passes_are_not_called_converged()
    {
        var (codes, truth) = Problems.Make(300, 20, 4, 3);
        var head = Problems.Train(codes, truth, new() { C = 100, MaxPasses = 3 });
        Assert.That(head.Certificate.Converged, Is.False);
        Assert.That(head.Certificate.DualBound, Is.LessThan(head.Certificate.Objective));
    }

    [Test]
    public void Hinge_problems_of_hard_margins_are_solved_by_factoring()
    {
        var (codes, truth) = Problems.Make(400, 120, 6, 17);
        var head = Problems.Train(codes, truth, new() { Loss = HeadLoss.SquaredHinge, C = 1000, RelativeGap = 1e-6 });
        Assert.That(head.Certificate.Converged);
        Assert.That(head.Certificate.Passes, Is.LessThan(1500));
    }

    [Test]
    public void Cancelling_ends_the_training()
    {
        var (codes, truth) = Problems.Make(300, 20, 4, 3);
        Assert.Throws<OperationCanceledException>(() =>
            LinearHead.Train(codes, truth, Problems.Names(4), new() { C = 1 }, new CancellationToken(canceled: true)));
    }

    [Test]
    public void Codes_in_any_memory_are_read()
    {
        var (codes, truth) = Problems.Make(100, 6, 3, 3);
        var bytes = MemoryMarshal.AsBytes(codes.Values.Span).ToArray();
        using var owner = new Borrowed(bytes);
        var other = new CodeMatrix(owner.Memory, 100, 6);
        Assert.That(
            Problems.Train(other, truth, new() { C = 1 }).Weights.ToArray(),
            Is.EqualTo(Problems.Train(codes, truth, new() { C = 1 }).Weights.ToArray()));
    }

    /// <summary>Memory that is not an array, as a mapped file is.</summary>
    private sealed unsafe class Borrowed : System.Buffers.MemoryManager<float>
    {
        private readonly float* start;
        private readonly int length;

        public Borrowed(byte[] bytes)
        {
            length = bytes.Length / sizeof(float);
            start = (float*)NativeMemory.Alloc((nuint)bytes.Length);
            bytes.CopyTo(new Span<byte>(start, bytes.Length));
        }

        public override Span<float> GetSpan() => new(start, length);

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing) => NativeMemory.Free(start);
    }
}
