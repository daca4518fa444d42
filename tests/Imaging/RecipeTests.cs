namespace OnnxTransfer.Imaging.Tests;

public sealed class RecipeTests
{
    private const string Whole =
        """{"size":224,"resize":"shortSide","resizeTo":256,"filter":"bicubic","crop":"center","channels":"BGR","layout":"NHWC","scale":0.5,"mean":[104,117,123],"std":[1,2,3]}""";

    [Test]
    public void A_recipe_survives_its_JSON()
    {
        var recipe = Recipe.Parse(Whole, "whole");
        Assert.That(recipe.ToJson(), Is.EqualTo(Whole));
        Assert.That(recipe, Is.EqualTo(new Recipe
        {
            Size = 224,
            ResizeTo = 256,
            Filter = ResizeFilter.Bicubic,
            Channels = ChannelOrder.BGR,
            Layout = TensorLayout.NHWC,
            Scale = 0.5,
            Mean = [104, 117, 123],
            Std = [1, 2, 3],
        }));
        Assert.That(recipe.GetHashCode(), Is.EqualTo(Recipe.Parse(Whole, "again").GetHashCode()));
    }

    [TestCase("imagenet")]
    [TestCase("inception")]
    [TestCase("caffe")]
    public void A_named_recipe_survives_its_JSON(string name) =>
        Assert.That(Recipe.Parse(Recipe.Named(name).ToJson(), name), Is.EqualTo(Recipe.Named(name)));

    [Test]
    public void The_fields_that_may_be_left_out_have_the_values_stated()
    {
        var recipe = Recipe.Parse("""{"size":96,"mean":[0,0,0],"std":[1,1,1]}""", "short");
        Assert.That(recipe, Is.EqualTo(new Recipe { Size = 96, ResizeTo = 96 }));
    }

    [TestCase("not JSON", "is not JSON")]
    [TestCase("[]", "is not a JSON object")]
    [TestCase("""{"size":224,"mean":[0,0,0],"std":[1,1,1],"means":1}""", "unknown field 'means'")]
    [TestCase("""{"size":224,"size":225,"mean":[0,0,0],"std":[1,1,1]}""", "twice")]
    [TestCase("""{"mean":[0,0,0],"std":[1,1,1]}""", "needs size")]
    [TestCase("""{"size":224,"std":[1,1,1]}""", "needs mean")]
    [TestCase("""{"size":"224","mean":[0,0,0],"std":[1,1,1]}""", "needs size")]
    [TestCase("""{"size":0,"mean":[0,0,0],"std":[1,1,1]}""", "from 1 to 16384")]
    [TestCase("""{"size":-1,"mean":[0,0,0],"std":[1,1,1]}""", "from 1 to 16384")]
    [TestCase("""{"size":16385,"mean":[0,0,0],"std":[1,1,1]}""", "from 1 to 16384")]
    [TestCase("""{"size":1e9,"mean":[0,0,0],"std":[1,1,1]}""", "from 1 to 16384")]
    [TestCase("""{"size":1.5,"mean":[0,0,0],"std":[1,1,1]}""", "from 1 to 16384")]
    [TestCase("""{"size":224,"resizeTo":0,"mean":[0,0,0],"std":[1,1,1]}""", "needs resizeTo")]
    [TestCase("""{"size":224,"mean":[0,0],"std":[1,1,1]}""", "needs mean, three numbers")]
    [TestCase("""{"size":224,"mean":[0,0,"0"],"std":[1,1,1]}""", "needs a number as mean")]
    [TestCase("""{"size":224,"mean":0,"std":[1,1,1]}""", "needs mean, three numbers")]
    [TestCase("""{"size":224,"mean":[0,0,0],"std":[1,0,1]}""", "a zero in std or scale")]
    [TestCase("""{"size":224,"scale":0,"mean":[0,0,0],"std":[1,1,1]}""", "a zero in std or scale")]
    [TestCase("""{"size":224,"scale":"NaN","mean":[0,0,0],"std":[1,1,1]}""", "needs a number as scale")]
    [TestCase("""{"size":224,"scale":NaN,"mean":[0,0,0],"std":[1,1,1]}""", "is not JSON")]
    [TestCase("""{"size":224,"mean":[1e999,0,0],"std":[1,1,1]}""", "needs a number as mean")]
    [TestCase("""{"size":224,"mean":[0,0,0],"std":[1,1,1],"filter":"lanczos"}""", "filter 'lanczos', which is none of bilinear, bicubic, nearest")]
    [TestCase("""{"size":224,"mean":[0,0,0],"std":[1,1,1],"resize":2}""", "resize '2'")]
    [TestCase("""{"size":224,"mean":[0,0,0],"std":[1,1,1],"channels":"GRB"}""", "channels 'GRB', which is none of RGB, BGR")]
    [TestCase("""{"size":224,"mean":[0,0,0],"std":[1,1,1],"filter":"\ud800"}""", "surrogate")]
    [TestCase("""{"size":224,"mean":[0,0,0],"std":[1,1,1],"\udc00":1}""", "surrogate")]
    [TestCase("""{"size":224,"mean":[0,0,0],"std":[1,1,1],"layout":null}""", "layout 'null', which is none of NCHW, NHWC")]
    public void A_recipe_that_is_wrong_is_refused_with_the_field(string json, string words) =>
        Sentences.Fails(FailureKind.Model, () => Recipe.Parse(json, "my.json"), "my.json", words);

