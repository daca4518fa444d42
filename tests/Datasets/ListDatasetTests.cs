using System.Text;

namespace OnnxTransfer.Datasets.Tests;

public sealed class ListDatasetTests
{
    private static LabelledImages Csv(TemporaryFolder folder, string text) => LabelledImages.Open(folder.Write("list.csv", text));

    private static LabelledImages Json(TemporaryFolder folder, string text) => LabelledImages.Open(folder.Write("list.jsonl", text));

    [Test]
    public void A_list_gives_path_label_split_and_group()
    {
        using var folder = new TemporaryFolder().With("x/b.jpg", "x/a.jpg");
        var images = Csv(folder, "Group,Path,Split,Label,width\ng1,x/b.jpg,Validation,007,640\n,x/a.jpg,train,7,480\n");
        Assert.That(images.Select(image => (image.Id, image.Label, image.Split, image.Group)), Is.EqualTo(((string, string?, string?, string?)[])[
            ("x/a.jpg", "7", "train", null), ("x/b.jpg", "007", "val", "g1")]));
        Assert.That(images[0].Content.Path, Is.EqualTo(folder["x/a.jpg"]));
        Assert.That(images.Classes, Is.EqualTo((string[])["007", "7"]));
    }

    [Test]
    public void Json_lines_give_the_same_set_as_csv()
    {
        using var folder = new TemporaryFolder().With("a.jpg", "b, \"c\".jpg");
        var csv = Csv(folder, "path,label,split,group\na.jpg,007,train,1\n\"b, \"\"c\"\".jpg\",\"two\nlines\",test,\n");
        var json = Json(
            folder,
            """
            {"path": "b, \"c\".jpg", "label": "two\nlines", "split": "test", "group": null, "tags": [1, 2]}

            {"path": "a.jpg", "label": "007", "split": "train", "group": 1}
            """);
        Assert.That(json, Is.EqualTo(csv));
        Assert.That(json, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_json_number_is_a_label_as_it_is_written()
    {
        using var folder = new TemporaryFolder().With("a.jpg", "b.jpg");
        var images = Json(folder, "{\"path\":\"a.jpg\",\"label\":1.0}\n{\"path\":\"b.jpg\",\"label\":1}\n");
        Assert.That(images.Classes, Is.EqualTo((string[])["1", "1.0"]));
    }

    [TestCase("path;label\na,b.jpg;x\n")]
    [TestCase("path\tlabel\na,b.jpg\tx\n")]
    [TestCase("path , label \r\n \"a,b.jpg\" , x \r\n")]
    [TestCase("\uFEFFpath,label\n\n\"a,b.jpg\",x")]
    public void Separators_spaces_line_ends_and_byte_order_marks_do_not_matter(string text)
    {
        using var folder = new TemporaryFolder().With("a,b.jpg");
        var image = Csv(folder, text).Single();
        Assert.That((image.Id, image.Label), Is.EqualTo(("a,b.jpg", "x")));
    }

    [Test]
    public void Paths_are_relative_to_the_list_in_any_spelling()
    {
        using var folder = new TemporaryFolder().With("sub/a.jpg", "sub/deep/b.jpg");
        var images = LabelledImages.Open(folder.Write("sub/list.csv", $"path,label\n./deep/../a.jpg,x\ndeep\\b.jpg,y\n"));
        Assert.That(images.Select(image => image.Id), Is.EqualTo((string[])["a.jpg", "deep/b.jpg"]));
        Assert.That(Csv(folder, $"path\n{folder["sub/a.jpg"]}\n").Single().Id, Is.EqualTo("sub/a.jpg"));
    }

    [Test]
    public void A_list_without_labels_is_a_set_without_labels()
    {
        using var folder = new TemporaryFolder().With("a.jpg", "b.jpg");
        Assert.That(Csv(folder, "path\na.jpg\nb.jpg\n").Classes, Is.Empty);
        Assert.That(Csv(folder, "path,label\na.jpg,\nb.jpg,\n").Classes, Is.Empty);
    }

    [TestCase("../secret.jpg")]
    [TestCase("a/../../secret.jpg")]
    [TestCase("..\\secret.jpg")]
    [TestCase("/etc/hostname")]
    [TestCase("..")]
    [TestCase(".")]
    public void A_path_that_lies_outside_names_the_line(string path)
    {
        using var outer = new TemporaryFolder().With("secret.jpg", "in/a.jpg");
        Sentences.Fails(FailureKind.Data, 
            () => LabelledImages.Open(outer.Write("in/list.csv", $"path,label\na.jpg,x\n{path},y\n")), "list.csv, line 3", path, "outside");
    }

    [Test]
    public void A_folder_whose_name_begins_with_dots_lies_inside()
    {
        using var folder = new TemporaryFolder().With("..a/b.jpg");
        Assert.That(Csv(folder, "path\n..a/b.jpg\n").Single().Id, Is.EqualTo("..a/b.jpg"));
    }

    [Test]
    public void A_path_that_does_not_exist_names_the_line()
    {
        using var folder = new TemporaryFolder().With("a.jpg");
        Sentences.Fails(FailureKind.Data, () => Csv(folder, "path,label\na.jpg,\"two\nlines\"\n\nb.jpg,y\n"), "line 5", "no file b.jpg", folder.Path);
        Sentences.Fails(FailureKind.Data, () => Json(folder, "{\"path\":\"a.jpg\"}\n\n{\"path\":\"b.jpg\"}\n"), "line 3", "no file b.jpg");
    }

    [Test]
    public void A_path_with_a_zero_character_names_the_line()
    {
        using var folder = new TemporaryFolder().With("a.jpg");
        Sentences.Fails(FailureKind.Data, () => Json(folder, "{\"path\":\"a.jpg\\u0000\"}\n"), "line 1", "zero character");
    }

    [Test]
    public void The_same_image_twice_names_both_lines()
    {
        using var folder = new TemporaryFolder().With("a.jpg", "b.jpg");
        Sentences.Fails(FailureKind.Data, () => Csv(folder, "path,label\na.jpg,x\nb.jpg,x\n./a.jpg,y\n"), "line 4", "a.jpg", "in line 2");
    }

    [Test]
    public void Labels_missing_for_some_files_name_the_line_and_the_count()
    {
        using var folder = new TemporaryFolder().With("a.jpg", "b.jpg", "c.jpg");
        Sentences.Fails(FailureKind.Data, () => Csv(folder, "path,label\na.jpg,x\nb.jpg,\nc.jpg,  \n"), "line 3", "b.jpg has no label", "2 of 3");
        Sentences.Fails(FailureKind.Data, () => Json(folder, "{\"path\":\"a.jpg\",\"label\":\"x\"}\n{\"path\":\"b.jpg\",\"label\":\" \"}\n"), "line 2", "1 of 2");
    }

    [Test]
    public void A_split_that_is_missing_or_unknown_names_the_line()
    {
        using var folder = new TemporaryFolder().With("a.jpg", "b.jpg");
        Sentences.Fails(FailureKind.Data, () => Csv(folder, "path,split\na.jpg,train\nb.jpg,\n"), "line 3", "split is missing");
        Sentences.Fails(FailureKind.Data, () => Csv(folder, "path,split\na.jpg,train\nb.jpg,holdout\n"), "line 3", "'holdout' is no split");
    }

    [Test]
    public void A_missing_path_names_the_line()
    {
        using var folder = new TemporaryFolder();
        Sentences.Fails(FailureKind.Data, () => Csv(folder, "path,label\n,x\n"), "line 2", "path is missing");
        Sentences.Fails(FailureKind.Data, () => Json(folder, "{\"label\":\"x\"}\n"), "line 1", "path is missing");
    }

    [TestCase("name,label\na.jpg,x\n", "no column 'path'", "'name', 'label'")]
    [TestCase("path,label,Label\na.jpg,x,y\n", "'label'", "twice")]
    [TestCase("path,label\na.jpg,x,y\n", "line 2", "separators")]
    [TestCase("path,label\na.jpg\n", "line 2", "separators")]
    [TestCase("path,label\n\"a.jpg,x\n", "line 2", "quotes")]
    [TestCase("path,label\n\"a\".jpg,x\n", "line 2", "quotes")]
    [TestCase("path,label\n", "names no image", "list.csv")]
    [TestCase("", "is empty", "list.csv")]
    [TestCase(" \n\n", "is empty", "list.csv")]
    public void A_broken_csv_says_where_and_why(string text, string first, string second)
    {
        using var folder = new TemporaryFolder().With("a.jpg");
        Sentences.Fails(FailureKind.Data, () => Csv(folder, text), first, second);
    }

    [TestCase("[1]", "line 1", "no JSON object")]
    [TestCase("{\"path\":\"a.jpg\"}\n{", "line 2", "not JSON")]
    [TestCase("{\"path\":\"a.jpg\"} trailing", "line 1", "not JSON")]
    [TestCase("{\"path\":1}", "line 1", "\"path\"")]
    [TestCase("{\"path\":\"a.jpg\",\"label\":[1]}", "line 1", "\"label\"")]
    [TestCase("{\"path\":\"\\ud800\"}", "line 1", "escape")]
    [TestCase("\n", "names no image", "list.jsonl")]
    public void Broken_json_lines_say_where_and_why(string text, string first, string second)
    {
        using var folder = new TemporaryFolder().With("a.jpg");
        Sentences.Fails(FailureKind.Data, () => Json(folder, text), first, second);
    }

    [Test]
    public void A_quote_that_never_ends_does_not_swallow_the_file()
    {
        using var folder = new TemporaryFolder().With("a.jpg");
        Sentences.Fails(FailureKind.Data, 
            () => Csv(folder, "path,label\n\"a.jpg,x\n" + string.Concat(Enumerable.Repeat("a.jpg,x\n", 100_000))), "line 2", "quotes");
    }

    [Test]
    public void Text_that_is_not_utf8_says_so()
    {
        using var folder = new TemporaryFolder();
        var latin = Encoding.Latin1.GetBytes("path,label\nblüte.jpg,x\n");
        Sentences.Fails(FailureKind.Data, () => LabelledImages.Open(folder.Write("list.csv", latin)), "not UTF-8");
        Sentences.Fails(FailureKind.Data, () => LabelledImages.Open(folder.Write("list.jsonl", latin)), "not UTF-8");
    }

    [Test]
    public void A_missing_list_is_an_error() =>
        Sentences.Fails(FailureKind.Data, () => LabelledImages.FromCsv("/no/such/list.csv"), "no /no/such/list.csv");
}
