using System.Globalization;
using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>The words and media of CMU-MOSEI's segments.</summary>
internal sealed class MoseiFiles
{
    // Starts of a table and of the transcripts are the same numbers, written with other decimals.
    private const double SameStart = 0.05;

    private readonly IReadOnlyDictionary<string, List<Spoken>> _spoken;
    private readonly string[] _segments;
    private readonly string[] _whole;

    private MoseiFiles(IReadOnlyDictionary<string, List<Spoken>> spoken, string[] segments, string[] whole)
    {
        _spoken = spoken;
        _segments = segments;
        _whole = whole;
    }

    /// <summary>Finds the folders below one, or below Raw/ in it, and reads the transcripts.</summary>
    public static MoseiFiles Find(string folder, List<CorpusNote> notes)
    {
        string[] roots = [folder, Path.Combine(folder, "Raw")];
        Dictionary<string, List<Spoken>> spoken = [];
        foreach (string file in Folders(roots, "Transcript/Segmented/Combined").SelectMany(place => Directory.EnumerateFiles(place, "*.txt"))
            .Where(file => !MediaFiles.IsLitter(Path.GetFileName(file))).Order(StringComparer.Ordinal))
        {
            ReadTranscript(file, spoken, notes);
        }

        return new MoseiFiles(
            spoken,
            [.. Folders(roots, "Videos/Segmented/Combined", "Audio/Segmented/Combined/WAV_16000", "Audio/Segmented/Combined")],
            [.. Folders(roots, "Videos/Full/Combined", "Audio/Full/WAV_16000")]);
    }

    /// <summary>The utterance with its words, times and media, and where it starts in its video (its clip's number where no time is known).</summary>
    public (double Start, Utterance Utterance) WithWordsAndMedia(Utterance utterance, MoseiCorpus.Rated segment)
    {
        Spoken? spoken = _spoken.GetValueOrDefault(segment.Video)?.FirstOrDefault(line =>
            segment.Start is { } start ? Math.Abs(line.Start - start) < SameStart : line.Clip == segment.Clip);
        (double From, double To)? times = segment is { Start: { } s, End: { } e } ? (s, e) : spoken is null ? null : (spoken.Start, spoken.End);

        // Some starts lie a little before the video's.
        int? start = times is { } first ? Milliseconds(Math.Max(0, first.From)) : null, end = times is { } last ? Milliseconds(last.To) : null;
        bool plausible = start is not null && end > start;
        utterance = utterance with
        {
            Text = utterance.Text ?? spoken?.Text,
            StartMs = plausible ? start : null,
            EndMs = plausible ? end : null,
        };
        return (times?.From ?? segment.Clip ?? 0, WithMedia(utterance, segment.Video, spoken?.Clip ?? segment.Clip));
    }

    private Utterance WithMedia(Utterance utterance, string name, int? clip)
    {
        string[] own = clip is null ? [] : [.. Named(_segments, $"{name}_{clip}")];
        if (MediaFiles.FirstOf(own) is { } alone)
            return utterance with { Media = alone, StartMs = null, EndMs = null, DurationMs = utterance.DurationMs };

        string[] whole = [.. Named(_whole, name)];
        return utterance.EndMs is not null && MediaFiles.FirstOf(whole) is { } video ? utterance with { Media = video }
            : (own.FirstOrDefault() ?? whole.FirstOrDefault()) is { } missing ? utterance with { MissingMedia = missing }
            : utterance;
    }

    private static IEnumerable<string> Named(string[] folders, string stem) => folders.Select(folder =>
        Path.Combine(folder, folder.Contains("Audio", StringComparison.Ordinal) ? $"{stem}.wav" : $"{stem}.mp4"));

    private static IEnumerable<string> Folders(string[] roots, params string[] names) =>
        names.SelectMany(name => roots.Select(root => Path.Combine(root, name.Replace('/', Path.DirectorySeparatorChar)))).Where(Directory.Exists);

    private static void ReadTranscript(string file, Dictionary<string, List<Spoken>> spoken, List<CorpusNote> notes)
    {
        foreach ((int number, string line) in TextFile.ReadLines(file))
        {
            string[] fields = line.Split("___", 5);
            if (fields.Length == 5 && int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int clip)
                && Seconds(fields[2], out double start) && Seconds(fields[3], out double end))
            {
                if (!spoken.TryGetValue(fields[0], out List<Spoken>? lines))
                    spoken.Add(fields[0], lines = []);

                lines.Add(new Spoken(clip, start, end, Utterance.TextOrNull(fields[4])?.Trim()));
            }
            else
            {
                notes.Add(new CorpusNote(
                    file, number, $"found {CorpusException.Quote(line)}, expected video___clip___start___end___words; left out", CorpusNote.LeftOut));
            }
        }
    }

    private static bool Seconds(string text, out double seconds) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds) && double.IsFinite(seconds);

    private static int Milliseconds(double seconds) => (int)Math.Round(Math.Min(seconds * 1000, int.MaxValue));

    private sealed record Spoken(int Clip, double Start, double End, string? Text);
}

/// <summary>The published lists of videos for each split, cmu_mosei_std_folds.py, which is read as text.</summary>
/// <param name="splits">The split of each video; null where the lists are not there.</param>
internal sealed partial class MoseiFolds(IReadOnlyDictionary<string, Split>? splits)
{
    private const string File = "cmu_mosei_std_folds.py";

    /// <summary>Looks for the lists in a folder and in Labels/.</summary>
    public static MoseiFolds Find(string folder)
    {
        if (MediaFiles.FirstOf(Path.Combine(folder, File), Path.Combine(folder, "Labels", File)) is not { } file)
            return new MoseiFolds(null);

        Dictionary<string, Split> splits = [];
        foreach (Match list in List.Matches(TextFile.Read(file)))
        {
            if (PublishedSplits.Parse(list.Groups["name"].Value) is { } split)
            {
                foreach (Match video in Video.Matches(list.Groups["videos"].Value))
                    splits[video.Groups["id"].Value] = split;
            }
        }

        return splits.Count > 0
            ? new MoseiFolds(splits)
            : throw new CorpusException("no list of videos", "standard_train_fold = ['...'], and likewise valid and test", file);
    }

    /// <summary>A video's split; null where it is in none of the lists. Without lists it goes by the video's name.</summary>
    public Split? SplitOf(string video) => splits is null ? MoseiCorpus.SplitByName(video)
        : splits.TryGetValue(video, out Split split) ? split
        : null;

    [GeneratedRegex(@"standard_(?<name>train|valid|test)_fold\s*=\s*\[(?<videos>[^\]]*)\]", RegexOptions.CultureInvariant)]
    private static partial Regex List { get; }

    [GeneratedRegex(@"u?['""](?<id>[^'""]+)['""]", RegexOptions.CultureInvariant)]
    private static partial Regex Video { get; }
}
