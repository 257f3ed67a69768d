using System.Collections.Concurrent;
using Affekt.Corpora;
using Affekt.Media;

namespace Affekt.Training.Checks;

/// <summary>How far a check is.</summary>
/// <param name="Done">Utterances whose media were read.</param>
/// <param name="Total">Utterances with media.</param>
public sealed record CheckProgress(int Done, int Total);

/// <summary>Looks for what is missing, unreadable or suspicious in a corpus, before hours are spent on it.</summary>
public static class CorpusCheck
{
    private const int NamesShown = 8;

    /// <summary>Checks a corpus.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="readMedia">Whether to read each media file too: all of its sound, and a picture.</param>
    /// <param name="progress">Hears of each utterance whose media were read.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    public static async Task<CorpusCheckReport> RunAsync(
        Corpus corpus, bool readMedia, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        Utterance[] utterances = [.. corpus.Utterances];
        List<CorpusFinding> findings = [.. FromNotes(corpus), .. FromUtterances(utterances), .. FromSpeakers(corpus)];
        IReadOnlyList<CheckedMedia> media = readMedia ? await ReadMediaAsync(utterances, progress, cancellation).ConfigureAwait(false) : [];
        findings.AddRange(media.SelectMany(item => item.Findings));
        findings.AddRange(FromPictures(media));
        findings.AddRange(FromRepeats(media));
        return new CorpusCheckReport
        {
            Corpus = corpus.Name,
            Splits = [.. Enum.GetValues<Split>().Select(split => SplitCounts.Of(split, corpus.In(split), corpus.Labels))],
            MediaRead = media.Count(item => item.Content is not null),
            MediaMs = media.Sum(item => (long?)item.DurationMs) ?? 0,
            Findings = [.. findings.OrderByDescending(finding => finding.Level).ThenBy(finding => finding.Code, StringComparer.Ordinal)],
        };
    }

    private static IEnumerable<CorpusFinding> FromNotes(Corpus corpus) =>
        from note in corpus.Notes
        where note.Code != CorpusNote.MissingMedia
        let level = note.Code is CorpusNote.OddDuration or CorpusNote.Incomplete ? FindingLevel.Suspicious : FindingLevel.Note
        select new CorpusFinding(note.Code, level, note.Line is { } line ? $"{note.File}, line {line}" : note.File, note.Message);

    private static IEnumerable<CorpusFinding> FromUtterances(Utterance[] utterances)
    {
        bool hasText = utterances.Any(utterance => utterance.Text is not null);
        foreach (Utterance utterance in utterances)
        {
            if (utterance.MissingMedia is { } missing)
                yield return new(FindingCode.MissingMedia, FindingLevel.Bad, utterance.Id, $"There is no {missing}.");
            if (utterance is { Text: null, Media: null, MissingMedia: null })
                yield return new(FindingCode.Empty, FindingLevel.Bad, utterance.Id, "There is neither text nor media.");
            else if (utterance.Text is null && hasText)
                yield return new(FindingCode.NoText, FindingLevel.Suspicious, utterance.Id, "There is no text.");
            if (utterance is { Label: null, HasOtherLabel: false })
                yield return new(FindingCode.NoLabel, FindingLevel.Suspicious, utterance.Id, "There is no label.");
        }
    }

    private static IEnumerable<CorpusFinding> FromSpeakers(Corpus corpus)
    {
        HashSet<string> trained = [.. Speakers(corpus, Split.Train)];
        foreach (Split split in trained.Count == 0 ? [] : (Split[])[Split.Dev, Split.Test])
        {
            string[] unseen = [.. Speakers(corpus, split).Where(speaker => !trained.Contains(speaker))];
            if (unseen.Length > 0)
            {
                string more = unseen.Length > NamesShown ? $" and {unseen.Length - NamesShown} more" : "";
                yield return new(
                    FindingCode.UnseenSpeakers, FindingLevel.Note, split.Name(),
                    $"{unseen.Length} {(unseen.Length == 1 ? "speaker is" : "speakers are")} not in train: {string.Join(", ", unseen.Take(NamesShown))}{more}.");
            }
        }
    }

    private static IEnumerable<string> Speakers(Corpus corpus, Split split) =>
        corpus.In(split).SelectMany(dialogue => dialogue.Utterances).Select(utterance => utterance.Speaker).OfType<string>()
            .Distinct().Order(StringComparer.Ordinal);

    private static async Task<IReadOnlyList<CheckedMedia>> ReadMediaAsync(
        Utterance[] utterances, IProgress<CheckProgress>? progress, CancellationToken cancellation)
    {
        Utterance[] withMedia = [.. utterances.Where(utterance => utterance.Media is not null)];
        if (withMedia.Length == 0)
            return [];
        MediaCheck check = new(MediaTools.Find());
        ConcurrentBag<(int Index, CheckedMedia Media)> read = [];
        int done = 0;
        await Parallel.ForEachAsync(
            withMedia.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation },
            async (item, stop) =>
            {
                read.Add((item.Index, await check.ReadAsync(item.Item, stop).ConfigureAwait(false)));
                progress?.Report(new CheckProgress(Interlocked.Increment(ref done), withMedia.Length));
            }).ConfigureAwait(false);
        return [.. read.OrderBy(item => item.Index).Select(item => item.Media)];
    }

    private static IEnumerable<CorpusFinding> FromPictures(IReadOnlyList<CheckedMedia> media)
    {
        if (!media.Any(item => item.HasPicture))
            return [];
        return media.Where(item => item is { HasPicture: false, Content: not null }).Select(item => new CorpusFinding(
            FindingCode.NoPicture, FindingLevel.Suspicious, item.Utterance.Id, "There is no picture, but others have one."));
    }

    private static IEnumerable<CorpusFinding> FromRepeats(IReadOnlyList<CheckedMedia> media) =>
        from item in media
        where item.Content is not null
        group item.Utterance by item.Content into same
        let first = same.First()
        from other in same.Skip(1)
        select new CorpusFinding(
            FindingCode.RepeatedMedia, FindingLevel.Suspicious, other.Id,
            $"Its media are those of {first.Id}{(other.Split == first.Split ? "" : $", which is in {first.Split.Name()}: a leak")}.");
}
