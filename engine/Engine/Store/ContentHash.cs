using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OnnxTransfer.Engine;

/// <summary>SHA-256 of an image's bytes: what tells whether its codes are known already.</summary>
internal readonly record struct ContentHash(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    /// <summary>The bytes of a hash.</summary>
    public const int Size = 32;

    /// <summary>Hashes an image's bytes.</summary>
    public static ContentHash Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return From(hash);
    }

    /// <summary>Reads a stored hash.</summary>
    public static ContentHash From(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<ContentHash>(bytes);

    /// <summary>Writes it as it was hashed.</summary>
    public void CopyTo(Span<byte> bytes) => MemoryMarshal.Write(bytes, in this);
}
