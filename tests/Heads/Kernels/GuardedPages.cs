using System.Runtime.InteropServices;

namespace OnnxTransfer.Heads.Tests;

/// <summary>Pages of memory with one before and one behind them that may be neither read nor written.</summary>
internal sealed partial class GuardedPages : IDisposable
{
    private readonly nint mapping;
    private readonly nint size;

    /// <summary>Pages for at least so many bytes.</summary>
    public GuardedPages(nint bytes)
    {
        nint page = Environment.SystemPageSize;
        var inside = (Math.Max(bytes, 1) + page - 1) / page * page;
        size = inside + (2 * page);
        mapping = OperatingSystem.IsWindows() ? Windows.Reserve(size) : Unix.Reserve(size);
        (Start, End) = (mapping + page, mapping + page + inside);
        if (OperatingSystem.IsWindows())
        {
            Windows.Open(Start, inside);
        }
        else
        {
            Unix.Open(Start, inside);
        }
    }

    /// <summary>The first address that may be used.</summary>
    public nint Start { get; }

    /// <summary>One past the last.</summary>
    public nint End { get; }

    public void Dispose()
    {
        if (OperatingSystem.IsWindows())
        {
            Windows.Free(mapping);
        }
        else
        {
            Unix.Free(mapping, size);
        }
    }

    private static void Check(bool good)
    {
        if (!good)
        {
            throw new InvalidOperationException($"No guarded memory: error {Marshal.GetLastPInvokeError()} of the system.");
        }
    }

    private static partial class Unix
    {
        private const int None = 0;
        private const int ReadWrite = 3;

        // MAP_PRIVATE | MAP_ANONYMOUS, whose second bit is another one outside Linux.
        private static int PrivateAnonymous => OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 0x22 : 0x1002;

        public static nint Reserve(nint size)
        {
            var result = Map(0, size, None, PrivateAnonymous, -1, 0);
            Check(result != -1);
            return result;
        }

        public static void Open(nint start, nint size) => Check(Protect(start, size, ReadWrite) == 0);

        public static void Free(nint start, nint size) => Check(Unmap(start, size) == 0);

        [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
        private static partial nint Map(nint address, nint size, int protection, int flags, int file, nint offset);

        [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
        private static partial int Protect(nint address, nint size, int protection);

        [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
        private static partial int Unmap(nint address, nint size);
    }

    private static partial class Windows
    {
        private const int Commit = 0x1000;
        private const int ReserveOnly = 0x2000;
        private const int ReleaseAll = 0x8000;
        private const int NoAccess = 1;
        private const int ReadWrite = 4;

        public static nint Reserve(nint size)
        {
            var result = Allocate(0, size, ReserveOnly, NoAccess);
            Check(result != 0);
            return result;
        }

        public static void Open(nint start, nint size) => Check(Allocate(start, size, Commit, ReadWrite) != 0);

        public static void Free(nint start) => Check(Release(start, 0, ReleaseAll) != 0);

        [LibraryImport("kernel32", EntryPoint = "VirtualAlloc", SetLastError = true)]
        private static partial nint Allocate(nint address, nint size, int type, int protection);

        [LibraryImport("kernel32", EntryPoint = "VirtualFree", SetLastError = true)]
        private static partial int Release(nint address, nint size, int type);
    }
}
