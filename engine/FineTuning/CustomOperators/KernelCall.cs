using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace OnnxTransfer.FineTuning;

/// <summary>A node in one run.</summary>
internal sealed unsafe class KernelCall(NativeApi api, nint context)
{
    /// <summary>An input that must be there.</summary>
    public KernelTensor Input(int index) => Optional(index) ?? throw new InvalidOperationException($"Input {index} is missing.");

    /// <summary>An input, or null where it is left out.</summary>
    public KernelTensor? Optional(int index) => api.Input(context, index);

    /// <summary>Allocates an output.</summary>
    public KernelTensor Output(int index, params long[] dims) => api.Output(context, index, dims);

    /// <summary>
    /// Runs a part of the work for each number under <paramref name="parts"/>, on the session's threads. What a part computes must
    /// not depend on the others: bits then do not depend on the threads.
    /// </summary>
    public void Parallel(int parts, Action<int> part)
    {
        if (parts == 1)
        {
            part(0);
            return;
        }

        var work = new Work(part);
        var handle = GCHandle.Alloc(work);
        try
        {
            api.Parallel(context, &Part, parts, GCHandle.ToIntPtr(handle));
        }
        finally
        {
            handle.Free();
        }

        work.Failure?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void Part(nint state, nuint index) => Unsafe.As<Work>(GCHandle.FromIntPtr(state).Target!).Run((int)index);

    private sealed class Work(Action<int> part)
    {
        public ExceptionDispatchInfo? Failure { get; private set; }

        // An exception must not cross the native frames of the thread pool.
        public void Run(int index)
        {
            try
            {
                part(index);
            }
#pragma warning disable CA1031
            catch (Exception e)
#pragma warning restore CA1031
            {
                Failure = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
