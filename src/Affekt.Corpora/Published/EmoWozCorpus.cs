using System.Globalization;
using System.Text.Json;

namespace Affekt.Corpora.Published;

/// <summary>
/// Reads EmoWOZ (Feng et al., 2022): emowoz-multiwoz.json and emowoz-dialmage.json, split by data-split.json. What the system says has no
/// label and stays in its dialogue.
/// </summary>
internal static class EmoWozCorpus
{
    private const string Name = "emowoz";
    private const string SplitFile = "data-split.json";
    private const string SystemTurn = "-1";

    private static readonly (string Key, string File)[] _parts = [("multiwoz", "emowoz-multiwoz.json"), ("dialmage", "emowoz-dialmage.json")];

    /// <summary>
    /// Only neutral is one of the seven: fearful stands for fearful, sad and disappointed, excited for excited, happy and anticipating, and
    /// the others tell what somebody thinks of the system.
    /// </summary>
    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("0", "neutral", Emotion.Neutral), new("1", "fearful", null), new("2", "dissatisfied", null), new("3", "apologetic", null),
        new("4", "abusive", null), new("5", "excited", null), new("6", "satisfied", null),
    ];

    /// <summary>Reads the files that are there.</summary>
    /// <exception cref="CorpusException">The splits or both files are missing, or a file is not what it should be.</exception>
    public static Corpus Read(string root, CorpusReadOptions options)
    {
        string splitFile = Path.Combine(root, SplitFile);
        CorpusLabels labels = new(options.Labels, Labels);
        List<CorpusNote> notes = [];
        List<Dialogue> dialogues = [];
        Dictionary<(string Part, string Dialogue), Split> splits = Splits(splitFile);
        (string Key, string File)[] there = [.. _parts.Select(part => (part.Key, Path.Combine(root, part.File))).Where(part => File.Exists(part.Item2))];
        if (there.Length == 0)
            throw new CorpusException($"neither {_parts[0].File} nor {_parts[1].File}", "one of them at least", root);

        foreach ((string key, string file) in there)
        {
            int before = dialogues.Count, outside = 0;
            using JsonDocument document = JsonEntry.Open(file, "an object that names dialogues");
            foreach ((string id, JsonEntry dialogue) in new JsonEntry(file, "", document.RootElement).Fields())
            {
                if (splits.TryGetValue((key, id), out Split split))
                {
                    dialogues.Add(ReadDialogue(id, dialogue, split, labels));
                }
                else
                {
                    outside++;
                }
            }

            if (outside > 0)
                notes.Add(new CorpusNote(file, null, $"{outside} dialogues are not in {SplitFile}; left out", CorpusNote.LeftOut));

            int lacking = splits.Keys.Count(listed => listed.Part == key) - (dialogues.Count - before);
            if (lacking > 0)
                notes.Add(new CorpusNote(file, null, $"{lacking} dialogues that {SplitFile} names are not there", CorpusNote.Incomplete));
        }

        return new Corpus(Name, dialogues, [.. labels.Notes(), .. notes]);
    }

    private static Dictionary<(string Part, string Dialogue), Split> Splits(string file)
    {
        using JsonDocument document = JsonEntry.Open(file, "an object with train, dev and test");
        Dictionary<(string, string), Split> splits = [];
        foreach ((string name, JsonEntry parts) in new JsonEntry(file, "", document.RootElement).Fields())
        {
            Split split = PublishedSplits.Parse(name) ?? throw parts.Wrong(CorpusException.Quote(name), "train, dev or test");
            foreach ((string part, JsonEntry ids) in parts.Fields())
            {
                foreach (JsonEntry id in ids.Items())
                {
                    if (!splits.TryAdd((part, id.Text()), split))
                        throw id.Wrong($"{CorpusException.Quote(id.Text())} a second time", "each dialogue in one split");
                }
            }
        }

        return splits;
    }

    private static Dialogue ReadDialogue(string id, JsonEntry dialogue, Split split, CorpusLabels labels)
    {
        Utterance[] utterances =
        [
            .. dialogue.Field("log").Items().Select((turn, index) =>
            {
                string? label = Label(turn);
                int? counted = label is null ? null : labels.Read(label, turn.File);
                bool isSystem = index % 2 == 1;
                return new Utterance
                {
                    Id = $"{id}_{index}",
                    Dialogue = id,
                    Index = index,
                    Speaker = $"{id} {(isSystem ? "system" : "user")}",
                    Text = Utterance.TextOrNull(turn.Field("text").Text())?.Trim(),
                    Label = counted,
                    HasOtherLabel = counted is null && (label is not null || isSystem),
                    Split = split,
                };
            }),
        ];
        return utterances.Length > 0 ? new Dialogue(id, split, utterances) : throw dialogue.Wrong("no turn", "at least one", "log");
    }

    // The last entry of the list is what the annotators' answers were settled to.
    private static string? Label(JsonEntry turn)
    {
        if (turn.TryField("emotion") is not { } given)
            return null;

        JsonEntry final = given;
        if (given.Value.ValueKind == JsonValueKind.Array)
        {
            if (given.Value.GetArrayLength() == 0)
                return null;

            final = given.Items().Last();
        }

        if (final.Value.ValueKind == JsonValueKind.Object)
            final = final.TryField("emotion") ?? final.TryField("final") ?? throw final.Wrong("nothing", "a field emotion");

        string label = final.Value.ValueKind == JsonValueKind.Number && final.Value.TryGetInt32(out int number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : final.Text();
        return label == SystemTurn ? null : label;
    }
}
