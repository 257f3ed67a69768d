using System.Globalization;
using System.Text.Json;

namespace Affekt.Corpora.Published;

/// <summary>
/// Reads EmoryNLP's emotion detection (Zahiri and Choi, 2018; scenes of Friends): emotion-detection-trn.json, -dev.json and -tst.json, in
/// the folder itself or in json/, or the tables that MELD's authors made of them, emorynlp_train_final.csv and so on.
/// </summary>
internal static class EmoryNlpCorpus
{
    private const string Name = "emorynlp";
    private const string Expected = "an object with episodes, their scenes and utterances";

    private static readonly (Split Split, string Json, string Csv, int Published)[] _files =
    [
        (Split.Train, "emotion-detection-trn.json", "emorynlp_train_final.csv", 9_934),
        (Split.Dev, "emotion-detection-dev.json", "emorynlp_dev_final.csv", 1_344),
        (Split.Test, "emotion-detection-tst.json", "emorynlp_test_final.csv", 1_328),
    ];

    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("Neutral", "neutral", Emotion.Neutral), new("Joyful", "joyful", Emotion.Joy), new("Sad", "sad", Emotion.Sadness),
        new("Mad", "mad", Emotion.Anger), new("Scared", "scared", Emotion.Fear), new("Peaceful", "peaceful", null),
        new("Powerful", "powerful", null),
    ];

    /// <summary>Reads the three splits, each scene as a dialogue.</summary>
    public static Corpus Read(string root, CorpusReadOptions options)
    {
        CorpusLabels labels = new(options.Labels, Labels);
        List<CorpusNote> notes = [];
        List<Dialogue> dialogues = [];
        foreach ((Split split, string json, string csv, int published) in _files)
        {
            string file = MediaFiles.FirstOf(Path.Combine(root, json), Path.Combine(root, "json", json), Path.Combine(root, csv)) ?? Path.Combine(root, json);
            IReadOnlyList<Dialogue> read = file.EndsWith(".csv", StringComparison.Ordinal) ? ReadCsv(file, split, labels) : ReadJson(file, split, labels);
            int count = read.Sum(dialogue => dialogue.Utterances.Count);
            if (count != published)
                notes.Add(new CorpusNote(file, null, $"{count} utterances; the published file has {published}", CorpusNote.Incomplete));

            dialogues.AddRange(read);
        }

        return new Corpus(Name, dialogues, [.. labels.Notes(), .. notes]);
    }

    private static IReadOnlyList<Dialogue> ReadJson(string file, Split split, CorpusLabels labels)
    {
        using JsonDocument document = JsonEntry.Open(file, Expected);
        DialogueGrouping grouping = new(file, "utterance_id", "utterance_id");
        foreach (JsonEntry scene in new JsonEntry(file, "", document.RootElement).Field("episodes").Items().SelectMany(episode => episode.Field("scenes").Items()))
        {
            string dialogue = scene.Field("scene_id").Text();
            foreach ((int index, JsonEntry utterance) in scene.Field("utterances").Items().Index())
            {
                string? label = utterance.TryField("emotion")?.Text();
                int? counted = label is null ? null : labels.Read(label, file);
                string speakers = string.Join(", ", utterance.TryField("speakers")?.Items().Select(speaker => speaker.Text()) ?? []);
                grouping.Add(
                    new Utterance
                    {
                        Id = utterance.Field("utterance_id").Text(),
                        Dialogue = dialogue,
                        Index = index,
                        Speaker = Utterance.TextOrNull(speakers),
                        Text = Utterance.TextOrNull(utterance.TryField("transcript")?.Text()),
                        Label = counted,
                        HasOtherLabel = label is not null && counted is null,
                        Split = split,
                    },
                    null,
                    utterance.Place);
            }
        }

        return grouping.Build();
    }

    private static IReadOnlyList<Dialogue> ReadCsv(string file, Split split, CorpusLabels labels)
    {
        DialogueGrouping grouping = new(file, "Utterance_ID", "Utterance_ID");
        foreach (CsvRow row in CsvRows.Read(file, ["Utterance", "Speaker", "Emotion", "Scene_ID", "Utterance_ID", "Season", "Episode"]))
        {
            string scene = $"s{Number(row, "Season"):00}_e{Number(row, "Episode"):00}_c{Number(row, "Scene_ID"):00}";
            int index = Number(row, "Utterance_ID");
            grouping.Add(
                new Utterance
                {
                    Id = $"{scene}_u{index:000}",
                    Dialogue = scene,
                    Index = index,
                    Speaker = Utterance.TextOrNull(row["Speaker"].Trim('[', ']').Replace("'", "", StringComparison.Ordinal)),
                    Text = Utterance.TextOrNull(row["Utterance"]),
                    GivenLabel = labels.Read(row["Emotion"], file, row.Line),
                    Split = split,
                },
                row.Line);
        }

        return grouping.Build();
    }

    private static int Number(CsvRow row, string column) =>
        int.TryParse(row[column], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw row.Wrong(column, "a whole number from 0");
}
