using System.Text;

namespace Affekt.Cli;

/// <summary>
/// The errors as a terminal can show them: control characters are seen, not obeyed, but for a carriage return at the beginning
/// and the end of a line that changes. Where they can't be written, nobody reads them, and the command goes on.
/// </summary>
/// <param name="inner">Where they go.</param>
internal sealed class ErrorWriter(TextWriter inner) : TextWriter
{
    private const string ToLineEnd = "\u001b[K";

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        string text = value ?? "";
        bool changes = text.StartsWith('\r');
        string start = changes ? "\r" : "", end = changes && text.EndsWith(ToLineEnd, StringComparison.Ordinal) ? ToLineEnd : "";
        try
        {
            inner.Write(start + Terminal.Visible(text[start.Length..^end.Length], keepLines: true) + end);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + "\n");
}
