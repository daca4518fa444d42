using System.Text;
using CsvHelper;

namespace OnnxTransfer.Datasets;

/// <summary>The lines of a CSV list; its columns stand at <see cref="LabelledImages.FromCsv"/>.</summary>
internal static class CsvList
{
    /// <summary>The longest line, in bytes: far above every path, far below what a quote that never ends may swallow.</summary>
    private const int LongestLine = 1 << 16;

    private static readonly string[] s_columns = ["path", "label", "split", "group"];

    public static List<ListLine> Read(string list)
    {
        try
        {
            var separator = Separator(list);
            using var csv = CsvReader.Create(ListDataset.Open(list), new CsvReaderOptions
            {
                Separator = separator,
                TrimWhitespace = true,
                MaxRecordSize = LongestLine,
                MalformedData = CsvMalformedDataHandling.Throw,
                FieldCountMismatch = CsvFieldCountHandling.Throw,
                TrackLineNumbers = true,
            });
            return Lines(list, csv);
        }
        catch (DecoderFallbackException e)
        {
            throw new OnnxTransferException(FailureKind.Data, $"{list} is not UTF-8 text; save it as UTF-8.", e);
        }
        catch (CsvFormatException e)
        {
            throw ListDataset.Wrong(
                list, e.LineNumber, $"this is no line of this CSV ({e.Message.Split('\n')[0].Trim().TrimEnd('.')}); check its quotes and separators.");
        }
    }

    private static List<ListLine> Lines(string list, CsvReader csv)
    {
        csv.ReadHeader();
        var columns = s_columns.ToDictionary(static name => name, name => Column(list, csv, name), StringComparer.Ordinal);
        if (columns["path"] < 0)
        {
            throw ListDataset.Wrong(
                list, 1, $"there is no column 'path' among '{string.Join("', '", csv.Headers.ToArray())}'; the first line names the columns: path,label.");
        }

        var lines = new List<ListLine>();
        while (csv.Read())
        {
            lines.Add(new ListLine(csv.LineNumber, Value("path"), Value("label"), Value("split"), Value("group")));
        }

        return lines;

        string? Value(string name) => columns[name] >= 0 && csv.GetString(columns[name]) is { Length: > 0 } value ? value : null;
    }

    private static int Column(string list, CsvReader csv, string name)
    {
        if (!csv.TryGetFieldIndex(name, out var index))
        {
            return -1;
        }

        return csv.TryGetFieldIndex(name, 1, out _)
            ? throw ListDataset.Wrong(list, 1, $"the column '{name}' stands here twice; remove one.")
            : index;
    }

    /// <summary>The separator that the first line has most of: it holds column names only, so nothing can mislead it.</summary>
    private static char Separator(string list)
    {
        using var text = ListDataset.Open(list);
        var start = new char[4096];
        var first = start.AsSpan(0, text.ReadBlock(start));
        if (first.Trim().IsEmpty)
        {
            throw new OnnxTransferException(
                FailureKind.Data, $"{list} is empty; its first line names the columns (path,label), the others an image each.");
        }

        var end = first.IndexOfAny('\r', '\n');
        first = end < 0 ? first : first[..end];
        var best = ',';
        foreach (var candidate in (ReadOnlySpan<char>)[';', '\t'])
        {
            best = first.Count(candidate) > first.Count(best) ? candidate : best;
        }

        return best;
    }
}
