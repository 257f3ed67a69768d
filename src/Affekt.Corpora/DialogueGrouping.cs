namespace Affekt.Corpora;

/// <summary>Gathers utterances into dialogues, and refuses those that contradict each other.</summary>
/// <param name="file">The file that the utterances come from.</param>
/// <param name="idField">What the file calls the id.</param>
/// <param name="indexField">What the file calls the index.</param>
internal sealed class DialogueGrouping(string file, string idField, string indexField)
{
    private readonly Dictionary<string, int> _lineOfId = [];
    private readonly Dictionary<(string Dialogue, int Index), int> _lineOfIndex = [];
    private readonly Dictionary<string, List<Utterance>> _dialogues = [];
    private readonly List<string> _order = [];

    public void Add(Utterance utterance, int line)
    {
        if (!_lineOfIndex.TryAdd((utterance.Dialogue, utterance.Index), line))
        {
            int first = _lineOfIndex[(utterance.Dialogue, utterance.Index)];
            throw new CorpusException(
                $"index {utterance.Index} of dialogue {CorpusException.Quote(utterance.Dialogue)} a second time",
                $"each index once in a dialogue (line {first} has it)", file, line, indexField);
        }

        if (!_lineOfId.TryAdd(utterance.Id, line))
        {
            throw new CorpusException(
                $"{CorpusException.Quote(utterance.Id)} a second time",
                $"each id once (line {_lineOfId[utterance.Id]} has it)", file, line, idField);
        }

        if (!_dialogues.TryGetValue(utterance.Dialogue, out List<Utterance>? dialogue))
        {
            _dialogues.Add(utterance.Dialogue, dialogue = []);
            _order.Add(utterance.Dialogue);
        }
        else if (dialogue[0].Split != utterance.Split)
        {
            throw new CorpusException(
                $"split {utterance.Split.Name()} in dialogue {CorpusException.Quote(utterance.Dialogue)}",
                $"{dialogue[0].Split.Name()}, as in the dialogue's other lines", file, line, "split");
        }

        dialogue.Add(utterance);
    }

    /// <summary>The dialogues in the order of their first lines, each by rising index.</summary>
    public IReadOnlyList<Dialogue> Build() =>
        [.. _order.Select(id => new Dialogue(id, _dialogues[id][0].Split, [.. _dialogues[id].OrderBy(u => u.Index)]))];
}
