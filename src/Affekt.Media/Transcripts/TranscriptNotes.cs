using System.Globalization;

namespace Affekt.Media.Transcripts;

/// <summary>What a reader of a transcript met and got past, to be told with its lines.</summary>
internal sealed class TranscriptNotes(string file)
{
    private const int LinesNamed = 5;

    private readonly List<(int Line, string Found, string Expected, string Done)> _notes = [];

    /// <summary>Adds something that was odd.</summary>
    /// <param name="line">The line, counted from 0.</param>
    /// <param name="found">What stands there.</param>
    /// <param name="expected">What would have been right.</param>
    /// <param name="done">What was done about it.</param>
    public void Add(int line, string found, string expected, string done) => _notes.Add((line, found, expected, done));

    /// <summary>Throws what was met first, for a file of which nothing is left.</summary>
    public void ThrowFirst()
    {
        if (_notes.Count > 0)
            throw new TranscriptException(file, _notes[0].Line + 1, _notes[0].Found, _notes[0].Expected);
    }

    /// <summary>A warning for each kind, with the lines that it was met at.</summary>
    public IEnumerable<MediaWarning> ToWarnings() => _notes.GroupBy(note => (note.Expected, note.Done)).Select(kind =>
    {
        (int Line, string Found, string Expected, string Done) first = kind.First();
        string more = kind.Count() == 1 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" ({kind.Count()} such lines: {string.Join(", ", kind.Take(LinesNamed).Select(note => note.Line + 1))}{(kind.Count() > LinesNamed ? ", ..." : "")})");
        return new MediaWarning(
            MediaWarning.TranscriptLines,
            string.Create(CultureInfo.InvariantCulture, $"{file}, line {first.Line + 1}: found {first.Found}, expected {first.Expected}; {first.Done}{more}."));
    });
}
