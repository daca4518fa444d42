namespace OnnxTransfer.Datasets.Tests;

public sealed class FolderDatasetTests
{
    private static IEnumerable<string> Ids(LabelledImages images) => images.Select(image => image.Id);

    private static IEnumerable<string?> Labels(LabelledImages images) => images.Select(image => image.Label);

    [Test]
    public void A_folder_per_class_gives_labels_in_the_ordinal_order_of_ids()
    {
        using var folder = new TemporaryFolder().With("b/2.jpg", "b/10.jpg", "Z/1.png", "a/x.webp");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(Ids(images), Is.EqualTo((string[])["Z/1.png", "a/x.webp", "b/10.jpg", "b/2.jpg"]));
        Assert.That(Labels(images), Is.EqualTo((string[])["Z", "a", "b", "b"]));
        Assert.That(images.Classes, Is.EqualTo((string[])["Z", "a", "b"]));
        Assert.That(images.Splits, Is.Empty);
        Assert.That(images.Notes, Is.Empty);
    }

    [Test]
    public void The_order_of_ids_is_ordinal_over_the_whole_path_and_not_folder_by_folder()
    {
        using var folder = new TemporaryFolder().With("a/z.jpg", "a-b/z.jpg", "a b/z.jpg", "é/z.jpg", "a/b/z.jpg");
        var ids = Ids(LabelledImages.FromFolder(folder.Path)).ToList();
        Assert.That(ids, Is.EqualTo(ids.Order(StringComparer.Ordinal)));
        Assert.That(ids, Has.Count.EqualTo(5));
    }

    [Test]
    public void A_class_is_the_first_level_and_the_id_keeps_the_path()
    {
        using var folder = new TemporaryFolder().With("cats/kittens/young/1.jpg", "cats/2.jpg", "dogs/3.jpg");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(Ids(images), Is.EqualTo((string[])["cats/2.jpg", "cats/kittens/young/1.jpg", "dogs/3.jpg"]));
        Assert.That(Labels(images), Is.EqualTo((string[])["cats", "cats", "dogs"]));
    }

    [TestCase(".jpg")]
    [TestCase(".jpeg")]
    [TestCase(".JPEG")]
    [TestCase(".Png")]
    [TestCase(".bmp")]
    [TestCase(".gif")]
    [TestCase(".WEBP")]
    public void Every_ending_is_read_in_any_case(string ending)
    {
        using var folder = new TemporaryFolder().With("a/1" + ending);
        Assert.That(LabelledImages.FromFolder(folder.Path), Has.Count.EqualTo(1));
    }

    [Test]
    public void Train_test_and_val_become_splits_in_any_spelling()
    {
        using var folder = new TemporaryFolder().With("Train/a/1.jpg", "Train/b/2.jpg", "TEST/a/3.jpg", "validation/b/4.jpg");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(images.Splits, Is.EqualTo((string[])["test", "train", "val"]));
        Assert.That(images.Classes, Is.EqualTo((string[])["a", "b"]));
        Assert.That(Ids(images.OfSplit("test")), Is.EqualTo((string[])["TEST/a/3.jpg"]));
        Assert.That(Ids(images.OfSplit("val")), Is.EqualTo((string[])["validation/b/4.jpg"]));
    }

