using Affekt.Corpora;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Recognition;

namespace Affekt.Cli.Recognitions;

/// <summary>What a manifest asks to be recognized: its media, each with the lines that belong to it as a transcript.</summary>
internal static class ManifestInput
{
    private static readonly string[] _endings = [".jsonl", ".csv", ".tsv"];

    // A line without an end is heard to the end of the recording, however long that is.
    private static readonly TimeSpan _untilTheEnd = TimeSpan.FromHours(1000);

    /// <summary>Whether an input is a manifest, by its name.</summary>
    public static bool Is(string input) => _endings.Contains(Path.GetExtension(input), StringComparer.OrdinalIgnoreCase);

    /// <summary>The media in the order of their first lines.</summary>
    /// <param name="file">The manifest.</param>
    /// <param name="onUnusable">Told of each line that cannot be read or has no media, with file and line.</param>
    /// <exception cref="CorpusException">The file itself cannot be read.</exception>
    public static IEnumerable<RecognitionRequest> Read(string file, Action<Exception> onUnusable)
    {
        int bad = 0;
        Corpus corpus = Manifest.Read(file, line => { bad++; onUnusable(line); }, readLabels: false);
        if (bad == 0 && !corpus.Utterances.Any())
            onUnusable(new CorpusException("no line", "one for each file or part of a file", file));

        // What is ignored may have been meant: times called otherwise, for example. It is told once.
        List<MediaWarning> ignored = [.. corpus.Notes.Where(note => note.Code == CorpusNote.Odd).Select(note => new MediaWarning(MediaWarning.TranscriptLines, $"{note.File}, line {note.Line}: {note.Message}."))];
        foreach (Utterance line in corpus.Utterances.Where(line => line.Media is null))
        {
            onUnusable(new CorpusException(
                line.MissingMedia is { } gone ? gone.Contains("://", StringComparison.Ordinal) ? $"the address {gone}" : $"no file {gone}" : "no media",
                "a sound, video or picture file", file, corpus.Lines[line.Id], "media"));
        }

        foreach (IGrouping<string, Utterance> medium in corpus.Utterances.Where(line => line.Media is not null).GroupBy(line => line.Media!))
        {
            RecognitionRequest request = Request(file, corpus, medium.Key, [.. medium]);
            yield return request with { Warnings = [.. ignored, .. request.Warnings] };
            ignored.Clear();
        }
    }

    // Without times a line's words are those of the whole file, or one line of several whose times are guessed.
    private static RecognitionRequest Request(string file, Corpus corpus, string medium, Utterance[] lines)
    {
        if (lines is [{ StartMs: null, EndMs: null } whole])
            return new RecognitionRequest(medium) { Text = whole.Text, Speaker = whole.Speaker };
        bool timed = lines.Any(IsTimed);
        List<MediaWarning> warnings = [];
        List<SpokenLine> spoken = [];
        foreach ((int i, Utterance line) in lines.OrderBy(line => line.StartMs ?? 0).ToArray().Index())
        {
            if (timed ? IsTimed(line) : line.Text is not null)
                spoken.Add(new SpokenLine(timed ? Time(line, lines) : null, line.Speaker, line.Text));
            else
            {
                warnings.Add(new MediaWarning(
                    MediaWarning.TranscriptLines,
                    $"{file}, line {corpus.Lines[line.Id]}: found {(timed ? "no times, as other lines of this file have them" : "neither words nor times")}, "
                        + "expected which part of the file is meant; left out."));
            }
        }

        return new RecognitionRequest(medium) { Transcript = spoken.Count > 0 ? spoken : null, Warnings = warnings };
    }

    private static bool IsTimed(Utterance line) => line.StartMs is not null || line.EndMs is not null;

    // Without an end a line lasts until another begins.
    private static TimeRange Time(Utterance line, Utterance[] lines)
    {
        TimeSpan start = TimeSpan.FromMilliseconds(line.StartMs ?? 0);
        int? next = lines.Where(other => other.StartMs > (line.StartMs ?? 0)).Min(other => other.StartMs);
        return new TimeRange(start, (line.EndMs ?? next) is { } end ? TimeSpan.FromMilliseconds(end) : start + _untilTheEnd);
    }
}
