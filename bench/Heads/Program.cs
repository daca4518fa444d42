// Our linear heads beside scikit-learn, LIBLINEAR and ML.NET, at the same relative gap, in one run on one machine.
using System.Globalization;
using OnnxTransfer;
using OnnxTransfer.Bench.Heads;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is [MlNetPeers.Command, var threads])
{
    MlNetPeers.Serve(int.Parse(threads));
    return 0;
}

try
{
    var options = BenchOptions.Parse(args);
    using var run = new BenchRun(options);
    var tables = string.Empty;
    run.Measure(measurements =>
    {
        var about = About.Of(run, args);
        tables = Tables.Of(measurements, about, options);
        if (options.Out is { } folder)
        {
            Directory.CreateDirectory(folder);
            WholeFile.WriteText(Path.Combine(folder, "heads.md"), tables);
            WholeFile.WriteText(Path.Combine(folder, "heads.json"), RawData.Of(measurements, about));
            WholeFile.WriteText(Path.Combine(folder, "heads.svg"), Plot.Of(measurements));
        }
    });
    Console.WriteLine(tables);
    return 0;
}
catch (OnnxTransferException e)
{
    Console.Error.WriteLine(e.Message);
    return (int)e.Kind;
}
