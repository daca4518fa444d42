using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The gradients of <see cref="Normalisation"/> by x, scale and shift, in one pass, or in two where the statistics are the batch's. dy counts where low &lt; u &lt; high, and is 0 elsewhere.
/// With x' = x - m: db = sum dy, ds = r sum(dy x'), dx = s r dy, and where m and v are the batch's
/// dx = s r (dy - db / M - x' r² sum(dy x') / M). Inputs: dy, x, s, b, m, v; attributes epsilon, low, high, and batch: [1] where m and v are
/// the batch's.
/// </summary>
internal static unsafe class NormalisationReturn
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("NormalisationGradient", 6, 0, 3, static attributes =>
    {
        float epsilon = attributes.Number("epsilon"), low = attributes.Number("low"), high = attributes.Number("high");
        var batch = attributes.Numbers("batch")[0] != 0;
        return call =>
        {
            KernelTensor dy = call.Input(0), x = call.Input(1), scale = call.Input(2), shift = call.Input(3), mean = call.Input(4), variance = call.Input(5);
            var (images, channels) = (x[0], x[1]);
            var plane = (int)(x.Count / Math.Max(images * channels, 1));
            KernelTensor dx = call.Output(0, x.Dims), ds = call.Output(1, channels), db = call.Output(2, channels);
            Pieces.OfChannels(call, images, channels, plane, (first, end) =>
            {
                var gates = stackalloc Gate[Pieces.MostChannels];
                double* totals = stackalloc double[Pieces.MostChannels], products = stackalloc double[Pieces.MostChannels];
                for (var channel = first; channel < end; channel++)
                {
                    gates[channel - first] = new Gate(
                        NormalisationLine.Of(scale.Data[channel], shift.Data[channel], mean.Data[channel], variance.Data[channel], epsilon), low, high, mean.Data[channel]);
                }

                for (var image = 0; image < images; image++)
                {
                    for (var channel = first; channel < end; channel++)
                    {
                        var start = (((long)image * channels) + channel) * plane;
                        var (sum, product) = batch
                            ? gates[channel - first].Sums(dy.Data + start, x.Data + start, plane)
                            : gates[channel - first].Scale(dy.Data + start, x.Data + start, dx.Data + start, plane);
                        totals[channel - first] += sum;
                        products[channel - first] += product;
                    }
                }

                var shares = stackalloc (float Factor, float Slope, float Constant)[Pieces.MostChannels];
                for (var channel = first; channel < end; channel++)
                {
                    double total = totals[channel - first], product = products[channel - first];
                    var rate = 1 / Math.Sqrt(variance.Data[channel] + (double)epsilon);
                    var factor = scale.Data[channel] * rate;
                    var share = batch ? factor / ((double)images * plane) : 0;
                    shares[channel - first] = ((float)factor, (float)(-share * product * rate * rate), (float)(-share * total));
                    (ds.Data[channel], db.Data[channel]) = ((float)(product * rate), (float)total);
                }

                for (var image = 0; batch && image < images; image++)
                {
                    for (var channel = first; channel < end; channel++)
                    {
                        var start = (((long)image * channels) + channel) * plane;
                        var (factor, slope, constant) = shares[channel - first];
                        gates[channel - first].Combine(dy.Data + start, x.Data + start, dx.Data + start, plane, factor, slope, constant);
                    }
                }
            });
        };
    }) { IsInPlace = true };

    /// <summary>Passes gradients where a channel's u lies between its bounds.</summary>
    private readonly struct Gate(NormalisationLine line, float low, float high, float centre)
    {
        private readonly Vector256<float> slope = Vector256.Create(line.Slope), constant = Vector256.Create(line.Constant);
        private readonly Vector256<float> least = Vector256.Create(low), most = Vector256.Create(high);

        /// <summary>The sums of g and of g (x - centre).</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public (double Sum, double Product) Sums(float* g, float* x, int count) => Sums(g, x, null, count, writes: false);

        /// <summary>The same sums, and result = slope g, which may lie where g does.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public (double Sum, double Product) Scale(float* g, float* x, float* result, int count) => Sums(g, x, result, count, writes: true);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private (double Sum, double Product) Sums(float* g, float* x, float* result, int count, bool writes)
        {
            Vector256<float> a = default, b = default, c = default, d = default;
            var middle = Vector256.Create(centre);
            var i = 0;
            for (; i <= count - 16; i += 16)
            {
                Vector256<float> x0 = Vector256.Load(x + i), x1 = Vector256.Load(x + i + 8);
                Vector256<float> g0 = Pass(Vector256.Load(g + i), x0), g1 = Pass(Vector256.Load(g + i + 8), x1);
                if (writes)
                {
                    (slope * g0).Store(result + i);
                    (slope * g1).Store(result + i + 8);
                }

                a += g0;
                b += g1;
                c = Vector256.FusedMultiplyAdd(g0, x0 - middle, c);
                d = Vector256.FusedMultiplyAdd(g1, x1 - middle, d);
            }

            double sum = Vector256.Sum(a + b), product = Vector256.Sum(c + d);
            for (; i < count; i++)
            {
                var passed = Pass(g[i], x[i]);
                sum += passed;
                product += passed * (x[i] - centre);
                if (writes)
                {
                    result[i] = line.Slope * passed;
                }
            }

            return (sum, product);
        }

        /// <summary>factor g + tilt (x - centre) + offset.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Combine(float* g, float* x, float* result, int count, float factor, float tilt, float offset)
        {
            var (f, s, c, k) = (Vector256.Create(factor), Vector256.Create(tilt), Vector256.Create(centre), Vector256.Create(offset));
            var i = 0;
            for (; i <= count - 8; i += 8)
            {
                var value = Vector256.Load(x + i);
                Vector256.FusedMultiplyAdd(f, Pass(Vector256.Load(g + i), value), Vector256.FusedMultiplyAdd(s, value - c, k)).Store(result + i);
            }

            for (; i < count; i++)
            {
                result[i] = (factor * Pass(g[i], x[i])) + ((tilt * (x[i] - centre)) + offset);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector256<float> Pass(Vector256<float> g, Vector256<float> x)
        {
            var u = Vector256.FusedMultiplyAdd(slope, x, constant);
            return g & Vector256.GreaterThan(u, least) & Vector256.LessThan(u, most);
        }

        private float Pass(float g, float x) => line.At(x) is var u && u > low && u < high ? g : 0;
    }
}
