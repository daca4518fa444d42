using System.Xml.Linq;

namespace OnnxTransfer.Models.Tests;

/// <summary>A folder of onnx-models/ and what its .targets file says.</summary>
internal sealed record ModelFolder(string Name, string Path)
{
    public static string Root { get; } = Repository.PathOf("onnx-models");

    /// <summary>Every folder that declares a model.</summary>
    public static IReadOnlyList<ModelFolder> All { get; } =
        [.. Directory.GetFiles(Root, "*.targets", SearchOption.AllDirectories)
            .Where(file => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(file)) == System.IO.Path.GetFileNameWithoutExtension(file))
            .Select(file => new ModelFolder(System.IO.Path.GetFileNameWithoutExtension(file), System.IO.Path.GetDirectoryName(file)!))
            .OrderBy(folder => folder.Name, StringComparer.Ordinal)];

    /// <summary>The model where the build placed it: beside the application.</summary>
    public string Model => Beside($"{Name}.onnx");

    public string Text(string file) => File.ReadAllText(System.IO.Path.Combine(Path, file));

    /// <summary>A property of the one model that the folder declares: File, Sha256 or Package.</summary>
    public string Declared(string property) =>
        XDocument.Parse(Text($"{Name}.targets")).Descendants("PretrainedModel").Single().Element(property)!.Value;

    public static string Beside(string file) => System.IO.Path.Combine(AppContext.BaseDirectory, "models", file);

    public override string ToString() => Name;
}
