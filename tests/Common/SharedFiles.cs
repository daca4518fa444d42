namespace OnnxTransfer.Tests;

/// <summary>Files that are not part of the repository; a test that needs one is skipped, with the reason, where it is missing.</summary>
internal static class SharedFiles
{
    /// <summary>A file of the folder `shared` beside the repository, or of the one that ONNXTRANSFER_SHARED names.</summary>
    public static string Path(string relative)
    {
        var shared = Environment.GetEnvironmentVariable("ONNXTRANSFER_SHARED") ?? Repository.PathOf("..", "shared");
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(shared, relative));
        if (!File.Exists(path))
        {
            Assert.Ignore($"needs shared/{relative}: not found");
        }

        return path;
    }

    /// <summary>The embedded ResNet-18: beside the tests where the build places it, else in the folder of NuGet packages.</summary>
    public static string ResNet18()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string[] places =
        [
            System.IO.Path.Combine(AppContext.BaseDirectory, "models", "resnet18.onnx"),
            System.IO.Path.Combine(
                packages, "microsoft.ml.dnnimagefeaturizer.resnet18", "0.23.1", "tools", "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx"),
        ];
        if (Array.Find(places, File.Exists) is not { } path)
        {
            Assert.Ignore("needs the NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1 restored");
            return string.Empty;
        }

        return path;
    }
}
