using Affekt.Corpora;

namespace Affekt.Training.Checks;

/// <summary>What a split holds.</summary>
public sealed record SplitCounts
{
    /// <summary>"train", "dev" or "test".</summary>
    public required string Split { get; init; }

    /// <summary>Dialogues.</summary>
    public required int Dialogues { get; init; }

    /// <summary>Utterances.</summary>
    public required int Utterances { get; init; }

    /// <summary>Different speakers with a name.</summary>
    public required int Speakers { get; init; }

    /// <summary>Utterances whose media file is there.</summary>
    public required int WithMedia { get; init; }

    /// <summary>Utterances with words.</summary>
    public required int WithText { get; init; }

    /// <summary>Utterances of each label, in the labels' order.</summary>
    public required IReadOnlyDictionary<string, int> Emotions { get; init; }

    internal static SplitCounts Of(Split split, IEnumerable<Dialogue> dialogues, LabelSet labels)
    {
        Dialogue[] all = [.. dialogues];
        Utterance[] utterances = [.. all.SelectMany(dialogue => dialogue.Utterances)];
        return new SplitCounts
        {
            Split = split.Name(),
            Dialogues = all.Length,
            Utterances = utterances.Length,
            Speakers = utterances.Select(utterance => utterance.Speaker).OfType<string>().Distinct().Count(),
            WithMedia = utterances.Count(utterance => utterance.Media is not null),
            WithText = utterances.Count(utterance => utterance.Text is not null),
            Emotions = new OrderedDictionary<string, int>(labels.Names.Select((label, i) =>
                KeyValuePair.Create(label, utterances.Count(utterance => utterance.Label == i)))),
        };
    }
}

/// <summary>What a check of a corpus found; as JSON, schema "affekt.corpus-check/1".</summary>
public sealed record CorpusCheckReport
{
    /// <summary>The schema's name.</summary>
    public string Schema { get; } = "affekt.corpus-check/1";

    /// <summary>The corpus's name.</summary>
    public required string Corpus { get; init; }

    /// <summary>Train, dev and test.</summary>
    public required IReadOnlyList<SplitCounts> Splits { get; init; }

    /// <summary>Utterances whose media were read.</summary>
    public required int MediaRead { get; init; }

    /// <summary>How long these last together, in ms.</summary>
    public required long MediaMs { get; init; }

    /// <summary>How many findings there are of each code.</summary>
    public IReadOnlyDictionary<string, int> Counts =>
        new OrderedDictionary<string, int>(Findings.GroupBy(finding => finding.Code).Select(group => KeyValuePair.Create(group.Key, group.Count())));

    /// <summary>All findings, the worst first.</summary>
    public required IReadOnlyList<CorpusFinding> Findings { get; init; }

    /// <summary>Whether some utterance cannot be used as the corpus names it.</summary>
    public bool HasBad => Findings.Any(finding => finding.Level == FindingLevel.Bad);

    /// <summary>The report as JSON.</summary>
    public string ToJson() => ReportJson.Write(this);
}
