using System.Text;

namespace OnnxTransfer.Study;

/// <summary>Writes HTML in which text and attributes are escaped, whatever they hold, and every tag is closed.</summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder html = new();

    /// <summary>Opens a tag; disposing of the result closes it.</summary>
    /// <param name="tag">Its name.</param>
    /// <param name="attributes">Names and values; one without a value (null) is left out, an empty one is written as a name alone.</param>
    public Scope Tag(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(tag, attributes);
        html.Append('>');
        return new Scope(this, tag);
    }

    /// <summary>A tag with text in it.</summary>
    public void Element(string tag, string text, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        using (Tag(tag, attributes))
        {
            Text(text);
        }
    }

    /// <summary>A tag that holds nothing.</summary>
    public void Void(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(tag, attributes);
        html.Append("/>");
    }

    /// <summary>Text.</summary>
    public void Text(string text)
    {
        foreach (var c in text)
        {
            Append(c);
        }
    }

    /// <summary>What is HTML, a style sheet or a script already.</summary>
    public void Raw(string markup) => html.Append(markup);

    /// <summary>A new line between blocks.</summary>
    public void Line() => html.Append('\n');

    /// <inheritdoc/>
    public override string ToString() => html.ToString();

    private void Start(string tag, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        html.Append('<').Append(tag);
        foreach (var (name, value) in attributes)
        {
            if (value is null)
            {
                continue;
            }

            html.Append(' ').Append(name);
            if (value.Length > 0)
            {
                html.Append("=\"");
                Text(value);
                html.Append('"');
            }
        }
    }

    // Characters that HTML 5 does not allow, and the halves of a broken surrogate pair, are shown as the replacement character.
    private void Append(char c) => _ = c switch
    {
        '<' => html.Append("&lt;"),
        '>' => html.Append("&gt;"),
        '&' => html.Append("&amp;"),
        '"' => html.Append("&quot;"),
        '\'' => html.Append("&#39;"),
        '\u2028' or '\u2029' => html.Append(' '),
        < ' ' and not ('\n' or '\t') or '\u007f' or '\ufffe' or '\uffff' => html.Append('\ufffd'),
        _ => html.Append(c),
    };

    /// <summary>An open tag.</summary>
    public readonly struct Scope(HtmlWriter writer, string tag) : IDisposable
    {
        /// <summary>Closes it.</summary>
        public void Dispose() => writer.html.Append("</").Append(tag).Append('>');
    }
}