    [Test]
    public void Train_alone_is_a_set_of_one_part_that_is_split_when_needed()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg", "train/a/2.jpg", "train/b/3.jpg", "train/b/4.jpg");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(images.Classes, Is.EqualTo((string[])["a", "b"]));
        var split = images.SplitTrainTest();
        Assert.That((split.WasGiven, split.Train.Count, split.Test.Count), Is.EqualTo((false, 2, 2)));
    }

    [Test]
    public void A_class_called_train_stays_a_class_among_others()
    {
        using var folder = new TemporaryFolder().With("train/1.jpg", "bus/2.jpg", "car/old/3.jpg");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(images.Classes, Is.EqualTo((string[])["bus", "car", "train"]));
        Assert.That(images.Splits, Is.Empty);
    }

    [Test]
    public void Folders_beside_the_parts_are_left_out_with_a_note()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg", "train/b/2.jpg", "extra/a/3.jpg", "cover.png");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(Ids(images), Is.EqualTo((string[])["train/a/1.jpg", "train/b/2.jpg"]));
        Assert.That(images.Notes, Has.Some.Contain("1 image in extra/").And.Some.Contain("directly in"));
    }

    [Test]
    public void Parts_without_classes_are_images_without_labels()
    {
        using var folder = new TemporaryFolder().With("train/1.jpg", "test/2.jpg");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(images.Classes, Is.Empty);
        Assert.That(images.Select(image => image.Split), Is.EqualTo((string[])["test", "train"]));
    }

    [Test]
    public void Images_in_no_class_of_a_part_are_left_out_with_a_note()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg", "test/a/2.jpg", "test/stray.jpg");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(images, Has.Count.EqualTo(2));
        Assert.That(images.Notes, Has.Some.EqualTo("Left out 1 image directly in test/, in no class."));
    }

    [Test]
    public void A_flat_folder_is_a_set_without_labels()
    {
        using var folder = new TemporaryFolder().With("1.jpg", "2.JPG");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(Labels(images), Is.EqualTo((string?[])[null, null]));
        Sentences.Fails(FailureKind.Data, () => images.SplitTrainTest(), "no labels");
    }

    [Test]
    public void Images_beside_class_folders_are_left_out_with_a_note()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg", "b/2.jpg", "overview.png");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(images, Has.Count.EqualTo(2));
        Assert.That(images.Notes.Single(), Does.StartWith("Left out 1 image directly in").And.Contain(folder.Path));
    }

    [Test]
    public void Everything_that_is_no_image_is_counted_and_left_out()
    {
        using var folder = new TemporaryFolder().With(
            "a/1.jpg", "a/.hidden.jpg", "a/Thumbs.db", "a/notes.txt", "b/more.TXT", "b/scan.tiff", "b/LICENSE", ".git/x.jpg", "__MACOSX/a/1.jpg");
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(Ids(images), Is.EqualTo((string[])["a/1.jpg"]));
        Assert.That(images.Notes, Is.EqualTo((string[])[
            $"Left out 1 file of formats that are not read (.tiff 1); convert them to one of {ImageFormats.Endings}.",
            "Left out 4 files that are not images (.db 1, .txt 2, no ending 1).",
            "Left out 3 hidden files and folders."]));
    }

    [Test]
    public void Links_are_followed_and_circles_end()
    {
        using var elsewhere = new TemporaryFolder().With("3.jpg");
        using var folder = new TemporaryFolder().With("a/1.jpg", "b/2.jpg");
        Directory.CreateSymbolicLink(folder["a/up"], "..");
        Directory.CreateSymbolicLink(folder["a/self"], ".");
        Directory.CreateSymbolicLink(folder["c"], elsewhere.Path);
        File.CreateSymbolicLink(folder["b/linked.jpg"], "../a/1.jpg");
        File.CreateSymbolicLink(folder["b/broken.jpg"], "nowhere.jpg");
        Directory.CreateSymbolicLink(elsewhere["back"], folder.Path);
        var images = LabelledImages.FromFolder(folder.Path);
        Assert.That(Ids(images), Is.EqualTo((string[])["a/1.jpg", "b/2.jpg", "b/linked.jpg", "c/3.jpg"]));
        Assert.That(images.Notes, Is.EqualTo((string[])[
            "Left out 1 link that leads nowhere.", "Left out 3 links to folders that are read elsewhere."]));
    }

    [Test]
    public void A_link_that_leads_to_itself_is_left_out()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg");
        File.CreateSymbolicLink(folder["a/loop.jpg"], "loop.jpg");
        Assert.That(Ids(LabelledImages.FromFolder(folder.Path)), Is.EqualTo((string[])["a/1.jpg"]));
    }

    [Test]
    public void The_folder_itself_may_be_a_link()
    {
        using var folder = new TemporaryFolder().With("real/a/1.jpg");
        Directory.CreateSymbolicLink(folder["link"], "real");
        var image = LabelledImages.FromFolder(folder["link"]).Single();
        Assert.That(image.Id, Is.EqualTo("a/1.jpg"));
        Assert.That(image.Content.Path, Is.EqualTo(folder["link/a/1.jpg"]));
    }

    [TestCase("real")]
    [TestCase("real/")]
    [TestCase("real//.")]
    [TestCase("parent/real")]
    [TestCase("parent/real/")]
    [TestCase("inside/../real/")]
    public void However_a_folder_is_called_it_is_read_once(string name)
    {
        using var folder = new TemporaryFolder().With("top/real/a/1.jpg", "top/real/a/2.jpg", "top/other/3.jpg");
        Directory.CreateSymbolicLink(folder["top/parent"], ".");
        Directory.CreateSymbolicLink(folder["inside"], "top/other");
        Directory.CreateSymbolicLink(folder["parent"], "top");
        Directory.CreateSymbolicLink(folder["real"], "top/real");
        Directory.CreateSymbolicLink(folder["top/real/b"], "../real");
        Directory.CreateSymbolicLink(folder["top/real/c"], folder["parent/real"]);
        Directory.CreateSymbolicLink(folder["top/real/a/self"], ".");
        var images = LabelledImages.FromFolder(folder.Path + "/" + name);
        Assert.That(Ids(images), Is.EqualTo((string[])["a/1.jpg", "a/2.jpg"]));
        Assert.That(Labels(images), Is.EqualTo((string[])["a", "a"]));
        Assert.That(images.Notes, Is.EqualTo((string[])["Left out 3 links to folders that are read elsewhere."]));
    }

    [Test]
    public void An_empty_folder_is_an_error_that_says_what_an_image_is()
    {
        using var folder = new TemporaryFolder();
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromFolder(folder.Path), "no image", folder.Path, "empty", ".jpg");
    }

    [Test]
    public void A_folder_without_images_says_what_was_seen()
    {
        using var folder = new TemporaryFolder().With("a/1.heic", "a/2.heic");
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromFolder(folder.Path), "no image", ".heic 2", "convert");
    }

    [Test]
    public void A_missing_folder_is_an_error() =>
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromFolder("/no/such/folder"), "no folder", "/no/such/folder");

    [Test]
    public void A_folder_that_must_not_be_read_is_an_error_of_the_machine()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("needs a Unix user without the right to read everything");
            return;
        }

        using var folder = new TemporaryFolder().With("a/1.jpg", "b/2.jpg");
        var mode = File.GetUnixFileMode(folder["b"]);
        File.SetUnixFileMode(folder["b"], UnixFileMode.None);
        try
        {
            Sentences.Fails(FailureKind.Machine, () => LabelledImages.FromFolder(folder.Path), folder["b"], "permission");
        }
        finally
        {
            File.SetUnixFileMode(folder["b"], mode);
        }
    }
}
