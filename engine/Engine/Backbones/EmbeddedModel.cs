namespace OnnxTransfer.Engine;

/// <summary>The pretrained network that lies beside every application of this project.</summary>
public static class EmbeddedModel
{
    /// <summary>The folder beside the application with what comes with it: models, recipes, licences, reference statistics.</summary>
    public static string Folder => System.IO.Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>The file of the default backbone: ImageNet ResNet-18.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it is not there.</exception>
    public static string Path()
    {
        var path = System.IO.Path.Combine(Folder, "resnet18.onnx");
        return File.Exists(path)
            ? path
            : throw new OnnxTransferException(
                FailureKind.Machine, $"The default backbone is not at {path}; add the package OnnxTransfer.Models to the application, or name a model of your own (--model FILE.onnx).");
    }
}
