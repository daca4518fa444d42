namespace OnnxTransfer.Heads;

/// <summary>Chance without a random number generator: a number decides, on every platform the same.</summary>
internal static class Hash
{
    /// <summary>SplitMix64's step and mixing function (Steele, Lea and Flood, 2014).</summary>
    public static ulong Mix(ulong value)
    {
        var mixed = unchecked((value + 1) * 0x9e3779b97f4a7c15UL);
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9UL);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL);
        return mixed ^ (mixed >> 31);
    }
}
