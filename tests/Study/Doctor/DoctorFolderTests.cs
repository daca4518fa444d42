using OnnxTransfer.Cli.Tests;
using OnnxTransfer.Datasets;
using OnnxTransfer.Imaging;

namespace OnnxTransfer.Study.Tests;

public class DoctorFolderTests
{
    [Test]
    public void Findings_and_sheets_are_written_and_sheets_of_an_earlier_time_are_gone()
    {
        using var photos = new Photos();
        var images = LabelledImages.Open(photos.Folder("set", 3));
        var folder = photos["out"];
        DoctorFolder.RequirePlace(folder, images);
        var report = Report(images);
        Assert.That(DoctorFolder.Write(folder, report, images), Is.EqualTo(new[] { "findings.csv", "suspect-labels.jpg", "duplicates.jpg", "strangers.jpg" }));
        var sheet = ImageDecoders.Default.Decode(File.ReadAllBytes(Path.Combine(folder, "duplicates.jpg")), "sheet", new DecodeOptions());
        Assert.That(sheet.Width, Is.GreaterThan(2 * 180));
        Assert.That(DoctorFolder.Write(folder, report with { Duplicates = [], Strangers = [] }, images), Is.EqualTo(new[] { "findings.csv", "suspect-labels.jpg" }));
        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "findings.csv", "suspect-labels.jpg" }));
    }

    [Test]
    public void An_image_that_has_gone_is_a_blank_on_its_sheet()
    {
        using var photos = new Photos();
        var images = LabelledImages.Open(photos.Folder("set", 3));
        Directory.CreateDirectory(photos["out"]);
        Directory.Delete(photos["set/checks"], recursive: true);
        Assert.That(DoctorFolder.Write(photos["out"], Report(images), images), Has.Count.EqualTo(4));
    }

    [Test]
    public void Names_cannot_break_the_csv_nor_be_formulas()
    {
        LabelledImage[] made =
        [
            MadeUpSet.Image("=cmd|' /C calc'!A0.jpg", "a,b", MadeUpSet.Blots(new Random(1))),
            MadeUpSet.Image("<b>\"x\"\n.jpg", "+1", MadeUpSet.Blots(new Random(2))),
        ];
        var report = new DoctorReport
        {
            Labels = [new DoubtfulLabel(made[0].Id, "a,b", "+1", -2.5), new DoubtfulLabel(made[1].Id, "+1", "a,b", 0.25)],
            SuspectLabels = 1,
            Duplicates = [new NearDuplicate(made[1].Id, made[0].Id, 0.98765432, true, true, false)],
            Overlaps = [new ClassOverlap("+1", "a,b", 1, 2, 0.5)],
            Strangers = [],
        };
        Assert.That(FindingsCsv.Of(report, made.ToDictionary(static image => image.Id)), Is.EqualTo(
            "kind,rank,image,label,suggested,other,score,detail\r\n"
            + "suspect-label,1,'=cmd|' /C calc'!A0.jpg,\"a,b\",'+1,,-2.5,\r\n"
            + "label,2,\"<b>\"\"x\"\"\n.jpg\",'+1,\"a,b\",,0.25,\r\n"
            + "duplicate,1,\"<b>\"\"x\"\"\n.jpg\",'+1,,'=cmd|' /C calc'!A0.jpg,0.987654,mirrored; across parts; other label\r\n"
            + "overlap,1,,'+1,,\"a,b\",0.5,1 as the other; 2 back\r\n"));
    }

    [Test]
    public void A_folder_in_the_set_itself_is_refused()
    {
        using var photos = new Photos();
        var images = LabelledImages.Open(photos.Folder("set", 1));
        Sentences.Fails(FailureKind.Usage, () => DoctorFolder.RequirePlace(photos["set/doctor"], images), "lies in", "name another folder");
        Sentences.Fails(FailureKind.Usage, () => DoctorFolder.RequirePlace(photos["set"], images), "lies in");
        DoctorFolder.RequirePlace(photos["set-doctor"], images);
    }

    private static DoctorReport Report(LabelledImages images) => new()
    {
        Labels = [new DoubtfulLabel(images[0].Id, "checks", "discs", -1)],
        SuspectLabels = 1,
        Duplicates = [new NearDuplicate(images[0].Id, images[5].Id, 0.99, true, false, false)],
        Overlaps = [],
        Strangers = [new StrangeImage(images[2].Id, "checks", images[3].Id, 2.5)],
    };
}
