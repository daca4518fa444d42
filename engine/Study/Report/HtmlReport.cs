namespace OnnxTransfer.Study;

/// <summary>One HTML file that shows a study of layers.</summary>
public static class HtmlReport
{
    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it cannot be written.</exception>
    public static void Write(string path, ReportContent content, CancellationToken cancellation = default) =>
        WholeFile.WriteText(path, Html(content, cancellation));

    /// <summary>The text of the file.</summary>
    internal static string Html(ReportContent content, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        return HtmlPage.Html(
            $"Which layer? {content.Data}",
            (html, sections) => HeadlineSection.Write(html, content, sections),
            [
                ("accuracy", "Accuracy, depth and time", html => AccuracySection.Write(html, content)),
                ("layers", "All layers", html => LayersSection.Write(html, content)),
                ("confusion", "What is taken for what", html => ConfusionSection.Write(html, content.Judged)),
                ("mistakes", "The worst mistakes", html => MistakesSection.Write(html, content)),
                ("map", "A map of the codes", html => MapSection.Write(html, content, cancellation)),
                ("curve", "What more images are worth", html => CurveSection.Write(html, content)),
                .. content.Doctor is { } doctor
                    ? [("doctor", "What the data doctor found", html => DoctorSection.Write(html, content, doctor))]
                    : Array.Empty<(string, string, Action<HtmlWriter>)>(),
                ("settings", "To do it again", html => SettingsSection.Write(html, content)),
            ]);
    }
}
