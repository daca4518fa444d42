namespace OnnxTransfer.Onnx.Tests;

/// <summary>Files that are not part of the repository; tests that need one are skipped, with the reason, where it is missing.</summary>
internal static class SharedFiles
{
    /// <summary>The path of a file in the folder `shared` beside the repository, or in ONNXTRANSFER_SHARED.</summary>
    public static string Path(string relative)
    {
        var shared = Environment.GetEnvironmentVariable("ONNXTRANSFER_SHARED") ?? BesideTheRepository();
        var path = shared is null ? null : System.IO.Path.Combine(shared, relative);
        if (path is null || !File.Exists(path))
        {
            Assert.Ignore($"needs shared/{relative}: not found");
        }

        return path!;
    }

    /// <summary>The ResNet-18 of ML.NET, in the folder of NuGet packages.</summary>
    public static string ResNet18()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var path = System.IO.Path.Combine(
            packages, "microsoft.ml.dnnimagefeaturizer.resnet18", "0.23.1", "tools", "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");
        if (!File.Exists(path))
        {
            Assert.Ignore("needs the NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1 restored");
        }

        return path;
    }

    private static string? BesideTheRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "OnnxTransfer.sln")))
            {
                return System.IO.Path.Combine(folder.FullName, "..", "shared");
            }
        }

        return null;
    }
}
