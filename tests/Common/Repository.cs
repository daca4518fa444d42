namespace OnnxTransfer.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of OnnxTransfer.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>The tool as users run it, once it is built.</summary>
    public static string Tool => PathOf("onnxtransfer");

    /// <summary>A path in the checkout.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
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
