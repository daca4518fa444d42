using System.Globalization;
using OnnxTransfer.FineTuning;
using Spectre.Console;

namespace OnnxTransfer.Cli.Output;

/// <summary>A row for each epoch of a training.</summary>
internal static class EpochTable
{
    public static Table Of(FineTuneReport report)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumn(new TableColumn("epoch").RightAligned())
            .AddColumn(new TableColumn("loss").RightAligned())
            .AddColumn(new TableColumn("validation loss").RightAligned())
            .AddColumn(new TableColumn("validation accuracy").RightAligned())
            .AddColumn(new TableColumn("images/s").RightAligned())
            .AddColumn(string.Empty);
        foreach (var epoch in report.Epochs)
        {
            table.AddRow(
                epoch.Epoch.ToString(CultureInfo.InvariantCulture),
                Number(epoch.Loss, "F4"),
                Number(epoch.ValidationLoss, "F4"),
                epoch.ValidationAccuracy is { } accuracy ? string.Create(CultureInfo.InvariantCulture, $"{100 * accuracy:F1} %") : string.Empty,
                Number(epoch.ImagesPerSecond, "F1"),
                epoch.Epoch == report.BestEpoch ? "kept" : string.Empty);
        }

        return table;
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? string.Empty;
}
