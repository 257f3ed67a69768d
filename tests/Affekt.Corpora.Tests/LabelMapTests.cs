using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class LabelMapTests
{
    [Theory]
    [InlineData("excited", "LABEL=EMOTION")]
    [InlineData("=joy", "LABEL=EMOTION")]
    [InlineData("excited=glad", "one of neutral, joy")]
    [InlineData("excited=joy,excited=fear", "each label once")]
    public void An_entry_that_is_no_label_with_an_emotion_is_an_error(string entries, string expected)
    {
        CorpusException error = Assert.Throws<CorpusException>(() => LabelMap.Parse(entries.Split(',')));

        Assert.Equal("map", error.Field);
        Assert.StartsWith(expected, error.Expected);
    }

    [Fact]
    public void A_manifest_s_unknown_label_is_an_error_that_says_how_to_map_it_and_then_is_read()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("m.jsonl", """
            {"id":"a","dialogue":"d","index":0,"split":"dev","text":"x","emotion":"excited"}
            {"id":"b","dialogue":"d","index":1,"split":"dev","text":"x","emotion":"frustrated"}
            {"id":"c","dialogue":"d","index":2,"split":"dev","text":"x","emotion":"surprised"}
            """);

        CorpusException error = Assert.Throws<CorpusException>(() => CorpusReader.Read("manifest", file));
        Assert.Equal((1, "emotion", "'excited'"), (error.Line, error.Field, error.Found));
        Assert.EndsWith("surprise, or --map excited=EMOTION", error.Expected);

        CorpusReadOptions options = new() { Labels = LabelMap.Parse(["excited=joy", "frustrated=none", "surprised=fear"]) };
        Corpus corpus = CorpusReader.Read("manifest", file, options);
        Assert.Equal([Emotion.Joy, null, Emotion.Fear], corpus.Utterances.Select(u => (Emotion?)u.Label));
        Assert.Empty(corpus.Notes);
    }

    [Fact]
    public void A_manifest_of_ones_own_labels_is_read_into_these_and_written_by_their_names()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("m.jsonl", """
            {"id":"a","dialogue":"d","index":0,"split":"dev","text":"x","emotion":"Bored"}
            {"id":"b","dialogue":"d","index":1,"split":"dev","text":"x","emotion":"confused"}
            """);

        CorpusReadOptions options = new() { Labels = LabelMap.Parse([], LabelSet.Parse("calm,bored")) };
        CorpusException error = Assert.Throws<CorpusException>(() => CorpusReader.Read("manifest", file, options));
        Assert.Equal(("'confused'", "one of calm, bored, or --map confused=LABEL", 2), (error.Found, error.Expected, error.Line));

        Corpus corpus = CorpusReader.Read("manifest", file, options with { Labels = LabelMap.Parse(["confused=calm"], options.Labels.Set) });
        Assert.Equal([1, 0], corpus.Utterances.Select(u => u.Label));
        Assert.Equal("calm", corpus.Reading.Labels.ToDictionary()["confused"]);

        Manifest.Write(corpus, Path.Combine(folder.Path, "new.jsonl"));
        Assert.Contains("\"emotion\":\"bored\"", File.ReadAllLines(Path.Combine(folder.Path, "new.jsonl"))[0]);
    }

    [Fact]
    public void Dimensions_are_numbers_beside_the_label_and_another_value_is_an_error()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("m.jsonl", """
            {"id":"a","dialogue":"d","index":0,"split":"dev","text":"x","valence":-1.5,"arousal":3}
            {"id":"b","dialogue":"d","index":1,"split":"dev","text":"x","arousal":null}
            """);
        string wrong = folder.Write("m.csv", "id,dialogue,index,split,valence\na,d,0,dev,high\n");
        CorpusReadOptions options = new() { Dimensions = ["valence", "arousal"] };

        Corpus corpus = CorpusReader.Read("manifest", file, options);
        Assert.Equal([[-1.5, 3], [null, null]], corpus.Utterances.Select(u => u.Dimensions));
        Assert.Empty(corpus.Notes);
        Assert.Equal("valence", Assert.Throws<CorpusException>(() => CorpusReader.Read("manifest", wrong, options)).Field);
        Assert.Equal("dimensions", Assert.Throws<CorpusException>(() => CorpusReader.Read("emodb", folder.Path, options)).Field);
    }

    [Fact]
    public void A_label_that_the_corpus_does_not_have_is_an_error_that_lists_those_that_it_has()
    {
        using TemporaryFolder folder = new();
        folder.Write("03a01Fa.wav", "x");

        CorpusException error = Assert.Throws<CorpusException>(
            () => CorpusReader.Read("emodb", folder.Path, new CorpusReadOptions { Labels = LabelMap.Parse(["bored=neutral"]) }));

        Assert.Equal("label 'bored', which is not in this corpus", error.Found);
        Assert.Contains("L (boredom)", error.Expected);
        Assert.Single(CorpusReader.Read("emodb", folder.Path, new CorpusReadOptions { Labels = LabelMap.Parse(["boredom=neutral"]) }).Utterances);
    }

    [Fact]
    public void A_corpus_tells_which_emotions_its_labels_can_count_as()
    {
        using TemporaryFolder folder = new();
        folder.Write("1001_DFA_ANG_XX.wav", "x");
        folder.Write("03a01Fa.wav", "x");
        folder.Write("m.jsonl", """{"id":"a","dialogue":"d","index":0,"split":"dev","text":"x","emotion":"joy"}""");

        Assert.Equal("neutral joy sadness anger fear disgust", Classes("crema-d", folder.Path));
        Assert.Equal("neutral joy sadness anger fear disgust surprise", Classes("emodb", folder.Path, "boredom=surprise"));
        Assert.Equal("neutral joy sadness anger fear", Classes("emodb", folder.Path, "E=none"));
        Assert.Equal("neutral joy sadness anger fear disgust surprise", Classes("manifest", Path.Combine(folder.Path, "m.jsonl")));

        static string Classes(string name, string root, params string[] map) => string.Join(
            ' ', CorpusReader.Read(name, root, new CorpusReadOptions { Labels = LabelMap.Parse(map) }).Classes.Select(label => LabelSet.Emotions[label]));
    }

    [Fact]
    public void Corpora_of_seven_emotions_can_be_mapped_too()
    {
        using TemporaryFolder folder = new();
        folder.Write("03-01-02-01-02-01-01.wav", "x");
        folder.Write("03-01-05-01-02-01-01.wav", "x");
        folder.Write("OAF_back_ps.wav", "x");

        Assert.Equal(["05"], Read("ravdess", "calm=none").Utterances.Select(u => u.Id[6..8]));
        Assert.Equal([Emotion.Joy], Read("tess", "ps=joy").Utterances.Select(u => (Emotion?)u.Label));

        Corpus Read(string name, string map) => CorpusReader.Read(name, folder.Path, new CorpusReadOptions { Labels = LabelMap.Parse([map]) });
    }

    [Fact]
    public void Every_layout_has_its_name_once_and_is_found_whatever_its_case_and_hyphens()
    {
        Assert.Equal(CorpusReader.Names, CorpusReader.Names.Distinct());
        Assert.All(CorpusReader.Layouts, layout =>
            Assert.Same(layout, CorpusReader.TryFind(layout.Name.ToUpperInvariant().Replace('-', '_'))));
        Assert.Null(CorpusReader.TryFind("nonsense"));
        Assert.Contains("iemocap", Assert.Throws<CorpusException>(() => CorpusReader.Read("nonsense", ".")).Expected);
    }

    // docs/corpora.md: | name | --root | what is read |, and for each label what it counts as.
    [Fact]
    public void The_documents_list_every_layout_with_its_labels_and_folds()
    {
        string[] lines = File.ReadAllLines(TestPaths.InRepository("docs/corpora.md"));
        foreach (CorpusLayout layout in CorpusReader.Layouts)
        {
            Assert.Single(lines, line => line.StartsWith($"| `{layout.Name}` | ", StringComparison.Ordinal) && line.Split('|').Length == 5);
            if (!layout.Labels.SequenceEqual(CorpusLabel.Seven))
            {
                string row = Assert.Single(lines, line => line.StartsWith($"| `{layout.Name}` | ", StringComparison.Ordinal) && line.Split('|').Length == 6);
                Assert.Equal(
                    [
                        layout.Folds > 0 ? $"{layout.Folds}" : "",
                        string.Join(", ", Enum.GetValues<Emotion>().Select(emotion => (emotion, Codes(layout, emotion))).Where(pair => pair.Item2.Length > 0)
                            .Select(pair => $"{pair.emotion.Label()}: {pair.Item2}")),
                        Codes(layout, null),
                    ],
                    row.Split('|').Skip(2).Take(3).Select(cell => cell.Trim()));
            }
        }
    }

    private static string Codes(CorpusLayout layout, Emotion? emotion) =>
        string.Join(", ", layout.Labels.Where(label => label.Emotion == emotion).Select(label => label.ToString()));
}