    [Test]
    public void Lines_are_counted_from_one() =>
        Sentences.Fails(FailureKind.Model, () => Recipe.Parse("{\n\"size\": ,\n}", "my.json"), "line 2");

    [Test]
    public void An_unknown_name_lists_the_known_ones() =>
        Sentences.Fails(FailureKind.Usage, () => Recipe.Named("imagenett"), "'imagenett'", "caffe, imagenet, inception");

    [Test]
    public void An_option_is_a_file_or_a_name()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Whole);
            Assert.That(Recipe.FromOption(path), Is.EqualTo(Recipe.Parse(Whole, "whole")));
            Assert.That(Recipe.FromOption("caffe"), Is.EqualTo(Recipe.Named("caffe")));
            Sentences.Fails(FailureKind.Usage, () => Recipe.FromOption(path + ".missing"), path, "neither a file nor a known recipe");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCase(320, 366)]
    [TestCase(96, 110)]
    [TestCase(224, 256)]
    [TestCase(1, 1)]
    public void Another_size_keeps_the_margin_in_proportion(int size, int resizeTo)
    {
        var recipe = Recipe.Named("imagenet");
        Assert.That(recipe.WithSize(size), Is.EqualTo(recipe with { Size = size, ResizeTo = resizeTo }));
    }

    [Test]
    public void A_length_to_resize_to_is_at_least_one() =>
        Assert.That((Recipe.Named("imagenet") with { Size = 1000, ResizeTo = 10 }).WithSize(1).ResizeTo, Is.EqualTo(1));

    [Test]
    public void A_file_that_is_no_text_of_a_recipes_size_is_refused()
    {
        var path = Path.GetTempFileName();
        try
        {
            Sentences.Fails(FailureKind.Model, () => Recipe.FromOption(path), path, "0 bytes");
            File.WriteAllText(path, new string(' ', (1 << 20) + 1));
            Sentences.Fails(FailureKind.Model, () => Recipe.FromOption(path), path, "1,048,577 bytes");
            if (!OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess)
            {
                File.SetUnixFileMode(path, UnixFileMode.None);
                Sentences.Fails(FailureKind.Machine, () => Recipe.FromOption(path), path, "permission");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void A_size_below_one_is_refused() =>
        Assert.That(() => Recipe.Named("imagenet").WithSize(0), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Recipes_that_differ_in_one_number_are_not_equal()
    {
        var recipe = Recipe.Named("imagenet");
        Assert.That(recipe with { Mean = [0.485, 0.456, 0.407] }, Is.Not.EqualTo(recipe));
        Assert.That(recipe with { Std = [0.229, 0.224, 0.226] }, Is.Not.EqualTo(recipe));
        Assert.That(recipe with { Crop = CropRule.None }, Is.Not.EqualTo(recipe));
    }
}
