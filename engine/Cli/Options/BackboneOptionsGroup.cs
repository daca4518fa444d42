using System.CommandLine;
using OnnxTransfer.Engine;

namespace OnnxTransfer.Cli.Options;

/// <summary>Options that choose the pretrained network and how photos become its input.</summary>
internal static class BackboneOptionsGroup
{
    public static readonly Option<string?> Model = new("--model", "-m")
    {
        Description = "The pretrained network, an .onnx file [default: the embedded ImageNet ResNet-18]",
        HelpName = "FILE",
    };

    public static readonly Option<string?> Recipe = new("--recipe")
    {
        Description = "How a photo becomes the input: imagenet, inception, caffe, or a recipe file [default: found with the model]",
        HelpName = "NAME|FILE",
    };

    public static readonly Option<int?> Size = new("--size")
    {
        Description = "Image size in pixels, where the network allows another than the recipe's",
        HelpName = "PIXELS",
    };

    public static readonly Option<string> Provider = new("--provider")
    {
        Description = "What the network runs on: cpu, or cuda (by a build with ONNX Runtime's GPU package)",
        HelpName = "NAME",
        DefaultValueFactory = _ => ExecutionProvider.Cpu.Name,
    };

    public static void AddTo(Command command)
    {
        command.Add(Model);
        command.Add(Recipe);
        command.Add(Size);
        command.Add(Provider);
    }

    public static ExecutionProvider ProviderOf(ParseResult parsed) => ExecutionProvider.Named(parsed.GetRequiredValue(Provider));

    public static Backbone Load(ParseResult parsed)
    {
        var options = new BackboneOptions
        {
            Recipe = parsed.GetValue(Recipe) is { } recipe ? Imaging.Recipe.FromOption(recipe) : null,
            Size = parsed.GetValue(Size),
            Provider = ProviderOf(parsed),
        };
        return parsed.GetValue(Model) is { } model ? Backbone.Load(model, options) : Backbone.Default(options);
    }
}
