using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTransfer.FineTuning;

/// <summary>
/// The functions of ONNX Runtime's C interface that custom operators need and its managed interface has not. Their places in the
/// table are those of onnxruntime_c_api.h, where functions are only ever appended.
/// </summary>
internal sealed unsafe class NativeApi
{
    // That of the operators' tables (CustomDomain); it has all of these functions.
    private const uint Version = CustomDomain.TableVersion;

    private readonly delegate* unmanaged<int, byte*, nint> createStatus;
    private readonly delegate* unmanaged<nint, byte*> message;
    private readonly delegate* unmanaged<nint, void> releaseStatus;
    private readonly delegate* unmanaged<byte*, nint*, nint> createDomain;
    private readonly delegate* unmanaged<nint, void*, nint> addOperator;
    private readonly delegate* unmanaged<nint, nint, nint> addDomain;
    private readonly delegate* unmanaged<nint, void**, nint> data;
    private readonly delegate* unmanaged<nint, nint*, nint> shapeOf;
    private readonly delegate* unmanaged<nint, void> releaseShape;
    private readonly delegate* unmanaged<nint, nuint*, nint> rank;
    private readonly delegate* unmanaged<nint, long*, nuint, nint> extents;
    private readonly delegate* unmanaged<nint, byte*, float*, nint> number;
    private readonly delegate* unmanaged<nint, byte*, long*, nuint*, nint> numbers;
    private readonly delegate* unmanaged<nint, nuint, nint*, nint> input;
    private readonly delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint> output;
    private readonly delegate* unmanaged<nint, delegate* unmanaged<nint, nuint, void>, nuint, nuint, nint, nint> parallel;

    private NativeApi(nint* table)
    {
        createStatus = (delegate* unmanaged<int, byte*, nint>)table[0];
        message = (delegate* unmanaged<nint, byte*>)table[2];
        createDomain = (delegate* unmanaged<byte*, nint*, nint>)table[26];
        addOperator = (delegate* unmanaged<nint, void*, nint>)table[27];
        addDomain = (delegate* unmanaged<nint, nint, nint>)table[28];
        data = (delegate* unmanaged<nint, void**, nint>)table[51];
        rank = (delegate* unmanaged<nint, nuint*, nint>)table[61];
        extents = (delegate* unmanaged<nint, long*, nuint, nint>)table[62];
        shapeOf = (delegate* unmanaged<nint, nint*, nint>)table[65];
        number = (delegate* unmanaged<nint, byte*, float*, nint>)table[85];
        input = (delegate* unmanaged<nint, nuint, nint*, nint>)table[90];
        output = (delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)table[91];
        releaseStatus = (delegate* unmanaged<nint, void>)table[93];
        releaseShape = (delegate* unmanaged<nint, void>)table[99];
        numbers = (delegate* unmanaged<nint, byte*, long*, nuint*, nint>)table[163];
        parallel = (delegate* unmanaged<nint, delegate* unmanaged<nint, nuint, void>, nuint, nuint, nint, nint>)table[274];
    }

    /// <summary>The functions of the library that is loaded, or null where it is too old or not there.</summary>
    public static NativeApi? Instance { get; } = Find();

    /// <summary>A domain of operators that lives as long as the process.</summary>
    /// <param name="name">Its name in graphs.</param>
    /// <param name="operators">OrtCustomOp structures that live as long.</param>
    public nint Domain(string name, IEnumerable<nint> operators)
    {
        nint domain;
        Check(createDomain((byte*)Marshal.StringToCoTaskMemUTF8(name), &domain));
        foreach (var table in operators)
        {
            Check(addOperator(domain, (void*)table));
        }

        return domain;
    }

    /// <summary>Lets sessions opened with the options run the operators of a domain.</summary>
    public void AddDomain(SessionOptions options, nint domain) => Check(addDomain(options.DangerousGetHandle(), domain));

    /// <summary>A status that tells the runtime of an error.</summary>
    public nint Failure(string text)
    {
        var bytes = Marshal.StringToCoTaskMemUTF8(text);
        var status = createStatus(1, (byte*)bytes);
        Marshal.FreeCoTaskMem(bytes);
        return status;
    }

    /// <summary>A whole-number list among a node's attributes.</summary>
    public long[] Numbers(nint info, string attribute)
    {
        var name = Marshal.StringToCoTaskMemUTF8(attribute);
        try
        {
            nuint count = 0;
            Check(numbers(info, (byte*)name, null, &count));
            var values = new long[count];
            fixed (long* place = values)
            {
                Check(numbers(info, (byte*)name, place, &count));
            }

            return values;
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }
    }

    /// <summary>A number among a node's attributes.</summary>
    public float Number(nint info, string attribute)
    {
        var name = Marshal.StringToCoTaskMemUTF8(attribute);
        float value;
        var status = number(info, (byte*)name, &value);
        Marshal.FreeCoTaskMem(name);
        Check(status);
        return value;
    }

    /// <summary>An input of a run with its extents; null where it is left out.</summary>
    public KernelTensor? Input(nint context, int index)
    {
        nint value, shape;
        Check(input(context, (nuint)index, &value));
        if (value == 0)
        {
            return null;
        }

        nuint count;
        Check(shapeOf(value, &shape));
        Check(rank(shape, &count));
        var dims = new long[count];
        fixed (long* place = dims)
        {
            Check(extents(shape, place, count));
        }

        releaseShape(shape);
        return new KernelTensor(Data(value), dims);
    }

    /// <summary>Allocates an output of a run.</summary>
    public KernelTensor Output(nint context, int index, long[] dims)
    {
        nint value;
        fixed (long* place = dims)
        {
            Check(output(context, (nuint)index, place, (nuint)dims.Length, &value));
        }

        return new KernelTensor(Data(value), dims);
    }

    /// <summary>Calls back for 0 to <paramref name="count"/> - 1 on the threads of the session.</summary>
    public void Parallel(nint context, delegate* unmanaged<nint, nuint, void> work, int count, nint state) =>
        Check(parallel(context, work, (nuint)count, 0, state));

    private float* Data(nint value)
    {
        void* place;
        Check(data(value, &place));
        return (float*)place;
    }

    private void Check(nint status)
    {
        if (status != 0)
        {
            var text = Marshal.PtrToStringUTF8((nint)message(status));
            releaseStatus(status);
            throw new InvalidOperationException($"ONNX Runtime: {text}");
        }
    }

    private static NativeApi? Find()
    {
        if (!NativeLibrary.TryLoad("onnxruntime", typeof(InferenceSession).Assembly, null, out var library)
            || !NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var entry))
        {
            return null;
        }

        var root = ((delegate* unmanaged<nint*>)entry)();
        var table = ((delegate* unmanaged<uint, nint*>)root[0])(Version);
        return table == null ? null : new NativeApi(table);
    }
}

/// <summary>A float32 tensor of a run.</summary>
/// <param name="data">Its elements.</param>
/// <param name="dims">Its extents.</param>
internal readonly unsafe struct KernelTensor(float* data, long[] dims)
{
    /// <summary>The first element.</summary>
    public float* Data => data;

    /// <summary>The extents.</summary>
    public long[] Dims => dims;

    /// <summary>An extent.</summary>
    public int this[int axis] => (int)dims[axis];

    /// <summary>The number of elements.</summary>
    public long Count => dims.Aggregate(1L, static (product, dim) => product * dim);
}
