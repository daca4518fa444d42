namespace OnnxTransfer.FineTuning;

/// <summary>What random numbers are for; each purpose has its own, so that one more of a kind changes no other.</summary>
internal enum RandomPurpose
{
    /// <summary>The order of an epoch.</summary>
    Order = 1,

    /// <summary>Whether an image is mirrored.</summary>
    Flip,

    /// <summary>The window of an image.</summary>
    Crop,

    /// <summary>The change of colours.</summary>
    Jitter,

    /// <summary>The operations of RandAugment.</summary>
    RandAugment,

    /// <summary>How the images of a batch are mixed.</summary>
    Mix,

    /// <summary>The weights of a network that is trained from scratch.</summary>
    Weights,

    /// <summary>Which images are validated on.</summary>
    Validation,
}

/// <summary>
/// Random numbers that are a function of a key and of how many were drawn before: SplitMix64 (Steele, Lea and Flood 2014)
/// with the key as its start. What is drawn for an image therefore depends on no thread, no batch size and no resumption,
/// and a checkpoint holds no state of a generator.
/// </summary>
internal sealed class RandomDraws
{
    private const ulong Gamma = 0x9e3779b97f4a7c15UL;
    private ulong state;

    /// <summary>The draws of one purpose for one place of one epoch.</summary>
    /// <param name="seed">The user's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="place">The image's place in the set, or the batch's in the epoch, from 0.</param>
    /// <param name="purpose">What they are for.</param>
    public RandomDraws(long seed, long epoch, long place, RandomPurpose purpose)
    {
        foreach (var part in (ReadOnlySpan<long>)[seed, epoch, place, (long)purpose])
        {
            state = Mix((state + Gamma) ^ unchecked((ulong)part));
        }
    }

    /// <summary>64 random bits.</summary>
    public ulong Bits() => Mix(state = unchecked(state + Gamma));

    /// <summary>A number from 0 up to but not 1, a multiple of 2^-53.</summary>
    public double Uniform() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public double Uniform(double low, double high) => low + ((high - low) * Uniform());

    /// <summary>A whole number from 0 to <paramref name="count"/> - 1; its bias is below count / 2^64.</summary>
    public int Below(int count) => (int)Math.BigMul(Bits(), (ulong)count, out _);

    /// <summary>True half of the time.</summary>
    public bool Coin() => (Bits() >> 63) != 0;

    /// <summary>The numbers 0 to <paramref name="count"/> - 1 in random order (Fisher and Yates 1938, Durstenfeld's form).</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            order[i] = i;
        }

        for (var i = count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>A share of the distribution Beta(alpha, alpha): X / (X + Y) of two gammas.</summary>
    /// <param name="alpha">Above 0: small ones give shares near 0 and 1, 1 the uniform distribution, large ones shares near one half.</param>
    public double Beta(double alpha)
    {
        // In logarithms, because a gamma with a small alpha is often too small for a double.
        var (x, y) = (LogGamma(alpha), LogGamma(alpha));
        return 1 / (1 + Math.Exp(y - x));
    }

    /// <summary>The logarithm of a Gamma(alpha, 1) (Marsaglia and Tsang 2000; below 1 from alpha + 1 by U^(1 / alpha)).</summary>
    private double LogGamma(double alpha)
    {
        if (alpha < 1)
        {
            return LogGamma(alpha + 1) + (Math.Log(1 - Uniform()) / alpha);
        }

        var d = alpha - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var normal = Normal();
            var root = 1 + (c * normal);
            var v = root * root * root;
            if (root > 0 && Math.Log(1 - Uniform()) < (normal * normal / 2) + (d * (1 - v + Math.Log(v))))
            {
                return Math.Log(d * v);
            }
        }
    }

    /// <summary>A standard normal number (Box and Muller 1958; the second of the pair is not used).</summary>
    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    private static ulong Mix(ulong value)
    {
        value = unchecked((value ^ (value >> 30)) * 0xbf58476d1ce4e5b9UL);
        value = unchecked((value ^ (value >> 27)) * 0x94d049bb133111ebUL);
        return value ^ (value >> 31);
    }
}
