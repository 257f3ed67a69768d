namespace Affekt.Corpora;

/// <summary>
/// What a user says that a corpus's labels count as: "exc=joy" has excited count as joy, "calm=none" leaves calm out. It goes before what
/// the layout's own table says. Names are compared whatever their case. Immutable.
/// </summary>
public sealed class LabelMap
{
    /// <summary>What stands for an emotion where a label is to be left out.</summary>
    public const string LeftOut = "none";

    private const string Field = "map";

    private readonly Dictionary<string, Emotion?> _emotions;

    private LabelMap(Dictionary<string, Emotion?> emotions) => _emotions = emotions;

    /// <summary>Maps nothing.</summary>
    public static LabelMap Empty { get; } = new([]);

    /// <summary>The labels that are mapped, in the order in which they were given.</summary>
    public IReadOnlyCollection<string> Labels => _emotions.Keys;

    /// <summary>Reads entries such as "exc=joy".</summary>
    /// <exception cref="CorpusException">An entry is not of that form, names no emotion, or maps a label a second time.</exception>
    public static LabelMap Parse(IEnumerable<string> entries)
    {
        List<(string Label, string Emotion)> pairs = [];
        foreach (string entry in entries)
        {
            // A label may hold the sign itself; an emotion never does.
            int equals = entry.LastIndexOf('=');
            if (equals < 1)
            {
                throw new CorpusException(CorpusException.Quote(entry), $"LABEL=EMOTION, such as excited=joy or excited={LeftOut}", field: Field);
            }

            pairs.Add((entry[..equals], entry[(equals + 1)..]));
        }

        return Of(pairs);
    }

    /// <summary>A map of labels to emotions' names, or to <see cref="LeftOut"/>.</summary>
    /// <exception cref="CorpusException">A name is no emotion's, or a label is mapped a second time.</exception>
    public static LabelMap Of(IEnumerable<(string Label, string Emotion)> pairs)
    {
        Dictionary<string, Emotion?> emotions = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string label, string name) in pairs)
        {
            Emotion? emotion = name.Trim().Equals(LeftOut, StringComparison.OrdinalIgnoreCase) ? null
                : Emotions.TryParse(name, out Emotion known) ? known
                : throw new CorpusException(
                    $"{CorpusException.Quote(name)} for label {CorpusException.Quote(label)}",
                    $"one of {string.Join(", ", Emotions.Labels)}, or {LeftOut}", field: Field);
            if (!emotions.TryAdd(label.Trim(), emotion))
            {
                throw new CorpusException($"label {CorpusException.Quote(label.Trim())} a second time", "each label once", field: Field);
            }
        }

        return new LabelMap(emotions);
    }

    /// <summary>What each label counts as, by its name, or <see cref="LeftOut"/>.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary() =>
        _emotions.ToDictionary(pair => pair.Key, pair => pair.Value?.Label() ?? LeftOut);

    /// <summary>Whether a label is mapped; the emotion is null where it is to be left out.</summary>
    public bool TryGet(string label, out Emotion? emotion) => _emotions.TryGetValue(label.Trim(), out emotion);
}
