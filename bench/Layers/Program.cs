// What a study of twelve layers costs, beside one extraction at the deepest of them and the heads, and beside the obvious
// script: an extraction for each layer, and a scikit-learn grid search for each of its poolings and heads. Writes
// bench/results/layers.md, or with --narrow layers-narrow.md.
//
// usage: OnnxTransfer.Bench.Layers [--shared FOLDER] [--set SET] [--narrow] [--limit SECONDS] [--folds FOLDS] [--python PYTHON]
//   --shared   the folder with data/SET.tar, ../shared by default
//   --set      cifar10small by default: 5,000 images
//   --narrow   softmax heads on average-pooled codes alone; else all that the command does by default
//   --limit    seconds from the start after which the script is stopped, which does the deepest layers first: 7,200 by default; 0 leaves it out
//   --folds    how many of a search's five folds the script runs; the time of all is reckoned from fewer
//   --python   a Python with NumPy and scikit-learn, /usr/bin/python3 by default
//
// Study and script have two processors each; where there are more, several layers of the script run beside it.
using System.Globalization;
using System.Text.Json;
using OnnxTransfer;
using OnnxTransfer.Bench.Layers;
using OnnxTransfer.Engine;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var options = BenchOptions.Parse(args);
if (!File.Exists(options.Tar))
{
    Console.Error.WriteLine($"skipped: {options.Tar} is missing; name the folder that has data/{options.Set}.tar");
    return 0;
}

const string Study = "study";
switch (options.Part)
{
    case Study:
        Console.WriteLine(JsonSerializer.Serialize(StudySide.Measure(options)));
        return 0;
    case not null:
        foreach (var piece in Script.Run(options))
        {
            Console.WriteLine(JsonSerializer.Serialize(piece));
        }

        return 0;
}

string[] layers;
using (var backbone = Backbone.Default())
{
    layers = [.. BenchOptions.Layers(backbone).Select(static layer => layer.Name).Reverse()];
}

StudySide? study = null;
var pieces = new List<ScriptPiece>();
var path = Path.Combine("bench", "results", options.Narrow ? "layers-narrow.md" : "layers.md");
Directory.CreateDirectory(Path.GetDirectoryName(path)!);
Lanes.Run(
    options, options.Limit > 0 ? [Study, .. layers] : [Study],
    (part, line) =>
    {
        Console.WriteLine(line);
        lock (pieces)
        {
            if (part == Study)
            {
                study = JsonSerializer.Deserialize<StudySide>(line);
            }
            else
            {
                pieces.Add(JsonSerializer.Deserialize<ScriptPiece>(line)!);
            }

            Write();
        }
    },
    (part, seconds) =>
    {
        lock (pieces)
        {
            pieces.Add(new ScriptPiece(part, 0, null, seconds));
            Write();
        }
    });
return study is null ? 1 : 0;

void Write()
{
    if (study is not null)
    {
        WholeFile.WriteText(path, Tables.Of(options, study, pieces));
    }
}
