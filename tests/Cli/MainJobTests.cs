using System.Text.Json;
using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.Cli.Tests;

/// <summary>The main job with the embedded backbone, from photos to predictions, through the command line alone.</summary>
public sealed class MainJobTests
{
    private Photos photos = null!;
    private string data = null!;
    private string model = null!;
    private JsonElement fit;

    [OneTimeSetUp]
    public void Fit()
    {
        photos = new Photos();
        data = photos.Folder("shapes", each: 10);
        model = photos["shapes.onnx"];
        fit = Tool.Json("fit", data, "-o", model, "--size", "96");
    }

    [OneTimeTearDown]
    public void Remove() => photos.Dispose();

    [Test]
    public void Fit_learns_the_classes_and_says_how_well()
    {
        Assert.That(fit.GetProperty("testAccuracy").GetDouble(), Is.GreaterThanOrEqualTo(0.8));
        Assert.That(fit.GetProperty("testImages").GetInt32(), Is.EqualTo(6));
        Assert.That(fit.GetProperty("trainImages").GetInt32(), Is.EqualTo(24));
        Assert.That(Strings(fit.GetProperty("labels")), Is.EqualTo(Photos.Classes));
        Assert.That(fit.GetProperty("confusion").EnumerateArray().Sum(row => row.EnumerateArray().Sum(count => count.GetInt32())), Is.EqualTo(6));
        Assert.That(fit.GetProperty("perClass").EnumerateArray().Select(item => item.GetProperty("images").GetInt32()), Is.EqualTo((int[])[2, 2, 2]));
        Assert.That(fit.GetProperty("certificate").GetProperty("relativeGap").GetDouble(), Is.InRange(0, 1e-4));
        var interval = fit.GetProperty("testInterval");
        Assert.That(interval.GetProperty("low").GetDouble(), Is.LessThan(fit.GetProperty("testAccuracy").GetDouble()));
        Assert.That(fit.GetProperty("selection").GetProperty("candidates").GetArrayLength(), Is.GreaterThan(1));
        Assert.That(File.Exists(model));
    }

