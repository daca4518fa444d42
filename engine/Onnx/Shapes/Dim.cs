using System.Globalization;

namespace OnnxTransfer.Onnx;

/// <summary>
/// One dimension of a tensor: a number, a symbol ("N") or a multiple of symbols ("12*N"), or unknown. Products and exact
/// quotients stay known, sums where the symbols are the same; anything else is unknown, never wrong.
/// </summary>
public readonly record struct Dim
{
    // Known: factor times the product of the symbols, which stand in ordinal order. Unknown: all default.
    private readonly bool known;
    private readonly long factor;
    private readonly string? symbols;

    private Dim(long factor, string? symbols)
    {
        known = true;
        this.factor = factor;
        this.symbols = factor == 0 ? null : symbols;
    }

    /// <summary>A dimension about which nothing is known.</summary>
    public static Dim Unknown => default;

    /// <summary>The number, where it is known.</summary>
    public long? Value => known && symbols is null ? factor : null;

    /// <summary>The symbol or the multiple, where the dimension is one; equal symbols are equal numbers at run time.</summary>
    public string? Symbol => symbols is null ? null
        : factor == 1 ? symbols
        : string.Create(CultureInfo.InvariantCulture, $"{factor}*{symbols}");

    /// <summary>Whether it is a number or a multiple of symbols.</summary>
    public bool IsKnown => known;

    /// <summary>The number before the symbols: the value for one image where the only symbol is the batch; null if unknown.</summary>
    public long? Factor => known ? factor : null;

    /// <summary>A known dimension.</summary>
    public static Dim Of(long value) => new(value, null);

    /// <summary>A symbolic dimension.</summary>
    public static Dim Named(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return new(1, symbol);
    }

    /// <summary>A known dimension.</summary>
    public static implicit operator Dim(long value) => Of(value);

    /// <summary>a b.</summary>
    public static Dim operator *(Dim a, Dim b)
    {
        if (a.Value == 0 || b.Value == 0)
        {
            return 0;
        }

        if (!a.known || !b.known || Math.BigMul(a.factor, b.factor) is var product && product != (long)product)
        {
            return Unknown;
        }

        var both = Symbols(a).Concat(Symbols(b)).Order(StringComparer.Ordinal);
        return new(a.factor * b.factor, Join(both));
    }

    /// <summary>a b (the named form of the operator).</summary>
    public static Dim Multiply(Dim a, Dim b) => a * b;

    /// <summary>a + b.</summary>
    public static Dim operator +(Dim a, Dim b)
    {
        if (a.Value == 0)
        {
            return b;
        }

        if (b.Value == 0)
        {
            return a;
        }

        var same = a.known && b.known && a.symbols == b.symbols;
        return same && (Int128)a.factor + b.factor is var sum && sum == (long)sum ? new((long)sum, a.symbols) : Unknown;
    }

    /// <summary>a + b (the named form of the operator).</summary>
    public static Dim Add(Dim a, Dim b) => a + b;

    /// <summary>a - b.</summary>
    public static Dim operator -(Dim a, Dim b) => a + (b * -1);

    /// <summary>a - b (the named form of the operator).</summary>
    public static Dim Subtract(Dim a, Dim b) => a - b;

    /// <summary>a / b where the quotient is whole whatever the symbols stand for, else unknown.</summary>
    public static Dim operator /(Dim a, Dim b)
    {
        if (b.factor == -1)
        {
            // The one quotient that does not fit is that of the least number; the product sees to it.
            (a, b) = (a * -1, b * -1);
        }

        if (!a.known || !b.known || b.factor == 0 || a.factor % b.factor != 0)
        {
            return Unknown;
        }

        var rest = Symbols(a).ToList();
        return Symbols(b).All(rest.Remove) ? new(a.factor / b.factor, Join(rest)) : Unknown;
    }

    /// <summary>The product; 1 for none.</summary>
    public static Dim Product(IEnumerable<Dim> dims) => dims.Aggregate(Of(1), Multiply);

    /// <summary>Whether it is a multiple of a symbol.</summary>
    internal bool Has(string symbol) => Symbols(this).Contains(symbol);

    /// <summary>Whether the two differ whatever the symbols stand for (a symbol being at least 1).</summary>
    public static bool Differ(Dim a, Dim b) => a.known && b.known && a.symbols == b.symbols && a.factor != b.factor;

    /// <summary>The number, the symbol, or "?".</summary>
    public override string ToString() => Value?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";

    private static string[] Symbols(Dim dim) => dim.symbols?.Split('*') ?? [];

    private static string? Join(IEnumerable<string> symbols) => string.Join('*', symbols) is { Length: > 0 } joined ? joined : null;
}
