using System.Diagnostics;

namespace OnnxTransfer.Datasets.Tests;

public sealed class WholeFileTests
{
    [Test]
    public void A_file_is_replaced_and_nothing_else_left()
    {
        using var folder = new TemporaryFolder();
        folder.Write("x.txt", "old");
        WholeFile.WriteText(folder["x.txt"], "new");
        Assert.That(File.ReadAllText(folder["x.txt"]), Is.EqualTo("new"));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_link_stays_and_what_it_leads_to_is_written()
    {
        using var folder = new TemporaryFolder();
        folder.Write("real/x.txt", "old");
        Directory.CreateSymbolicLink(folder["linked"], "real");
        File.CreateSymbolicLink(folder["real/one.txt"], "../real/x.txt");
        File.CreateSymbolicLink(folder["two.txt"], "linked/one.txt");
        File.CreateSymbolicLink(folder["new.txt"], "real/new.txt");
        WholeFile.WriteText(folder["two.txt"], "new");
        WholeFile.WriteText(folder["new.txt"], "made");
        Assert.That(new FileInfo(folder["two.txt"]).LinkTarget, Is.EqualTo("linked/one.txt"));
        Assert.That(new FileInfo(folder["real/one.txt"]).LinkTarget, Is.Not.Null);
        Assert.That(File.ReadAllText(folder["real/x.txt"]), Is.EqualTo("new"));
        Assert.That(File.ReadAllText(folder["real/new.txt"]), Is.EqualTo("made"));
    }

    [Test]
    public void Links_in_a_circle_and_folders_are_one_sentence()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["a"], "b");
        File.CreateSymbolicLink(folder["b"], "a");
        Sentences.Fails(FailureKind.Machine, () => WholeFile.WriteText(folder["a"], "x"), folder["a"], "links");
        Sentences.Fails(FailureKind.Machine, () => WholeFile.WriteText(folder.Path, "x"), folder.Path, "is a folder");
        Sentences.Fails(FailureKind.Machine, () => WholeFile.WriteText(folder["none/x"], "x"), folder["none/x"]);
    }

    [Test]
    public void A_pipe_or_a_device_is_written_to_and_stays()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("needs Unix");
        }

        using var folder = new TemporaryFolder();
        Process.Start("mkfifo", folder["pipe"]).WaitForExit();
        var read = Task.Run(() => File.ReadAllText(folder["pipe"]));
        WholeFile.WriteText(folder["pipe"], "through");
        Assert.That(read.Wait(TimeSpan.FromSeconds(20)));
        Assert.That(read.Result, Is.EqualTo("through"));
        File.CreateSymbolicLink(folder["null"], "/dev/null");
        WholeFile.WriteText(folder["null"], "nowhere");
        WholeFile.WriteText("/dev/null", "nowhere");
        Assert.That(new FileInfo("/dev/null").Length, Is.Zero);
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(2));
    }

    [Test]
    public void A_pipe_among_images_does_not_block()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("needs Unix");
        }

        using var folder = new TemporaryFolder();
        Process.Start("mkfifo", [folder["x.jpg"]]).WaitForExit();
        Process.Start("mkfifo", [folder["list.csv"]]).WaitForExit();
        Assert.That(new ImageFile(folder["x.jpg"]).Read(), Is.Empty);
        Assert.That(new ImageFile("/dev/zero").Read(), Is.Empty);
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromCsv(folder["list.csv"]), "list.csv", "a pipe or a device");
    }
}
