namespace OnnxTransfer.Engine.Tests.Taps;

/// <summary>The table: to which tensor each alias resolves in each family.</summary>
public class AliasTests
{
    // Networks whose export takes long, or is large, are in the slow tests.
    private static readonly string[] Quick = ["squeezenet1_1", "mobilenet_v3_small", "vit_tiny"];

    private static readonly Dictionary<string, string[]> Table = new()
    {
        ["alexnet"] =
        [
            "stage1 = /features/features.4/Relu_output_0", "stage2 = /features/features.11/Relu_output_0",
            "last-pool = /avgpool/AveragePool_output_0", "penultimate = /classifier/classifier.5/Relu_output_0", "logits = output",
        ],
        ["vgg11"] =
        [
            "stage1 = /features/features.4/Relu_output_0", "stage2 = /features/features.9/Relu_output_0",
            "stage3 = /features/features.14/Relu_output_0", "stage4 = /features/features.19/Relu_output_0",
            "last-pool = /avgpool/AveragePool_output_0", "penultimate = /classifier/classifier.4/Relu_output_0", "logits = output",
        ],
        ["vgg16"] =
        [
            "stage1 = /features/features.3/Relu_output_0", "stage2 = /features/features.8/Relu_output_0",
            "stage3 = /features/features.15/Relu_output_0", "stage4 = /features/features.22/Relu_output_0",
            "stage5 = /features/features.29/Relu_output_0",
            "last-pool = /avgpool/AveragePool_output_0", "penultimate = /classifier/classifier.4/Relu_output_0", "logits = output",
        ],
        ["squeezenet1_1"] =
        [
            "stage1 = /features/features.4/Concat_output_0", "stage2 = /features/features.7/Concat_output_0",
            "stage3 = /features/features.12/Concat_output_0", "penultimate = /features/features.12/Concat_output_0",
            "last-pool = /classifier/classifier.3/GlobalAveragePool_output_0", "logits = output",
        ],
        ["resnet18"] =
        [
            "stage1 = /layer1/layer1.1/relu_1/Relu_output_0", "stage2 = /layer2/layer2.1/relu_1/Relu_output_0",
            "stage3 = /layer3/layer3.1/relu_1/Relu_output_0", "stage4 = /layer4/layer4.1/relu_1/Relu_output_0",
            "last-pool = /avgpool/GlobalAveragePool_output_0", "penultimate = /avgpool/GlobalAveragePool_output_0", "logits = output",
        ],
        ["resnet50"] =
        [
            "stage1 = /layer1/layer1.2/relu_2/Relu_output_0", "stage2 = /layer2/layer2.3/relu_2/Relu_output_0",
            "stage3 = /layer3/layer3.5/relu_2/Relu_output_0", "stage4 = /layer4/layer4.2/relu_2/Relu_output_0",
            "last-pool = /avgpool/GlobalAveragePool_output_0", "penultimate = /avgpool/GlobalAveragePool_output_0", "logits = output",
        ],
        ["densenet121"] =
        [
            "stage1 = /features/transition1/relu/Relu_output_0", "stage2 = /features/transition2/relu/Relu_output_0",
            "stage3 = /features/transition3/relu/Relu_output_0", "stage4 = /Relu_output_0",
            "last-pool = /GlobalAveragePool_output_0", "penultimate = /GlobalAveragePool_output_0", "logits = output",
        ],
        ["googlenet"] =
        [
            "stage1 = /conv3/Relu_output_0", "stage2 = /inception3b/Concat_output_0", "stage3 = /inception4e/Concat_output_0",
            "stage4 = /inception5b/Concat_output_0",
            "last-pool = /avgpool/GlobalAveragePool_output_0", "penultimate = /avgpool/GlobalAveragePool_output_0", "logits = output",
        ],
        ["inception_v3"] =
        [
            "stage1 = /Conv2d_2b_3x3/Relu_output_0", "stage2 = /Conv2d_4a_3x3/Relu_output_0", "stage3 = /Mixed_5d/Concat_output_0",
            "stage4 = /Mixed_6e/Concat_output_0", "stage5 = /Mixed_7c/Concat_output_0",
            "last-pool = /avgpool/GlobalAveragePool_output_0", "penultimate = /avgpool/GlobalAveragePool_output_0", "logits = output",
        ],
        ["mobilenet_v2"] =
        [
            "stage1 = /features/features.2/conv/conv.0/conv.0.2/Clip_output_0", "stage2 = /features/features.4/conv/conv.0/conv.0.2/Clip_output_0",
            "stage3 = /features/features.7/conv/conv.0/conv.0.2/Clip_output_0", "stage4 = /features/features.14/conv/conv.0/conv.0.2/Clip_output_0",
            "stage5 = /features/features.18/features.18.2/Clip_output_0",
            "last-pool = /GlobalAveragePool_output_0", "penultimate = /GlobalAveragePool_output_0", "logits = output",
        ],
        ["mobilenet_v3_small"] =
        [
            "stage1 = /features/features.2/block/block.0/block.0.2/Relu_output_0", "stage2 = /features/features.4/block/block.0/block.0.2/Mul_output_0",
            "stage3 = /features/features.9/block/block.0/block.0.2/Mul_output_0", "stage4 = /features/features.12/features.12.2/Mul_output_0",
            "last-pool = /avgpool/GlobalAveragePool_output_0", "penultimate = /classifier/classifier.1/Mul_output_0", "logits = output",
        ],
        ["mobilenet_v3_large"] =
        [
            "stage1 = /features/features.2/block/block.0/block.0.2/Relu_output_0", "stage2 = /features/features.4/block/block.0/block.0.2/Relu_output_0",
            "stage3 = /features/features.7/block/block.0/block.0.2/Mul_output_0", "stage4 = /features/features.13/block/block.0/block.0.2/Mul_output_0",
            "stage5 = /features/features.16/features.16.2/Mul_output_0",
            "last-pool = /avgpool/GlobalAveragePool_output_0", "penultimate = /classifier/classifier.1/Mul_output_0", "logits = output",
        ],
        ["efficientnet_b0"] =
        [
            "stage1 = /features/features.2/features.2.0/block/block.0/block.0.2/Mul_output_0",
            "stage2 = /features/features.3/features.3.0/block/block.0/block.0.2/Mul_output_0",
            "stage3 = /features/features.4/features.4.0/block/block.0/block.0.2/Mul_output_0",
            "stage4 = /features/features.6/features.6.0/block/block.0/block.0.2/Mul_output_0", "stage5 = /features/features.8/features.8.2/Mul_output_0",
            "last-pool = /avgpool/GlobalAveragePool_output_0", "penultimate = /avgpool/GlobalAveragePool_output_0", "logits = output",
        ],
        ["shufflenet_v2_x1_0"] =
        [
            "stage1 = /stage2/stage2.3/Concat_output_0", "stage2 = /stage3/stage3.7/Concat_output_0", "stage3 = /conv5/conv5.2/Relu_output_0",
            "last-pool = /ReduceMean_output_0", "penultimate = /ReduceMean_output_0", "logits = output",
        ],
        ["convnext_tiny"] =
        [
            "stage1 = /features/features.1/features.1.2/Add_output_0", "stage2 = /features/features.3/features.3.2/Add_output_0",
            "stage3 = /features/features.5/features.5.8/Add_output_0", "stage4 = /features/features.7/features.7.2/Add_output_0",
            "last-pool = /avgpool/GlobalAveragePool_output_0", "penultimate = /classifier/classifier.0/Transpose_1_output_0", "logits = output",
        ],
        ["vit_b_16"] = ["penultimate = /Gather_4_output_0", "logits = output"],
        ["vit_tiny"] = ["penultimate = /Gather_4_output_0", "logits = output"],
    };

