using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Onnx;

namespace OnnxTransfer.Engine;

/// <summary>The one place that opens sessions of ONNX Runtime and says in a sentence what it cannot do.</summary>
internal static class Runtime
{
    /// <summary>The version of the native library.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: there is no native library.</exception>
    public static string Version => Native(static () => OrtEnv.Instance().GetVersionString());

    /// <summary>Opens a session that never spins and logs nothing but errors.</summary>
    /// <param name="model">The model.</param>
    /// <param name="optimised">Every optimisation of the graph, or none.</param>
    /// <param name="threads">Threads inside one run.</param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="provider">What runs it; null: the processor.</param>
    /// <exception cref="OnnxTransferException">
    /// <see cref="FailureKind.Model"/>: ONNX Runtime refuses the model; <see cref="FailureKind.Machine"/>: there is no
    /// native library.
    /// </exception>
    public static InferenceSession Open(
        OnnxModel model, bool optimised = true, int threads = 1, Action<SessionOptions>? configure = null, ExecutionProvider? provider = null) =>
        Open(model.ToBytes(), model.Name, optimised, threads, configure, provider);

    /// <summary>Opens the bytes of a model file so; <paramref name="name"/> is for messages.</summary>
    /// <inheritdoc cref="Open(OnnxModel, bool, int, Action{SessionOptions}?, ExecutionProvider?)"/>
    public static InferenceSession Open(
        byte[] bytes, string name, bool optimised = true, int threads = 1, Action<SessionOptions>? configure = null, ExecutionProvider? provider = null)
    {
        try
        {
            return Native(() =>
            {
                using var options = new SessionOptions
                {
                    GraphOptimizationLevel = optimised ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
                    ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                    IntraOpNumThreads = threads,
                    InterOpNumThreads = 1,
                    LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                };
                options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
                options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
                provider?.AddTo(options);
                configure?.Invoke(options);
                return new InferenceSession(bytes, options);
            });
        }
        catch (OnnxRuntimeException e)
        {
            throw CannotRun(name, e);
        }
    }

    /// <summary>Refuses a provider that the native library was built without, or that this machine cannot run, before anything is computed.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: what is missing, and what to do.</exception>
    public static void Require(ExecutionProvider provider)
    {
        if (provider == ExecutionProvider.Cpu)
        {
            return;
        }

        var available = Native(static () => OrtEnv.Instance().GetAvailableProviders());
        if (!available.Contains(provider.RegisteredName))
        {
            throw new OnnxTransferException(
                FailureKind.Machine,
                $"This build's ONNX Runtime {Version} has no {provider.RegisteredName} (it has {string.Join(", ", available)}); build with "
                + "-p:OrtPackage=Microsoft.ML.OnnxRuntime.Gpu.Linux (or .Gpu.Windows), or run on the processor (--provider cpu).");
        }

        try
        {
            Native(() =>
            {
                using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
                provider.AddTo(options);
                using var session = new InferenceSession(TinyGraphs.Identity().ToBytes(), options);
                return true;
            });
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxTransferException(
                FailureKind.Machine,
                $"This machine cannot run {provider.RegisteredName}: {Reason(e)}; install its driver and libraries (for CUDA those of version 13 "
                + "and cuDNN 9), or run on the processor (--provider cpu).",
                e);
        }
    }

    /// <summary>The sentence for a model that ONNX Runtime refuses to load or to run.</summary>
    public static OnnxTransferException CannotRun(string model, OnnxRuntimeException reason) => new(
        FailureKind.Model,
        $"ONNX Runtime cannot run {model}: {Reason(reason)}.",
        reason);

    /// <summary>The runtime's words in one line, without a full stop.</summary>
    public static string Reason(OnnxRuntimeException e) =>
        string.Join(' ', e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    private static T Native<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (IsMissingLibrary(e))
        {
            throw new OnnxTransferException(
                FailureKind.Machine,
                "The native library of ONNX Runtime is missing or not made for this machine; add the package "
                + "Microsoft.ML.OnnxRuntime (or Microsoft.ML.OnnxRuntime.Gpu and others) to the application.",
                e);
        }
    }

    private static bool IsMissingLibrary(Exception? e) => e switch
    {
        DllNotFoundException or BadImageFormatException or EntryPointNotFoundException => true,
        TypeInitializationException => IsMissingLibrary(e.InnerException),
        _ => false,
    };
}
