namespace Affekt.Corpora;

/// <summary>Gathers utterances into dialogues, and refuses those that contradict each other.</summary>
/// <param name="file">The file that the utterances come from.</param>
/// <param name="idField">What the file calls the id.</param>
/// <param name="indexField">What the file calls the index.</param>
internal sealed class DialogueGrouping(string file, string idField, string indexField)
{
    private readonly Dictionary<string, string> _placeOfId = [];
    private readonly Dictionary<(string Dialogue, int Index), string> _placeOfIndex = [];
    private readonly Dictionary<string, List<Utterance>> _dialogues = [];
    private readonly List<string> _order = [];

    /// <summary>Adds an utterance.</summary>
    /// <param name="utterance">The utterance.</param>
    /// <param name="line">The line that it stands in; null where the file has no line for each.</param>
    /// <param name="entry">The name of its entry, where it has no line.</param>
    /// <exception cref="CorpusException">Its id or index is taken, or its dialogue is in another split.</exception>
    public void Add(Utterance utterance, int? line, string? entry = null)
    {
        string place = line is null ? $"{entry}" : $"line {line}";
        if (!_placeOfIndex.TryAdd((utterance.Dialogue, utterance.Index), place))
        {
            throw Wrong(
                indexField,
                $"index {utterance.Index} of dialogue {CorpusException.Quote(utterance.Dialogue)} a second time",
                $"each index once in a dialogue ({_placeOfIndex[(utterance.Dialogue, utterance.Index)]} has it)");
        }

        if (!_placeOfId.TryAdd(utterance.Id, place))
        {
            throw Wrong(
                idField, $"{CorpusException.Quote(utterance.Id)} a second time", $"each id once ({_placeOfId[utterance.Id]} has it)");
        }

        if (!_dialogues.TryGetValue(utterance.Dialogue, out List<Utterance>? dialogue))
        {
            _dialogues.Add(utterance.Dialogue, dialogue = []);
            _order.Add(utterance.Dialogue);
        }
        else if (dialogue[0].Split != utterance.Split)
        {
            throw Wrong(
                "split",
                $"split {utterance.Split.Name()} in dialogue {CorpusException.Quote(utterance.Dialogue)}",
                $"{dialogue[0].Split.Name()}, as in the dialogue's other lines");
        }

        dialogue.Add(utterance);

        CorpusException Wrong(string field, string found, string expected) =>
            new(found, expected, file, line, entry is null ? field : $"{entry}.{field}");
    }

    /// <summary>The dialogues in the order of their first lines, each by rising index.</summary>
    public IReadOnlyList<Dialogue> Build() =>
        [.. _order.Select(id => new Dialogue(id, _dialogues[id][0].Split, [.. _dialogues[id].OrderBy(u => u.Index)]))];
}
