namespace OnnxTransfer.FineTuning;

/// <summary>
/// The tables of the format and the numbers of their fields (onnxruntime, onnxruntime/core/flatbuffers/schema/ort_training_checkpoint.fbs
/// and ort.fbs, release 1.19.2).
/// </summary>
internal static class CheckpointFields
{
    /// <summary>What stands at byte 4 of the file.</summary>
    public const string Identifier = "ODTC";

    /// <summary>The only version that release 1.19.2 reads.</summary>
    public const int Version = 2;

    /// <summary>The element type float32.</summary>
    public const int Float32 = 1;

    /// <summary>The one group of parameters that an optimizer has.</summary>
    public const string Group = "group0";

    /// <summary>The property that holds <see cref="ProgramIdentity"/>.</summary>
    public const string Program = "onnxtransfer.program";

    /// <summary>The name of a moment: momentum0, momentum1.</summary>
    public static string Moment(int index) => $"momentum{index}";

    /// <summary>The root table.</summary>
    internal static class Root
    {
        public const int Version = 0, Module = 1, Groups = 2, Properties = 3, Fields = 4;
    }

    /// <summary>The weights.</summary>
    internal static class Module
    {
        public const int Trainable = 0, Frozen = 1, IsNominal = 2, HasExternalData = 3, Fields = 4;
    }

    /// <summary>A tensor.</summary>
    internal static class Tensor
    {
        public const int Name = 0, Dims = 2, Type = 3, Data = 4, Fields = 6;
    }

    /// <summary>The state of an optimizer.</summary>
    internal static class OptimizerGroup
    {
        public const int Name = 0, Step = 1, Rate = 2, States = 3, Fields = 4;
    }

    /// <summary>What an optimizer remembers of a parameter.</summary>
    internal static class ParameterState
    {
        public const int Name = 0, Moments = 1, Fields = 2;
    }

    /// <summary>The property bag.</summary>
    internal static class Properties
    {
        public const int Longs = 0, Floats = 1, Texts = 2, Fields = 3;
    }

    /// <summary>A property of any type.</summary>
    internal static class Property
    {
        public const int Name = 0, Value = 1, Fields = 2;
    }
}
