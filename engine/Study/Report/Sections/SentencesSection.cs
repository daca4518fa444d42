namespace OnnxTransfer.Study;

/// <summary>Sentences, and a command to go on with.</summary>
internal static class SentencesSection
{
    public static void Write(HtmlWriter html, ReportSection section)
    {
        foreach (var sentence in section.Sentences)
        {
            html.Element("p", sentence);
        }

        if (section.Command is { } command)
        {
            HeadlineSection.Command(html, command);
        }
    }
}
