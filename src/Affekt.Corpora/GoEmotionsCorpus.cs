using System.Globalization;

namespace Affekt.Corpora;

/// <summary>
/// Reads GoEmotions in its mapping to seven emotions: train.tsv, dev.tsv and test.tsv with text, label indexes and id,
/// and labels.txt that names the indexes.
/// </summary>
public static class GoEmotionsCorpus
{
    /// <summary>
    /// Reads every comment with exactly one label as a dialogue of one utterance without a speaker; comments with
    /// several are left out with a note per file.
    /// </summary>
    /// <param name="root">The folder that holds the four files.</param>
    /// <param name="map">What labels count as, where that is not what they say.</param>
    /// <exception cref="CorpusException">
    /// A file is missing, a label is not among the seven, or a line cannot be understood.
    /// </exception>
    public static Corpus Read(string root, LabelMap? map = null)
    {
        CorpusLabels read = new(map ?? LabelMap.Empty, CorpusLabel.Seven);
        string path = Path.Combine(root, "labels.txt");
        int?[] labels = [.. TextFile.ReadLines(path).Select(label => read.ReadStrictly(label.Line, path, label.Number, "label"))];
        List<CorpusNote> notes = [];
        Dialogue[] dialogues = [.. Enum.GetValues<Split>().SelectMany(split => ReadSplit(root, split, labels, notes))];
        return new Corpus("goemotions", dialogues, [.. read.Notes(), .. notes]);
    }

    private static IReadOnlyList<Dialogue> ReadSplit(string root, Split split, int?[] labels, List<CorpusNote> notes)
    {
        string path = Path.Combine(root, $"{split.Name()}.tsv");
        DialogueGrouping grouping = new(path, "id", "id");
        int several = 0;
        foreach ((int number, string line) in TextFile.ReadLines(path))
        {
            string[] fields = line.Split('\t');
            if (fields.Length != 3)
                throw new CorpusException($"{fields.Length} columns", "3: text, labels, id", path, number);

            int?[] given = [.. fields[1].Split(',').Select(index => LabelAt(labels, index, path, number))];
            if (given.Length > 1)
            {
                several++;
                continue;
            }

            string id = $"{split.Name()}_{fields[2]}";
            grouping.Add(
                new Utterance
                {
                    Id = id,
                    Dialogue = id,
                    Index = 0,
                    Text = Utterance.TextOrNull(fields[0]),
                    GivenLabel = given[0],
                    Split = split,
                },
                number);
        }

        if (several > 0)
            notes.Add(new CorpusNote(path, null, $"{several} comments with several labels were left out"));

        return grouping.Build();
    }

    private static int? LabelAt(int?[] labels, string index, string path, int line) =>
        int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < labels.Length
            ? labels[number]
            : throw new CorpusException(
                CorpusException.Quote(index), $"an index into labels.txt, 0 to {labels.Length - 1}", path, line, "labels");
}
