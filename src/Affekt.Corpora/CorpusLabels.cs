namespace Affekt.Corpora;

/// <summary>Reads the labels of one corpus, and counts those that are none of the set that they are read into.</summary>
/// <param name="map">That set, and what the user says that labels count as.</param>
/// <param name="table">What they count as otherwise.</param>
/// <param name="synonyms">Whether a label that the table does not have may be one of the set, or of the seven under a usual synonym.</param>
internal sealed class CorpusLabels(LabelMap map, IReadOnlyList<CorpusLabel> table, bool synonyms = false)
{
    private readonly Dictionary<string, Unmapped> _unmapped = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _met = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The index of what a label counts as; null where it is none of the set and the user does not say otherwise, which is then counted.
    /// </summary>
    /// <param name="label">The label as the file gives it; a code or a name of the table, whatever its case.</param>
    /// <param name="file">The file that it stands in.</param>
    /// <param name="line">The line, counted from 1, where there is one.</param>
    public int? Read(string label, string file, int? line = null)
    {
        CorpusLabel known = Find(label.Trim()) ?? Other(label.Trim(), synonyms);
        if (TryMap(known, out int? index))
            return index;

        index = Counted(known);
        if (index is null)
            Count(known, file, line);

        return index;
    }

    /// <summary>The index of what one of the set or a synonym counts as; null only where the user leaves it out.</summary>
    /// <exception cref="CorpusException">The label is none of these, and the user does not say what it counts as.</exception>
    public int? ReadStrictly(string label, string file, int? line, string field)
    {
        CorpusLabel known = Find(label.Trim()) ?? Other(label.Trim(), synonyms: true);
        return TryMap(known, out int? mapped) ? mapped
            : Counted(known) ?? throw new CorpusException(
                CorpusException.Quote(label), $"one of {map.Set}, or --map {HowToMap(known)}", file, line, field);
    }

    /// <summary>A note for each label that was left out because it maps to no emotion, the most frequent first.</summary>
    /// <exception cref="CorpusException">The user maps a label that the corpus does not have.</exception>
    public IReadOnlyList<CorpusNote> Notes()
    {
        if (map.Labels.FirstOrDefault(label => !_met.Contains(label) && Find(label) is null) is { } unknown)
        {
            string has = string.Join(", ", table.Select(label => label.ToString()).Concat(_unmapped.Keys).Distinct());
            throw new CorpusException($"label {CorpusException.Quote(unknown)}, which is not in this corpus", $"one of {has}", field: "map");
        }

        return
        [
            .. _unmapped.Values.OrderByDescending(label => label.Count).Select(unmapped => new CorpusNote(
                unmapped.File, unmapped.Line,
                $"{unmapped.Count} labeled {unmapped.Label}, which is none of {(map.Set.IsEmotions ? "the seven" : map.Set)}; left out. --map {HowToMap(unmapped.Label)} counts them in",
                CorpusNote.UnmappedLabel)),
        ];
    }

    // A set of others has the label itself, or names the emotion that the table says.
    private int? Counted(CorpusLabel label)
    {
        if (map.Set.IsEmotions)
            return (int?)label.Emotion;

        return map.Set.TryFind(label.Name, out int index) || map.Set.TryFind(label.Code, out index)
            || (label.Emotion is { } emotion && map.Set.TryFind(emotion.Label(), out index)) ? index : null;
    }

    private static CorpusLabel Other(string label, bool synonyms) =>
        new(label, label, synonyms && Emotions.TryParse(label, out Emotion emotion) ? emotion : null);

    private string HowToMap(CorpusLabel label)
    {
        string entry = $"{label.Code}={(map.Set.IsEmotions ? "EMOTION" : "LABEL")}";
        return entry.Contains(' ', StringComparison.Ordinal) ? $"\"{entry}\"" : entry;
    }

    private CorpusLabel? Find(string label) => table.FirstOrDefault(known => known.Code.Equals(label, StringComparison.OrdinalIgnoreCase))
        ?? table.FirstOrDefault(known => known.Name.Equals(label, StringComparison.OrdinalIgnoreCase));

    private bool TryMap(CorpusLabel label, out int? index)
    {
        _met.Add(label.Code);
        _met.Add(label.Name);
        return map.TryGet(label.Code, out index) || map.TryGet(label.Name, out index);
    }

    private void Count(CorpusLabel label, string file, int? line)
    {
        Unmapped before = _unmapped.GetValueOrDefault(label.Code) ?? new Unmapped(label, 0, file, line);
        _unmapped[label.Code] = before with { Count = before.Count + 1 };
    }

    /// <summary>A label that is left out, and where it was met first.</summary>
    private sealed record Unmapped(CorpusLabel Label, int Count, string File, int? Line);
}