    [Test]
    public void Fit_for_people_prints_accuracy_classes_confusion_time_and_where_the_model_went()
    {
        var run = Tool.Run("fit", data, "-o", photos["people.onnx"], "--size", "64", "--c", "0.01");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("Test accuracy ").And.Contain("95 % interval").And.Contain("Confusion")
            .And.Contain("discs").And.Contain("Time: extract codes").And.Contain(photos["people.onnx"]).And.Contain("of the optimum")
            .And.Contain("Layer: ").And.Contain("stage1").And.Contain("cross-validated"));
    }

    [Test]
    public void Fit_chooses_its_layer_out_of_the_ends_of_stages()
    {
        var layers = fit.GetProperty("layers").EnumerateArray().ToList();
        Assert.That(layers.Select(layer => layer.GetProperty("alias").GetString()), Is.EqualTo((string[])["stage1", "stage2", "stage3", "stage4"]));
        Assert.That(layers.Select(layer => layer.GetProperty("tap").GetString()), Does.Contain(fit.GetProperty("tap").GetString()));
        Assert.That(layers.Select(layer => layer.GetProperty("pValue").GetDouble()), Has.All.InRange(0, 1).And.Some.EqualTo(1));
        foreach (var layer in layers)
        {
            var interval = layer.GetProperty("cvInterval");
            Assert.That(layer.GetProperty("cvAccuracy").GetDouble(), Is.InRange(interval.GetProperty("low").GetDouble(), interval.GetProperty("high").GetDouble()));
        }

        var named = Tool.Json("fit", data, "-o", photos["named.onnx"], "--size", "64", "--tap", "penultimate", "--c", "0.01");
        Assert.That((named.GetProperty("alias").GetString(), named.GetProperty("layers").GetArrayLength()), Is.EqualTo(("stage4", 0)));
    }

    [Test]
    public void The_same_fit_gives_the_same_model_byte_for_byte()
    {
        Tool.Json("fit", data, "-o", photos["again.onnx"], "--size", "96", "--workers", "1", "--threads", "1");
        Assert.That(File.ReadAllBytes(photos["again.onnx"]), Is.EqualTo(File.ReadAllBytes(model)));
    }

    [Test]
    public void Eval_on_the_same_photos_counts_every_image()
    {
        var eval = Tool.Json("eval", model, data);
        Assert.That(eval.GetProperty("testImages").GetInt32(), Is.EqualTo(30));
        Assert.That(eval.GetProperty("testAccuracy").GetDouble(), Is.GreaterThanOrEqualTo(0.9));
        Assert.That(eval.GetProperty("part").GetString(), Is.EqualTo("all"));
        foreach (var metric in (string[])["balancedAccuracy", "macroF1", "logLoss", "ece"])
        {
            var (value, interval) = (eval.GetProperty(metric).GetProperty("value").GetDouble(), eval.GetProperty(metric).GetProperty("interval"));
            Assert.That(value, Is.InRange(0, 1), metric);
            Assert.That(interval.GetProperty("low").GetDouble(), Is.LessThanOrEqualTo(interval.GetProperty("high").GetDouble()), metric);
        }
    }

    [Test]
    public void Predict_takes_files_folders_globs_and_names_on_standard_input()
    {
        var one = Path.Combine(data, "discs", "00.jpg");
        Assert.That(Images(Tool.Json("predict", model, one)), Is.EqualTo((string[])[one]));
        Assert.That(Images(Tool.Json("predict", model, data)), Has.Length.EqualTo(30));
        Assert.That(Images(Tool.Json("predict", model, Path.Combine(data, "*", "01.jpg"))), Has.Length.EqualTo(3));
        Assert.That(Images(Tool.Json("predict", model, Path.Combine(data, "discs", "..", "**", "0?.jpg"))), Has.Length.EqualTo(30));
        Tool.Fails(FailureKind.Data, ["predict", model, Path.Combine(data, "*", "*.tiff")], "No file matches");
        var before = Console.In;
        try
        {
            Console.SetIn(new StringReader($"{one}\n{Path.Combine(data, "checks", "01.jpg")}\n"));
            Assert.That(Images(Tool.Json("predict", model, "-")), Is.EqualTo((string[])[one, Path.Combine(data, "checks", "01.jpg")]));
        }
        finally
        {
            Console.SetIn(before);
        }
    }

    [Test]
    public void Every_photo_below_a_folder_is_classified_whether_or_not_there_are_folders_beside_it()
    {
        photos.Write("holiday/a.jpg", Photos.Jpeg("discs", new Random(1)));
        photos.Write("holiday/more/b.jpg", Photos.Jpeg("discs", new Random(2)));
        photos.Write("holiday/train/c.jpg", Photos.Jpeg("discs", new Random(3)));
        Assert.That(
            Images(Tool.Json("predict", model, photos["holiday"])).Select(Path.GetFileName),
            Is.EqualTo((string[])["a.jpg", "b.jpg", "c.jpg"]));
    }

    [Test]
    public void A_head_that_is_far_from_its_optimum_is_told_loudly_and_by_the_exit_code()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 200 * 64).Select(_ => random.NextSingle()).ToArray();
        Npy.Write(photos["noise.npy"], new CodeMatrix(values, 200, 64));
        Npy.Write(photos["dice.npy"], (int[])[.. Enumerable.Range(0, 200).Select(i => i < 5 ? i : random.Next(5))]);
        var run = Tool.Run("train", "--codes", photos["noise.npy"], "--labels", photos["dice.npy"], "--c", "1e15", "--gap", "1e-10");
        Assert.That(run.ExitCode, Is.EqualTo((int)FailureKind.Mathematics), run.Output);
        Assert.That(run.Output, Does.Contain("did NOT converge"));
    }

    [Test]
    public void The_backbone_is_not_overwritten_by_the_model()
    {
        var backbone = photos["backbone.onnx"];
        File.Copy(EmbeddedModel.Path(), backbone);
        Tool.Fails(FailureKind.Usage, ["fit", data, "--model", backbone, "--recipe", "caffe", "-o", backbone], "backbone itself");
        Assert.That(new FileInfo(backbone).Length, Is.EqualTo(new FileInfo(EmbeddedModel.Path()).Length));
    }

    [Test]
    public void Predict_prints_the_top_classes_in_order_and_probabilities_add_up()
    {
        var prediction = Tool.Json("predict", model, Path.Combine(data, "stripes", "03.jpg"), "--top", "3").GetProperty("predictions")[0];
        var top = prediction.GetProperty("top").EnumerateArray().Select(item => item.GetProperty("probability").GetDouble()).ToArray();
        Assert.That(top, Is.Ordered.Descending.And.Length.EqualTo(3));
        Assert.That(top.Sum(), Is.EqualTo(1).Within(1e-5));
        Assert.That(prediction.GetProperty("label").GetString(), Is.EqualTo("stripes"));
    }

    [Test]
    public void Predict_as_csv_has_a_header_and_a_line_per_image_and_class()
    {
        var run = Tool.Run("predict", model, Path.Combine(data, "discs"), "--csv", "--top", "2");
        var lines = run.Output.TrimEnd().Split('\n');
        Assert.That(lines[0].TrimEnd(), Is.EqualTo("image,rank,label,probability,error"));
        Assert.That(lines, Has.Length.EqualTo(1 + 20));
    }

    [Test]
    public void A_broken_photo_among_good_ones_is_told_and_the_others_are_classified()
    {
        var broken = photos.Write("broken/bad.jpg", "this is no photo");
        var good = Path.Combine(data, "discs", "00.jpg");
        var run = Tool.Run("predict", model, broken, good, "--json");
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Error, Does.Contain("bad.jpg").And.Contain("1 of 2 images"));
        using var json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("predictions")[0].GetProperty("error").GetString(), Does.Contain("bad.jpg"));
        Assert.That(Tool.Run("predict", model, broken).ExitCode, Is.EqualTo((int)FailureKind.Data));
    }

    [Test]
    public void Codes_of_two_taps_and_poolings_go_to_plain_arrays_and_a_head_trained_on_the_store_becomes_a_model()
    {
        var store = photos["store"];
        var extracted = Tool.Json("extract", data, "-o", store, "--size", "64", "--tap", "stage2,penultimate", "--pooling", "avg,max");
        Assert.That(extracted.GetProperty("columns").GetArrayLength(), Is.EqualTo(4));
        Assert.That(extracted.GetProperty("images").GetInt32(), Is.EqualTo(30));
        var column = extracted.GetProperty("columns")[0];
        var (tap, width) = (column.GetProperty("tap").GetString()!, column.GetProperty("codeLength").GetInt32());
        var written = Tool.Json(
            "codes", store, "--tap", tap, "--pooling", "avg", "--npy", photos["X.npy"], "--labels", photos["y.npy"], "--ids", photos["ids.txt"]);
        Assert.That(Strings(written.GetProperty("classes")), Is.EqualTo(Photos.Classes));
        Assert.That(File.ReadAllLines(photos["ids.txt"]), Is.EqualTo(File.ReadAllLines(photos["ids.txt"]).Order(StringComparer.Ordinal)).And.Length.EqualTo(30));
        Assert.That(new FileInfo(photos["X.npy"]).Length, Is.EqualTo(128 + (30 * width * sizeof(float))));

        var arrays = Tool.Json("train", "--codes", photos["X.npy"], "--labels", photos["y.npy"], "--head", "svm", "--c", "0.1", "--weights", photos["W.npy"]);
        Assert.That(arrays.GetProperty("relativeGap").GetDouble(), Is.LessThanOrEqualTo(1e-4));
        Assert.That(arrays.GetProperty("seconds").GetDouble(), Is.GreaterThan(0));
        Assert.That(new FileInfo(photos["W.npy"]).Length, Is.GreaterThan(3 * (width + 1) * sizeof(float)));

        Tool.Json("train", store, "--tap", tap, "--pooling", "avg", "-o", photos["head.onnx"], "--standardize");
        Tool.Json("export", photos["head.onnx"], "-o", photos["joined.onnx"]);
        Assert.That(Tool.Json("eval", photos["joined.onnx"], data).GetProperty("testAccuracy").GetDouble(), Is.GreaterThan(0.9));
    }

    [Test]
    public void A_head_on_two_layers_joined_becomes_one_model_by_fit_or_by_train_and_export()
    {
        string[] joined = ["--tap", "stage4,stage2", "--pooling", "avg,max"];
        var fit = Tool.Json(["fit", data, "-o", photos["two.onnx"], "--size", "64", "--store", photos["two"], "--c", "0.01", .. joined]);
        Assert.That(fit.GetProperty("alias").GetString(), Is.EqualTo("stage4,stage2"));
        Assert.That(fit.GetProperty("pooling").GetString(), Is.EqualTo("avg,max"));
        Assert.That(fit.GetProperty("codeLength").GetInt32(), Is.EqualTo(512 + 128));
        Assert.That(fit.GetProperty("costPercent").GetDouble(), Is.GreaterThan(99).And.LessThanOrEqualTo(100));
        Assert.That(Tool.Json("eval", photos["two.onnx"], data).GetProperty("testAccuracy").GetDouble(), Is.EqualTo(fit.GetProperty("testAccuracy").GetDouble()));

        var trained = Tool.Json(["train", photos["two"], "-o", photos["two-head.onnx"], "--standardize", .. joined]);
        Assert.That(trained.GetProperty("codeLength").GetInt32(), Is.EqualTo(512 + 128));
        var exported = Tool.Json("export", photos["two-head.onnx"], "-o", photos["two-joined.onnx"]);
        Assert.That(exported.GetProperty("tap").GetString(), Is.EqualTo(fit.GetProperty("tap").GetString()));
        Assert.That(Tool.Json("eval", photos["two-joined.onnx"], data).GetProperty("testAccuracy").GetDouble(), Is.GreaterThan(0.9));
    }

    [Test]
    public void Joined_layers_are_named_once_each_and_chosen_by_no_one_else()
    {
        Tool.Fails(FailureKind.Usage, ["fit", data, "-o", photos["no.onnx"], "--size", "64", "--tap", "stage4,stage4"], "twice");
        Tool.Fails(FailureKind.Usage, ["fit", data, "-o", photos["no.onnx"], "--size", "64", "--pooling", "avg,max"], "one pooling");
        Tool.Fails(FailureKind.Usage, ["fit", data, "-o", photos["no.onnx"], "--size", "64", "--tap", "stage4,stage2,stage1", "--pooling", "avg,max"], "3 taps and 2 poolings");
    }

    [TestCase("svm", null, "temperature")]
    [TestCase("svm", "platt", "platt")]
    [TestCase("svm", "none", null)]
    [TestCase("lda", null, "temperature")]
    [TestCase("nearest-mean", "platt", "platt")]
    [TestCase("softmax", null, null)]
    [TestCase("softmax", "temperature", "temperature")]
    public void Probabilities_are_calibrated_as_asked_and_by_default(string head, string? asked, string? method)
    {
        var random = new Random(1);
        int[] labels = [.. Enumerable.Range(0, 30).Select(i => i % 3)];
        Npy.Write(photos["X30.npy"], new CodeMatrix(labels.SelectMany(k => new[] { k + random.NextSingle(), random.NextSingle() }).ToArray(), 30, 2));
        Npy.Write(photos["y30.npy"], labels);
        string[] c = head is "svm" or "softmax" ? ["--c", "1"] : [];
        string[] calibrate = asked is null ? [] : ["--calibrate", asked];
        var trained = Tool.Json(["train", "--codes", photos["X30.npy"], "--labels", photos["y30.npy"], "--head", head, .. c, .. calibrate]);

        var calibration = trained.GetProperty("calibration");
        Assert.That(calibration.ValueKind == JsonValueKind.Null ? null : calibration.GetProperty("method").GetString(), Is.EqualTo(method));
        Assert.That(trained.GetProperty("head").GetString(), Is.EqualTo(head));
        Assert.That(trained.GetProperty("c").ValueKind, Is.EqualTo(c.Length > 0 ? JsonValueKind.Number : JsonValueKind.Null));
        Assert.That(trained.GetProperty("certificate").GetProperty("converged").GetBoolean());
    }

    [Test]
    public void A_fit_in_closed_form_predicts_with_calibrated_probabilities()
    {
        var name = photos["lda.onnx"];
        var fitted = Tool.Json("fit", data, "-o", name, "--size", "64", "--head", "lda");
        Assert.That(fitted.GetProperty("calibration").GetProperty("temperature").GetDouble(), Is.GreaterThan(0));
        Assert.That(Tool.Json("eval", name, data).GetProperty("testAccuracy").GetDouble(), Is.GreaterThan(0.8));
    }

    [Test]
    public void A_fit_on_normalised_codes_predicts()
    {
        var name = photos["normalised.onnx"];
        var fitted = Tool.Json("fit", data, "-o", name, "--size", "64", "--c", "1", "--normalize");
        Assert.That(fitted.GetProperty("normalised").GetBoolean() && fitted.GetProperty("standardised").GetBoolean());
        Assert.That(fit.GetProperty("normalised").GetBoolean(), Is.False);
        Assert.That(Tool.Json("eval", name, data).GetProperty("testAccuracy").GetDouble(), Is.GreaterThan(0.8));
    }

    [Test]
    public void One_image_per_class_makes_a_head_in_closed_form([Values("nearest-mean", "lda")] string head)
    {
        Npy.Write(photos["few.npy"], new CodeMatrix(new float[] { 1, 0, 0, 0, 1, 0, 0, 0, 1 }, 3, 3));
        Npy.Write(photos["few-labels.npy"], (int[])[0, 1, 2]);
        string[] train = ["train", "--codes", photos["few.npy"], "--labels", photos["few-labels.npy"], "--head", head];
        Assert.That(Tool.Json(train).GetProperty("calibration").ValueKind, Is.EqualTo(JsonValueKind.Null));
        var run = Tool.Run(train);
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Contain("in closed form").And.Contain("NOT calibrated"));
        Tool.Fails(FailureKind.Usage, [.. train, "--c", "1"], head, "no C");
        Tool.Fails(FailureKind.Data, [.. train, "--calibrate", "platt"], "single image");
    }

    [Test]
    public void Taps_lists_name_op_shape_cost_and_alias()
    {
        var taps = Tool.Json("taps").GetProperty("taps").EnumerateArray().ToList();
        var stage = taps.Single(tap => tap.GetProperty("alias").GetString() == "stage2");
        Assert.That(stage.GetProperty("name").GetString(), Is.EqualTo("ReLU315_Output_0"));
        Assert.That(stage.GetProperty("op").GetString(), Is.EqualTo("Relu"));
        Assert.That(stage.GetProperty("shape").EnumerateArray().Select(dim => dim.ToString()), Is.EqualTo((string[])["N", "128", "28", "28"]));
        Assert.That(stage.GetProperty("costPercent").GetDouble(), Is.InRange(1, 99));
        Assert.That(taps.Select(tap => tap.GetProperty("costPercent").GetDouble()).Max(), Is.EqualTo(100).Within(1e-9));
    }

    [Test]
    public void Every_field_of_every_command_is_documented()
    {
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "JSON.md"));
        var (store, head) = (photos["fields"], photos["fields.head.onnx"]);
        JsonElement[] objects =
        [
            fit,
            Tool.Json("taps"),
            Tool.Json("eval", model, data),
            Tool.Json("predict", model, Path.Combine(data, "discs")),
            Tool.Json("extract", data, "-o", store, "--size", "64", "--tap", "stage1"),
            Tool.Json("codes", store),
            Tool.Json("train", store, "-o", head, "--c", "0.01"),
            Tool.Json("train", store, "--head", "nearest-mean", "--calibrate", "platt"),
            Tool.Json("train", store, "--head", "lda"),
            Tool.Json("export", head, "-o", photos["fields.onnx"]),
        ];
        var names = objects.SelectMany(Names).Distinct().Where(name => !document.Contains($"`{name}`", StringComparison.Ordinal));
        Assert.That(names, Is.Empty);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Names(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];

    private static string[] Images(JsonElement predictions) =>
        [.. predictions.GetProperty("predictions").EnumerateArray().Select(item => item.GetProperty("image").GetString()!)];
}
