using OnnxTransfer.Engine;

namespace OnnxTransfer.Study;

/// <summary>How sentences call a pooling.</summary>
internal static class PoolingWords
{
    public static string Of(Pooling pooling) => pooling switch
    {
        Pooling.Average => "average pooling",
        Pooling.Maximum => "maximum pooling",
        _ => $"{pooling.ToText()} pooling",
    };
}
