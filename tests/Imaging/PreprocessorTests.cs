using CsCheck;

namespace OnnxTransfer.Imaging.Tests;

public sealed class PreprocessorTests
{
    private static readonly Gen<Recipe> AnyRecipe =
        Gen.Select(
            Gen.Select(Gen.Int[1, 40], Gen.Int[1, 60], Gen.Bool.Select(stretch => stretch ? ResizeRule.Stretch : ResizeRule.ShortSide), Gen.Enum<ResizeFilter>()),
            Gen.Select(Gen.Enum<ChannelOrder>(), Gen.Enum<TensorLayout>(), Gen.Double[0.001, 2]),
            Gen.Select(Gen.Double[-200, 200], Gen.Double[-200, 200], Gen.Double[-200, 200]),
            Gen.Select(Gen.Double[0.1, 70], Gen.Double[0.1, 70], Gen.Double[0.1, 70]),
            (geometry, order, mean, std) => new Recipe
            {
                Size = geometry.Item1,
                ResizeTo = geometry.Item2,
                Resize = geometry.Item3,
                Filter = geometry.Item4,
                Channels = order.Item1,
                Layout = order.Item2,
                Scale = order.Item3,
                Mean = [mean.Item1, mean.Item2, mean.Item3],
                Std = [std.Item1, std.Item2, std.Item3],
            });

    [Test]
    public void Every_element_is_the_formula_in_double_rounded_once_at_its_place()
    {
        Gen.Select(AnyRecipe, Gen.Int[1, 50], Gen.Int[1, 50], Gen.Int[0, 999]).Sample((recipe, width, height, seed) =>
        {
            var preprocessor = new Preprocessor(recipe);
            var image = Noise(width, height, seed);
            var square = preprocessor.Geometry(image);
            var tensor = new float[preprocessor.Length];
            preprocessor.Fill(image, tensor);
            var size = recipe.Size;
            for (var y = 0; y < size; y++)
            {
                for (var x = 0; x < size; x++)
                {
                    for (var channel = 0; channel < 3; channel++)
                    {
                        var colour = recipe.Channels == ChannelOrder.RGB ? channel : 2 - channel;
                        var at = recipe.Layout == TensorLayout.NCHW
                            ? (((channel * size) + y) * size) + x
                            : (((y * size) + x) * 3) + channel;
                        double pixel = square.Pixels[(3 * ((y * size) + x)) + colour];
                        Assert.That(tensor[at], Is.EqualTo((float)(((pixel * recipe.Scale) - recipe.Mean[channel]) / recipe.Std[channel])));
                    }
                }
            }
        });
    }

    [Test]
    public void Pixels_of_the_networks_size_fill_the_tensor_as_the_image_does_that_they_were_made_of()
    {
        Gen.Select(AnyRecipe, Gen.Int[1, 50], Gen.Int[1, 50], Gen.Int[0, 999]).Sample((recipe, width, height, seed) =>
        {
            var preprocessor = new Preprocessor(recipe);
            var image = Noise(width, height, seed);
            var (whole, square) = (new float[preprocessor.Length], new float[preprocessor.Length]);
            preprocessor.Fill(image, whole);
            preprocessor.FillSquare(preprocessor.Geometry(image), square);
            Assert.That(square, Is.EqualTo(whole));
        });
    }

