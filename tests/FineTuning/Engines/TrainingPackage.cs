using Tools = OnnxTransfer.Engine.Tests.Programs;

namespace OnnxTransfer.FineTuning.Tests.Engines;

/// <summary>npm's build of ONNX Runtime Training, installed once into artifacts/; tests are skipped, with the reason, where it cannot be.</summary>
internal static class TrainingPackage
{
    private static readonly Lock Installing = new();

    /// <summary>The folder of package.json.</summary>
    public static string Folder()
    {
        var folder = Repository.PathOf("artifacts", "ort-training");
        lock (Installing)
        {
            if (Tools.Run(Repository.Root, TimeSpan.FromSeconds(60), "node", "--version") is not { Status: 0 })
            {
                Assert.Ignore("needs Node.js (node, npm)");
            }

            if (!Installed(folder))
            {
                Install(folder);
            }
        }

        return folder;
    }

    // npm writes this list last.
    private static bool Installed(string folder) => File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"));

    private static void Install(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in (string[])["package.json", "package-lock.json"])
        {
            File.Copy(Repository.PathOf("engine", "FineTuning", "Engines", "OnnxRuntimeTraining", "node", file), Path.Combine(folder, file), overwrite: true);
        }

        var install = Tools.Run(folder, TimeSpan.FromMinutes(5), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        if (install is not { Status: 0 })
        {
            Assert.Ignore($"needs npm's package onnxruntime-web 1.19.2: {install?.Everything.Trim() ?? "there is no npm"}");
        }
    }
}
