namespace Affekt.Corpora.Published;

/// <summary>
/// What most people heard and saw in CREMA-D's clips: from processedResults/summaryTable.csv, or counted from finishedResponses.csv.
/// </summary>
internal sealed class CremaDVotes
{
    /// <summary>The label of a clip on which two emotions have the most votes.</summary>
    public const string Tie = "tie";

    private const string Summary = "summaryTable.csv";
    private const string Responses = "finishedResponses.csv";
    private const string Processed = "processedResults";

    private readonly Dictionary<string, string> _labels;

    private CremaDVotes(Dictionary<string, string> labels) => _labels = labels;

    /// <summary>Reads the table.</summary>
    /// <exception cref="CorpusException">Neither table is there, or one is no such table.</exception>
    public static CremaDVotes Read(string root, CremaDLabels shown)
    {
        string? summary = MediaFiles.FirstOf(Path.Combine(root, Processed, Summary), Path.Combine(root, Summary));
        string responses = Path.Combine(root, Responses);
        return summary is not null ? FromSummary(summary, shown)
            : File.Exists(responses) ? FromResponses(responses, shown)
            : throw new CorpusException($"neither {Processed}/{Summary} nor {Responses}", "what people heard and saw in the clips", root);
    }

    /// <summary>The letter of a clip's emotion, <see cref="Tie"/>, or null where nobody was asked.</summary>
    public string? Of(string clip) => _labels.GetValueOrDefault(clip)
        ?? (clip.EndsWith("_X", StringComparison.Ordinal) ? _labels.GetValueOrDefault(clip + "X") : null);

    private static CremaDVotes FromSummary(string file, CremaDLabels shown)
    {
        string column = shown switch
        {
            CremaDLabels.Voice => "VoiceVote",
            CremaDLabels.Face => "FaceVote",
            _ => "MultiModalVote",
        };
        Dictionary<string, string> labels = [];
        foreach (CsvRow row in CsvRows.Read(file, ["FileName", column]))
        {
            // Emotions that share the most votes are parted by colons.
            string vote = row[column].Trim();
            if (vote.Length > 0)
                labels[row["FileName"].Trim().ToUpperInvariant()] = vote.Contains(':', StringComparison.Ordinal) ? Tie : vote;
        }

        return new CremaDVotes(labels);
    }

    private static CremaDVotes FromResponses(string file, CremaDLabels shown)
    {
        string query = shown switch
        {
            CremaDLabels.Voice => "1",
            CremaDLabels.Face => "2",
            _ => "3",
        };
        Dictionary<string, Dictionary<string, int>> votes = [];
        foreach (CsvRow row in CsvRows.Read(file, ["queryType", "clipName", "respEmo"]))
        {
            string letter = row["respEmo"].Trim();
            if (row["queryType"].Trim() != query || letter is "" or "NA")
                continue;

            string clip = row["clipName"].Trim().ToUpperInvariant();
            if (!votes.TryGetValue(clip, out Dictionary<string, int>? counts))
                votes.Add(clip, counts = []);

            counts[letter] = counts.GetValueOrDefault(letter) + 1;
        }

        return new CremaDVotes(votes.ToDictionary(clip => clip.Key, clip => Most(clip.Value)));
    }

    private static string Most(Dictionary<string, int> counts)
    {
        int most = counts.Values.Max();
        return counts.Values.Count(count => count == most) > 1 ? Tie : counts.First(count => count.Value == most).Key;
    }
}