    [Test]
    public void Pixels_of_another_size_do_not_fill_the_tensor()
    {
        var preprocessor = new Preprocessor(Recipe.Named("imagenet").WithSize(8));
        Assert.That(() => preprocessor.FillSquare(Noise(8, 7, 1), new float[192]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => preprocessor.FillSquare(Noise(7, 8, 1), new float[192]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => preprocessor.FillSquare(Noise(8, 8, 1), new float[191]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void The_means_are_those_of_the_channels_in_the_order_of_the_tensor()
    {
        var recipe = Recipe.Named("caffe").WithSize(1) with { ResizeTo = 1 };
        var tensor = new float[3];
        new Preprocessor(recipe).Fill(new RgbImage(1, 1, [200, 100, 50]), tensor);
        Assert.That(tensor, Is.EqualTo(new[] { 50 - 104f, 100 - 117f, 200 - 123f }));
    }

    [Test]
    public void Padding_is_black_before_the_mean_is_taken_off_as_torchvision_pads()
    {
        var recipe = new Recipe { Size = 4, Resize = ResizeRule.None, ResizeTo = 4, Mean = [1, 2, 3] };
        var preprocessor = new Preprocessor(recipe);
        var square = preprocessor.Geometry(new RgbImage(1, 3, [9, 9, 9, 8, 8, 8, 7, 7, 7]));
        var red = Enumerable.Range(0, 16).Select(i => square.Pixels[3 * i]);
        Assert.That(red, Is.EqualTo(new byte[] { 0, 9, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0 }));
        var tensor = new float[48];
        preprocessor.Fill(new RgbImage(1, 3, [9, 9, 9, 8, 8, 8, 7, 7, 7]), tensor);
        Assert.That((tensor[0], tensor[16], tensor[32]), Is.EqualTo((-1f, -2f, -3f)));
    }

    [Test]
    public void Without_a_crop_the_size_must_be_right_already()
    {
        var recipe = new Recipe { Size = 8, ResizeTo = 8, Crop = CropRule.None };
        Sentences.Fails(FailureKind.Data, () => new Preprocessor(recipe).Geometry(Noise(9, 12, 1)), "9 x 12", "8 x 10", "stretch");
        Assert.That(new Preprocessor(recipe).Geometry(Noise(16, 16, 1)).Width, Is.EqualTo(8));
        Assert.That(new Preprocessor(recipe with { Resize = ResizeRule.Stretch }).Geometry(Noise(9, 10, 1)).Height, Is.EqualTo(8));
    }

    [Test]
    public void A_tensor_of_another_length_is_refused() =>
        Assert.That(
            () => new Preprocessor(Recipe.Named("imagenet")).Fill(Noise(3, 3, 1), new float[5]),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(1, 60_000)]
    [TestCase(60_000, 1)]
    [TestCase(1, 65_535)]
    [TestCase(3, 65_535)]
    public void An_image_of_any_shape_takes_little_memory(int width, int height)
    {
        var image = Noise(width, height, 2);
        foreach (var recipe in new[] { Recipe.Named("imagenet"), Recipe.Named("imagenet") with { ResizeTo = 200 }, Recipe.Named("imagenet") with { Resize = ResizeRule.Stretch } })
        {
            var preprocessor = new Preprocessor(recipe);
            var before = GC.GetAllocatedBytesForCurrentThread();
            preprocessor.Geometry(image);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4_000_000));
        }
    }

    [Test]
    public void A_resized_side_beyond_all_numbers_is_refused_in_a_sentence()
    {
        var recipe = Recipe.Named("imagenet") with { ResizeTo = 16_384 };
        Sentences.Fails(FailureKind.Data, () => new Preprocessor(recipe).Geometry(Noise(1, 140_000, 1)), "1 x 140000", "too long and thin");
    }

    [Test]
    public void Many_threads_make_the_same_tensors()
    {
        var preprocessor = new Preprocessor(Recipe.Named("imagenet"));
        var file = Goldens.Bytes("jpeg-progressive-420.jpg");
        var expected = Tensor();
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.That(Tensor().AsSpan().SequenceEqual(expected)));

        float[] Tensor()
        {
            var tensor = new float[preprocessor.Length];
            preprocessor.Fill(ImageDecoders.Default.Decode(file, "p.jpg", new DecodeOptions()), tensor);
            return tensor;
        }
    }

    private static RgbImage Noise(int width, int height, int seed)
    {
        var pixels = new byte[3 * width * height];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }
}
