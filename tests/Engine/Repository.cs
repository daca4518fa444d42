namespace OnnxTransfer.Engine.Tests;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root, the folder of OnnxTransfer.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path in it.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OnnxTransfer.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No OnnxTransfer.sln above {AppContext.BaseDirectory}.");
    }
}
