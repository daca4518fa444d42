namespace OnnxTransfer.Engine.Tests;

/// <summary>Pretrained models and photos; a test that needs one is skipped, with the reason, where it is missing.</summary>
internal static class PublishedFiles
{
    /// <summary>The embedded ResNet-18, which the build places beside the tests.</summary>
    public static string ResNet18()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "models", "resnet18.onnx");
        if (!File.Exists(path))
        {
            Assert.Ignore("needs models/resnet18.onnx beside the tests");
        }

        return path;
    }

    /// <summary>A file of the folder `shared` beside the repository, or of ONNXTRANSFER_SHARED.</summary>
    public static string Shared(string relative)
    {
        var root = Environment.GetEnvironmentVariable("ONNXTRANSFER_SHARED") ?? BesideTheRepository();
        var path = root is null ? null : Path.Combine(root, relative);
        if (path is null || !File.Exists(path))
        {
            Assert.Ignore($"needs shared/{relative}");
        }

        return Path.GetFullPath(path!);
    }

    private static string? BesideTheRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OnnxTransfer.sln")))
            {
                return Path.Combine(folder.FullName, "..", "shared");
            }
        }

        return null;
    }
}
