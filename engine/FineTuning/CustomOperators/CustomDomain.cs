using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The operators as ONNX Runtime sees them: an OrtCustomOp table of function pointers for each, in one domain that is made once and
/// added to the options of sessions. No native code of our own is needed.
/// </summary>
internal static unsafe class CustomDomain
{
    /// <summary>The domain in graphs.</summary>
    public const string Id = "onnxtransfer";

    /// <summary>The version of its operator set.</summary>
    public const long Version = 1;

    /// <summary>The version of the runtime's interface that brought the last field filled in below, ReleaseMayInplace.</summary>
    public const int TableVersion = 18;

    private static readonly Lazy<nint> Domain = new(static () => Make(Id));

    /// <summary>Whether the loaded library takes custom operators.</summary>
    public static bool IsAvailable => NativeApi.Instance is not null;

    /// <summary>Lets sessions opened with the options run the operators.</summary>
    public static void Register(SessionOptions options) => NativeApi.Instance!.AddDomain(options, Domain.Value);

    /// <summary>
    /// A domain of all operators that the runtime has met. It looks for a new domain and enters it in two steps, and refuses it where
    /// two sessions come between each other; so one session is opened here, alone, before any other can have the domain.
    /// </summary>
    internal static nint Make(string id)
    {
        var domain = NativeApi.Instance!.Domain(id, OperatorTable.All.Select(Describe));
        Engine.Runtime.Open(Engine.TinyGraphs.Identity(), configure: options => NativeApi.Instance!.AddDomain(options, domain)).Dispose();
        return domain;
    }

    private static nint Describe(CustomOperator custom)
    {
        var table = (nint*)NativeMemory.AllocZeroed(Field.Count, (nuint)sizeof(nint));
        table[Field.Version] = TableVersion;
        table[Field.Name] = (nint)(delegate* unmanaged<nint*, nint>)&Name;
        table[Field.Provider] = (nint)(delegate* unmanaged<nint*, nint>)&Provider;
        table[Field.InputType] = table[Field.OutputType] = (nint)(delegate* unmanaged<nint*, nuint, int>)&Float;
        table[Field.Inputs] = (nint)(delegate* unmanaged<nint*, nuint>)&Inputs;
        table[Field.Outputs] = (nint)(delegate* unmanaged<nint*, nuint>)&Outputs;
        table[Field.InputKind] = (nint)(delegate* unmanaged<nint*, nuint, int>)&InputKind;
        table[Field.OutputKind] = table[Field.InputMemory] = (nint)(delegate* unmanaged<nint*, nuint, int>)&Zero;
        table[Field.Create] = (nint)(delegate* unmanaged<nint*, nint, nint, nint*, nint>)&Create;
        table[Field.Compute] = (nint)(delegate* unmanaged<nint, nint, nint>)&Compute;
        table[Field.Destroy] = (nint)(delegate* unmanaged<nint, void>)&Destroy;
        if (custom.IsInPlace)
        {
            table[Field.InPlace] = (nint)(delegate* unmanaged<int**, int**, nuint>)&InPlace;
            table[Field.ReleaseInPlace] = (nint)(delegate* unmanaged<int*, int*, void>)&ReleaseInPlace;
        }

        table[Field.Operator] = GCHandle.ToIntPtr(GCHandle.Alloc(custom));
        table[Field.NameText] = Marshal.StringToCoTaskMemUTF8(custom.Name);
        table[Field.ProviderText] = Marshal.StringToCoTaskMemUTF8(Engine.ExecutionProvider.Cpu.RegisteredName);
        return (nint)table;
    }

    private static CustomOperator Of(nint* table) => Unsafe.As<CustomOperator>(GCHandle.FromIntPtr(table[Field.Operator]).Target!);

    [UnmanagedCallersOnly]
    private static nint Name(nint* table) => table[Field.NameText];

    [UnmanagedCallersOnly]
    private static nint Provider(nint* table) => table[Field.ProviderText];

    [UnmanagedCallersOnly]
    private static nuint Inputs(nint* table) => (nuint)Of(table).Inputs;

    [UnmanagedCallersOnly]
    private static nuint Outputs(nint* table) => (nuint)Of(table).Outputs;

    [UnmanagedCallersOnly]
    private static int Float(nint* table, nuint index) => 1;

    [UnmanagedCallersOnly]
    private static int Zero(nint* table, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int InputKind(nint* table, nuint index) => (int)index >= Of(table).Inputs - Of(table).Optional ? 1 : 0;

    // One pair: the first input and the first output.
    [UnmanagedCallersOnly]
    private static nuint InPlace(int** inputs, int** outputs)
    {
        *inputs = *outputs = (int*)NativeMemory.AllocZeroed(1, sizeof(int));
        return 1;
    }

    [UnmanagedCallersOnly]
    private static void ReleaseInPlace(int* inputs, int* outputs) => NativeMemory.Free(inputs);

    [UnmanagedCallersOnly]
    private static void Destroy(nint kernel) => GCHandle.FromIntPtr(kernel).Free();

    [UnmanagedCallersOnly]
    private static nint Create(nint* table, nint api, nint info, nint* kernel) =>
        Guarded(() => GCHandle.ToIntPtr(GCHandle.Alloc(Of(table).Make(new KernelAttributes(NativeApi.Instance!, info)))), kernel);

    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        nint none;
        return Guarded(
            () =>
            {
                Unsafe.As<Kernel>(GCHandle.FromIntPtr(kernel).Target!)(new KernelCall(NativeApi.Instance!, context));
                return 0;
            },
            &none);
    }

    // An exception must not cross the native frames of the runtime: it becomes a status, and comes back as OnnxRuntimeException.
    private static nint Guarded(Func<nint> work, nint* result)
    {
        try
        {
            *result = work();
            return 0;
        }
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            return NativeApi.Instance!.Failure(e.Message);
        }
    }

    // The fields of OrtCustomOp, all as wide as a pointer, by their place in onnxruntime_c_api.h; those that are not named stay 0.
    // Behind its last one stand the operator's managed handle and two texts.
    private static class Field
    {
        public const int Version = 0, Name = 2, Provider = 3, InputType = 4, Inputs = 5, OutputType = 6, Outputs = 7, Destroy = 9;
        public const int InputKind = 10, OutputKind = 11, InputMemory = 12, Create = 17, Compute = 18, InPlace = 22, ReleaseInPlace = 23;
        public const int Operator = 26, NameText = 27, ProviderText = 28, Count = 29;
    }
}
