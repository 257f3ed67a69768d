namespace Affekt.Corpora;

/// <summary>
/// Which labels a corpus is read into, and what a user says that its own count as: "exc=joy" has excited count as joy, "calm=none" leaves
/// calm out. It goes before what the layout's own table says. Names are compared whatever their case. Immutable.
/// </summary>
public sealed class LabelMap
{
    /// <summary>What stands for an emotion where a label is to be left out.</summary>
    public const string LeftOut = "none";

    private const string Field = "map";

    private readonly Dictionary<string, int?> _indices;

    private LabelMap(Dictionary<string, int?> indices, LabelSet set) => (_indices, Set) = (indices, set);

    /// <summary>Maps nothing, and reads into the seven emotions.</summary>
    public static LabelMap Empty { get; } = new([], LabelSet.Emotions);

    /// <summary>What labels are read into.</summary>
    public LabelSet Set { get; }

    /// <summary>The labels that are mapped, in the order in which they were given.</summary>
    public IReadOnlyCollection<string> Labels => _indices.Keys;

    /// <summary>Reads entries such as "exc=joy".</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="set">What labels are read into; null for the seven emotions.</param>
    /// <exception cref="CorpusException">An entry is not of that form, names no label of the set, or maps a label a second time.</exception>
    public static LabelMap Parse(IEnumerable<string> entries, LabelSet? set = null)
    {
        List<(string Label, string Emotion)> pairs = [];
        foreach (string entry in entries)
        {
            // A label may hold the sign itself; an emotion never does.
            int equals = entry.LastIndexOf('=');
            if (equals < 1)
                throw new CorpusException(CorpusException.Quote(entry), $"LABEL=EMOTION, such as excited=joy or excited={LeftOut}", field: Field);

            pairs.Add((entry[..equals], entry[(equals + 1)..]));
        }

        return Of(pairs, set);
    }

    /// <summary>A map of labels to emotions' names or those of another set, or to <see cref="LeftOut"/>.</summary>
    /// <param name="pairs">The labels, each with what it counts as.</param>
    /// <param name="set">What labels are read into; null for the seven emotions.</param>
    /// <exception cref="CorpusException">A name is none of the set, or a label is mapped a second time.</exception>
    public static LabelMap Of(IEnumerable<(string Label, string Emotion)> pairs, LabelSet? set = null)
    {
        set ??= LabelSet.Emotions;
        Dictionary<string, int?> indices = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string label, string name) in pairs)
        {
            int? index = name.Trim().Equals(LeftOut, StringComparison.OrdinalIgnoreCase) ? null
                : set.TryFind(name, out int known) ? known
                : throw new CorpusException(
                    $"{CorpusException.Quote(name)} for label {CorpusException.Quote(label)}",
                    $"one of {set}, or {LeftOut}", field: Field);
            if (!indices.TryAdd(label.Trim(), index))
                throw new CorpusException($"label {CorpusException.Quote(label.Trim())} a second time", "each label once", field: Field);
        }

        return new LabelMap(indices, set);
    }

    /// <summary>What each label counts as, by its name, or <see cref="LeftOut"/>.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary() =>
        _indices.ToDictionary(pair => pair.Key, pair => pair.Value is { } label ? Set[label] : LeftOut);

    /// <summary>Whether a label is mapped; the index in <see cref="Set"/> is null where it is to be left out.</summary>
    public bool TryGet(string label, out int? index) => _indices.TryGetValue(label.Trim(), out index);
}
