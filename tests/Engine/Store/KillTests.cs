using System.Diagnostics;
using SkiaSharp;

namespace OnnxTransfer.Engine.Tests;

/// <summary>The tool itself, killed as an operating system kills: no handler runs, nothing is tidied up.</summary>
[Category("Slow")]
internal sealed class KillTests
{
    private const int Photos = 40;
    private const int NotBuilt = 5;
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(3);

    [Test]
    public void Killed_at_any_moment_it_goes_on_and_ends_with_the_same_bytes()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("needs a system that runs the tool's script");
        }

        var folder = Directory.CreateTempSubdirectory("onnxtransfer-kill-").FullName;
        try
        {
            MakePhotos(Path.Combine(folder, "photos"));
            RunToTheEnd(folder, "whole");
            var expected = SmallNetwork.Files(Path.Combine(folder, "whole"));
            var random = new Random(11);
            for (var round = 0; round < 5; round++)
            {
                var store = Path.Combine(folder, $"killed{round}");
                Kill(folder, store, lines: random.Next(Photos / 4), more: TimeSpan.FromMilliseconds(random.Next(40)));
                var finished = FinishedBlocks(store);
                TestContext.Out.WriteLine($"Killed with {finished.Count} of {Photos / 4} blocks finished.");
                RunToTheEnd(folder, store);
                Assert.Multiple(() =>
                {
                    Assert.That(SmallNetwork.Files(store), Is.EqualTo(expected));
                    Assert.That(finished, Is.SubsetOf(FinishedBlocks(store)), "a finished block is not written again");
                });
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void RunToTheEnd(string folder, string store)
    {
        var run = Programs.Run(folder, Most, Repository.Tool, Arguments(store))!;
        if (run.Status == NotBuilt && run.Everything.Contains("not built", StringComparison.Ordinal))
        {
            Assert.Ignore("needs the tool: make build");
        }

        Assert.That(run.Status, Is.Zero, run.Everything);
    }

    // The moment: a while after the index got this many lines.
    private static void Kill(string folder, string store, int lines, TimeSpan more)
    {
        using var process = Process.Start(new ProcessStartInfo(Repository.Tool, Arguments(store))
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (FinishedBlocks(store).Count < lines && !process.HasExited)
        {
            Thread.Sleep(1);
        }

        Thread.Sleep(more);
        process.Kill();
        process.WaitForExit();
    }

    private static string[] Arguments(string store) => ["extract", "photos", "-o", store, "--block", "4", "--size", "64", "--tap", "stage1"];

    // Blocks that whole lines of the index name, and when they were written.
    private static List<(string Name, DateTime Written)> FinishedBlocks(string store) =>
        [.. StoreIndex.Read(Path.Combine(store, "index.jsonl")).Entries
            .Select(entry => (entry.File, File.GetLastWriteTimeUtc(Path.Combine(store, "blocks", entry.File))))];

    private static void MakePhotos(string folder)
    {
        var random = new Random(3);
        for (var i = 0; i < Photos; i++)
        {
            using var bitmap = new SKBitmap(96, 80);
            using var canvas = new SKCanvas(bitmap);
            using var paint = new SKPaint();
            for (var disc = 0; disc < 12; disc++)
            {
                paint.Color = new SKColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
                canvas.DrawCircle(random.Next(96), random.Next(80), random.Next(5, 40), paint);
            }

            canvas.Flush();
            using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
            var file = Path.Combine(folder, i % 2 == 0 ? "even" : "odd", $"{i:D2}.jpg");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, jpeg.ToArray());
        }
    }
}