    private static IEnumerable<TestCaseData> Families() => Table.Select(entry =>
    {
        var data = new TestCaseData(entry.Key, entry.Value);
        return Quick.Contains(entry.Key) ? data : data.SetCategory("Slow");
    });

    [TestCaseSource(nameof(Families))]
    public void Aliases_of_torchvision_exports(string family, string[] expected) => AreListed(Networks.Torch(family), expected);

    [Test]
    public void Aliases_of_the_half_precision_squeezenet() => AreListed(Networks.SqueezeNet(),
    [
        "stage1 = fire3/concat_1", "stage2 = fire5/concat_1", "stage3 = fire9/concat_1", "penultimate = fire9/concat_1",
        "last-pool = pool10_1", "logits = pool10_1",
    ]);

    [Test]
    public void Aliases_of_the_resnet_without_a_classifier() => AreListed(Networks.ResNet18(),
    [
        "stage1 = ReLU283_Output_0", "stage2 = ReLU315_Output_0", "stage3 = ReLU347_Output_0", "stage4 = ReLU393_Output_0",
        "last-pool = Pooling395_Output_0", "penultimate = Pooling395_Output_0",
    ]);

    [TestCase(96)]
    [TestCase(320)]
    public void At_another_size_the_penultimate_is_the_map_that_the_fixed_pooling_pools(int size)
    {
        var point = Networks.ResNet18(size).Find("penultimate");
        Assert.That((point.Name, point.Shape.ToString()), Is.EqualTo(("ReLU393_Output_0", $"N x 512 x {size / 32} x {size / 32}")));
    }

    [TestCase("logits", "without a classifier")]
    [TestCase("stage5", "only 4 stages")]
    public void An_alias_that_a_network_lacks_says_why(string alias, string why)
    {
        var failure = Assert.Throws<OnnxTransferException>(() => Networks.ResNet18().Find(alias))!;
        Assert.That(failure.Message, Does.Contain(why).And.EndWith("."));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Model));
    }

    [TestCase("stage1", "keep one resolution")]
    [TestCase("last-pool", "no pooling")]
    public void A_transformer_has_neither_stages_nor_pooling(string alias, string why) =>
        Assert.That(() => Networks.Torch("vit_tiny").Find(alias), Throws.TypeOf<OnnxTransferException>().With.Message.Contains(why));

    private static void AreListed(TapCatalog catalog, string[] expected)
    {
        var listed = catalog.Points.SelectMany(p => p.Aliases.Select(alias => $"{alias} = {p.Name}"));
        Assert.That(listed, Is.EquivalentTo(expected));
        foreach (var entry in expected.Select(e => e.Split(" = ")))
        {
            Assert.That(catalog.Find(entry[0]).Name, Is.EqualTo(entry[1]));
        }
    }
}
