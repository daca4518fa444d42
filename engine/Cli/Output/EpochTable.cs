using System.Globalization;
using OnnxTransfer.FineTuning;
using Spectre.Console;

namespace OnnxTransfer.Cli.Output;

/// <summary>A row for each epoch of a training, and before them one for the validation of its start.</summary>
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
        if (report.Start is { } start)
        {
            Add("start", 0, null, start.Loss, start.Accuracy, null);
        }

        foreach (var epoch in report.Epochs)
        {
            Add(epoch.Epoch.ToString(CultureInfo.InvariantCulture), epoch.Epoch, epoch.Loss, epoch.ValidationLoss, epoch.ValidationAccuracy, epoch.ImagesPerSecond);
        }

        return table;

        void Add(string name, int epoch, double? loss, double? validationLoss, double? accuracy, double? speed) => table.AddRow(
            name,
            Number(loss, "F4"),
            Number(validationLoss, "F4"),
            accuracy is { } share ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} %") : string.Empty,
            Number(speed, "F1"),
            epoch == report.BestEpoch ? "kept" : string.Empty);
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? string.Empty;
}
