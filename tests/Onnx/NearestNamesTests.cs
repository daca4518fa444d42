using CsCheck;

namespace OnnxTransfer.Onnx.Tests;

public class NearestNamesTests
{
    [TestCase("penultimat", "penultimate")]
    [TestCase("PENULTIMATE", "penultimate")]
    [TestCase("penutlimate", "penultimate")]
    [TestCase("fire9", "fire9/concat_1")]
    [TestCase("logit", "logits")]
    public void The_name_that_was_meant_comes_first(string wanted, string meant) =>
        Assert.That(NearestNames.Of(wanted, ["stage1", "fire9/concat_1", "penultimate", "logits", "last-pool"], 2)[0], Is.EqualTo(meant));

    [Test]
    public void A_swap_of_neighbours_counts_as_one_slip() =>
        Assert.That(NearestNames.Of("abdc", ["abxy", "abcd"], 1), Is.EqualTo(["abcd"]));

    [Test]
    public void Ties_stand_in_ordinal_order_and_names_only_once() =>
        Assert.That(NearestNames.Of("x", ["b", "a", "b", "c"], 3), Is.EqualTo(["a", "b", "c"]));

    [Test]
    public void A_legal_name_is_nearest_to_itself() =>
        Gen.String[Gen.Char["abc/_1"], 2, 12].Array[1, 8].Sample(names =>
            NearestNames.Of(names[0], names, 1)[0].Equals(names[0], StringComparison.OrdinalIgnoreCase));
}
