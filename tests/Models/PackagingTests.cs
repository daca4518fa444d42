using System.Diagnostics;
using System.IO.Compression;

namespace OnnxTransfer.Models.Tests;

internal sealed class PackagingTests
{
    private string _folder = string.Empty;

    private static IEnumerable<string> Statistics =>
        Directory.GetFiles(ModelFolder.Root, "*.statistics.json", SearchOption.AllDirectories).Select(file => Path.GetFileName(file));

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("onnxtransfer-models-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private static (int Status, string Output) Dotnet(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = ModelFolder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private (int Status, string Output) Verify() =>
        Dotnet("msbuild", "-nologo", "-t:VerifyPretrainedModels", $"-p:PretrainedModelsRoot={_folder}/");

    [Test]
    public void There_is_a_model_and_every_file_beside_the_application_is_one_of_a_model_or_statistics()
    {
        Assert.That(ModelFolder.All.Select(folder => folder.Name), Does.Contain("resnet18"));
        var expected = ModelFolder.All.SelectMany(folder => (string[])
        [
            $"{folder.Name}.license.txt", $"{folder.Name}.onnx", $"{folder.Name}.recipe.json",
        ]);
        Assert.That(Directory.GetFiles(ModelFolder.Beside(string.Empty)).Select(Path.GetFileName), Is.EquivalentTo(expected.Concat(Statistics)));
    }

    [Test]
    public void A_model_with_another_hash_fails_the_build_with_a_sentence()
    {
        foreach (var folder in ModelFolder.All)
        {
            var file = Path.Combine(_folder, folder.Declared("File"));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "not the model");
        }

        var (status, output) = Verify();
        Assert.That(status, Is.Not.Zero);
        Assert.That(output, Does.Contain("error : Model resnet18 is not the one its card describes"));
    }

    [Test]
    public void A_missing_model_fails_the_build_with_a_sentence()
    {
        var (status, output) = Verify();
        Assert.That(status, Is.Not.Zero);
        Assert.That(output, Does.Contain("error : Model resnet18 is missing"));
    }

    [Test]
    [Category("Slow")]
    public void The_package_holds_the_models_their_cards_and_what_places_them()
    {
        var (status, output) = Dotnet("pack", "--configuration", "Release", "--output", _folder);
        Assert.That(status, Is.Zero, output);
        using var package = ZipFile.OpenRead(Directory.GetFiles(_folder, "*.nupkg").Single());
        var entries = package.Entries.ToDictionary(entry => entry.FullName, entry => entry.Length);
        foreach (var folder in ModelFolder.All)
        {
            Assert.That(entries[$"models/{folder.Name}.onnx"], Is.EqualTo(new FileInfo(folder.Model).Length));
            Assert.That(entries.Keys, Does.Contain($"models/{folder.Name}.recipe.json").And.Contain($"models/{folder.Name}.license.txt"));
            Assert.That(entries.Keys, Does.Contain($"{folder.Name}/README.md"));
        }

        Assert.That(entries.Keys.Where(entry => entry.StartsWith("models/", StringComparison.Ordinal)), Is.SupersetOf(Statistics.Select(file => $"models/{file}")));

        Assert.That(entries.Keys, Does.Contain("build/OnnxTransfer.Models.targets").And.Contain("buildTransitive/OnnxTransfer.Models.targets"));
    }
}
