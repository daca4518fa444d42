using OnnxTransfer.Cli.Tests;
using OnnxTransfer.Datasets;
using OnnxTransfer.Engine.Tests;

namespace OnnxTransfer.Study.Tests;

/// <summary>A small study, done once, of images whose classes and ids are what a report must not trust.</summary>
internal static class SampleStudy
{
    public const string Script = "<script>alert(1)</script>", Handler = "\"><img src=x onerror=alert(2)>";

    private static readonly string[] Classes = [Script, Handler, "stripes & co"];
    private static readonly Lazy<ReportContent> Tested = new(() => Make(withTest: true)), Untested = new(() => Make(withTest: false));

    /// <summary>With a test part and with what a doctor found.</summary>
    public static ReportContent Content => Tested.Value;

    /// <summary>Without a test part and without a doctor.</summary>
    public static ReportContent ContentWithoutTest => Untested.Value;

    private static ReportContent Make(bool withTest)
    {
        using var network = new SmallNetwork();
        using var backbone = network.Load();
        var images = new LabelledImages("photos", Images(network, withTest));
        var options = new LayerStudyOptions { Taps = ["first", "second"] };
        var content = LayerStudy.Run(
            backbone, images,
            (study, codes) => ReportCollector.Collect(
                study, codes, backbone, images, options, "onnxtransfer layers photos", (taps, _) => $"onnxtransfer fit '{Handler}' --tap {taps.Names}"),
            options);
        content = withTest ? content with { Doctor = Doctor(images) } : content;

        // The photos are gone afterwards, and pictures are made when they are asked for.
        HtmlReport.Html(content);
        return content;
    }

    private static IEnumerable<LabelledImage> Images(SmallNetwork network, bool withTest)
    {
        var random = new Random(4);
        for (var i = 0; i < 54; i++)
        {
            var path = network[$"{i}.jpg"];
            File.WriteAllBytes(path, Photos.Jpeg(Photos.Classes[i % 3], random));
            yield return new LabelledImage($"{Script}/{i:D2}{Handler}.jpg", Classes[i % 3], new ImageFile(path)) { Split = withTest ? i < 36 ? "train" : "test" : null };
        }
    }

    private static DoctorReport Doctor(LabelledImages images) => new()
    {
        Labels = [new DoubtfulLabel(images[0].Id, Script, Handler, -1.5), new DoubtfulLabel(images[1].Id, Handler, Script, 2)],
        SuspectLabels = 1,
        Duplicates = [new NearDuplicate(images[2].Id, images[3].Id, 0.987, Mirrored: true, AcrossParts: true, SameLabel: false)],
        Overlaps = [new ClassOverlap(Script, Handler, 3, 2, 0.125)],
        Strangers = [new StrangeImage(images[4].Id, Handler, images[5].Id, 3.5)],
    };
}
