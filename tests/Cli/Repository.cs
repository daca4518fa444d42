namespace OnnxTransfer.Cli.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of OnnxTransfer.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>The tool as users run it.</summary>
    public static string Tool => Path.Combine(Root, "onnxtransfer");

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
