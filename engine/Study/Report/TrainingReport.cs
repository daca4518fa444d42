namespace OnnxTransfer.Study;

/// <summary>One HTML file that shows a training.</summary>
public static class TrainingReport
{
    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: it cannot be written.</exception>
    public static void Write(string path, TrainingContent content) => WholeFile.WriteText(path, Html(content));

    /// <summary>The text of the file.</summary>
    internal static string Html(TrainingContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return HtmlPage.Html(
            $"Fine-tuning: {content.Data}",
            (html, sections) => TrainingHeadlineSection.Write(html, content, sections),
            [
                ("loss", "Loss, accuracy and rate", html => LossSection.Write(html, content)),
                ("confusion", "What is taken for what", html => ConfusionSection.Write(html, new Judgement(content.Test.Labels, content.Test.Confusion, IsTest: true, []))),
                ("settings", "To do it again", html => SettingsSection.Write(html, content.Settings, content.Stages, content.Notes, content.Skipped)),
            ]);
    }
}
