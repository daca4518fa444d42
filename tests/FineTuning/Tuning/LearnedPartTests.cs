using OnnxTransfer.Engine;
using OnnxTransfer.Heads;

namespace OnnxTransfer.FineTuning.Tests.Tuning;

public class LearnedPartTests
{
    private StripedPhotos photos = null!;
    private Backbone backbone = null!;

    [OneTimeSetUp]
    public void Load()
    {
        photos = new StripedPhotos(each: 0, norm: true);
        backbone = Backbone.Load(photos.Model);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        backbone.Dispose();
        photos.Dispose();
    }

    [TestCase("all", "first.kernel first.intercept scale shift second.kernel second.intercept head")]
    [TestCase("stage1", "first.kernel first.intercept scale shift second.kernel second.intercept head")]
    [TestCase("first", "second.kernel second.intercept head")]
    [TestCase("second", "head")]
    [TestCase("head", "head")]
    public void It_is_all_that_comes_after_the_border(string from, string learned) => Assert.That(Learned(new FineTuneOptions { TrainFrom = from }), Is.EqualTo(learned));

    [Test]
    public void Of_it_the_normalisations_alone_can_be_learned() =>
        Assert.That(Learned(new FineTuneOptions { OnlyNormalisations = true }), Is.EqualTo("scale shift head"));

    [Test]
    public void The_head_has_the_whole_rate_and_the_network_a_part_of_it()
    {
        var parameters = Compile(new FineTuneOptions { BackboneFactor = 0.25 }).Program.Parameters;
        Assert.That(parameters.Select(parameter => parameter.RateFactor), Is.EqualTo(parameters.Select(parameter => IsHead(parameter) ? 1f : 0.25f)));
        Assert.That(Compile(new FineTuneOptions { FromScratch = true }).Program.Parameters.Select(parameter => parameter.RateFactor), Is.All.EqualTo(1f));
    }

    [Test]
    public void Layers_that_are_not_there_or_after_the_head_are_named()
    {
        Sentences.Fails(FailureKind.Model, () => Learned(new FineTuneOptions { TrainFrom = "frist" }), "frist", "first");
        Sentences.Fails(FailureKind.Usage, () => Learned(new FineTuneOptions { TrainFrom = "second", Tap = "first" }), "second", "--train-from");
    }

    private string Learned(FineTuneOptions options)
    {
        var names = Compile(options).Program.Parameters.Select(parameter => IsHead(parameter) ? "head" : parameter.Name).ToList();
        return string.Join(' ', names.Distinct());
    }

    private CompiledProgram Compile(FineTuneOptions options)
    {
        var tap = backbone.Tap(options.Tap, options.Pooling);
        return ClassifierCompiler.Compile(backbone, StartingClassifier.Blank(backbone, tap, ["a", "b"], null, HeadLoss.Softmax).Classifier, options);
    }

    private static bool IsHead(Parameter parameter) => parameter.Name.StartsWith("head/", StringComparison.Ordinal);
}
