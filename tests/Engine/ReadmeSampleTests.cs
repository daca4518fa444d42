using System.Text.RegularExpressions;
using SkiaSharp;

namespace OnnxTransfer.Engine.Tests;

/// <summary>The library sample of README.md: its own text is compiled and run on made-up photos of flowers.</summary>
[Category("Slow")]
internal sealed partial class ReadmeSampleTests
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TreatWarningsAsErrors>false</TreatWarningsAsErrors>
            <GenerateDocumentationFile>false</GenerateDocumentationFile>
            <EnforceCodeStyleInBuild>false</EnforceCodeStyleInBuild>
            <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
          </PropertyGroup>
          <ItemGroup>
            <Compile Include="Program.cs" />
            <PackageReference Include="$(OrtPackage)" />
            <ProjectReference Include="../../engine/Engine/OnnxTransfer.Engine.csproj" />
            <ProjectReference Include="../../onnx-models/OnnxTransfer.Models.csproj" ReferenceOutputAssembly="false" />
          </ItemGroup>
        </Project>
        """;

    private static readonly (string Name, SKColor Colour)[] Flowers =
        [("daisy", SKColors.White), ("rose", SKColors.Crimson), ("sunflower", SKColors.Gold)];

    [Test]
    public void The_sample_compiles_runs_and_knows_a_rose()
    {
        var program = Build(Sample());
        var folder = Directory.CreateTempSubdirectory("onnxtransfer-readme-").FullName;
        try
        {
            Plant(folder);
            var run = Programs.Run(folder, TimeSpan.FromMinutes(5), "dotnet", program)!;
            Assert.That(run.Status, Is.Zero, run.Everything);
            var lines = run.Output.TrimEnd().Split('\n');
            Assert.That(lines, Has.Length.EqualTo(2), run.Everything);
            Assert.That(lines[0], Does.Match(@"^(100|9\d)\.\d ?%, gap -?\d\.\dE-\d+$"));
            Assert.That(lines[1].Trim(), Is.EqualTo("rose"));
            Assert.That(Path.Combine(folder, "flowers.onnx"), Does.Exist);
            Assert.That(Path.Combine(folder, "train.codes"), Does.Exist);
            Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "flowers.onnx", "rose.jpg" }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Sample() => CSharp().Match(File.ReadAllText(Repository.PathOf("README.md"))) is { Success: true } block
        ? block.Groups[1].Value
        : throw new AssertionException("README.md has no C# sample.");

    private static string Build(string sample)
    {
        var folder = Directory.CreateDirectory(Repository.PathOf("artifacts", "readme-sample")).FullName;
        File.WriteAllText(Path.Combine(folder, "ReadmeSample.csproj"), Project);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), sample);
        var build = Programs.Run(folder, TimeSpan.FromMinutes(10), "dotnet", "build", "--configuration", "Release", "--verbosity", "quiet")!;
        Assert.That(build.Status, Is.Zero, build.Everything);
        return Repository.PathOf("artifacts", "bin", "ReadmeSample", "release", "ReadmeSample.dll");
    }

    // Twelve photos of each flower: petals in its colour around a dark heart, of different size and place, on grassy grain.
    private static void Plant(string folder)
    {
        var random = new Random(11);
        foreach (var (name, colour) in Flowers)
        {
            Directory.CreateDirectory(Path.Combine(folder, "flowers", name));
            for (var i = 0; i < 12; i++)
            {
                Paint(Path.Combine(folder, "flowers", name, $"{i:D2}.jpg"), colour, random);
            }
        }

        Paint(Path.Combine(folder, "rose.jpg"), Flowers[1].Colour, random);
    }

    private static void Paint(string path, SKColor colour, Random random)
    {
        using var bitmap = new SKBitmap(160, 120);
        for (var i = 0; i < 160 * 120; i++)
        {
            bitmap.SetPixel(i % 160, i / 160, new SKColor(30, (byte)(90 + random.Next(60)), 30));
        }

        using var canvas = new SKCanvas(bitmap);
        using var petals = new SKPaint { Color = colour };
        using var heart = new SKPaint { Color = SKColors.SaddleBrown };
        var (x, y, radius) = (60 + random.Next(40), 45 + random.Next(30), 25 + random.Next(15));
        canvas.DrawCircle(x, y, radius, petals);
        canvas.DrawCircle(x, y, radius / 4f, heart);
        canvas.Flush();
        using var stream = File.Create(path);
        bitmap.Encode(stream, SKEncodedImageFormat.Jpeg, 90);
    }

    [GeneratedRegex("```csharp\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
