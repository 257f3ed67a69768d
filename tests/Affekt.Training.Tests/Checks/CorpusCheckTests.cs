using Affekt.Corpora;
using Affekt.Tests;
using Affekt.Training.Checks;

namespace Affekt.Training.Tests.Checks;

public sealed class CorpusCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sounds_that_are_silent_cut_off_repeated_or_no_sound_at_all_are_found_and_others_are_not()
    {
        _folder.WriteTone("good.wav", 16_000, 0.3);
        _folder.WriteTone("silent.wav", 16_000, 0);
        _folder.WriteTone("long.wav", 16_000 * 31, 0.1);
        File.Copy(_folder.At("good.wav"), _folder.At("again.wav"));
        _folder.Write("text.wav", "no sound");
        _folder.Write("empty.wav", "");

        CorpusCheckReport report = await CheckAsync("good", "silent", "long", "again", "text", "empty", "gone");

        Assert.Equal(
            [
                ("missing_media", "gone"), ("unreadable_media", "text"), ("unreadable_media", "empty"),
                ("long_media", "long"), ("no_sound", "silent"), ("repeated_media", "again"),
            ],
            report.Findings.Select(finding => (finding.Code, finding.Where)));
        Assert.Equal(4, report.MediaRead);
        Assert.Equal(34_000, report.MediaMs);
        Assert.True(report.HasBad);
    }

    [Fact]
    public async Task A_stretch_that_lies_outside_its_file_is_unreadable_and_one_that_ends_late_is_suspicious()
    {
        _folder.WriteTone("a.wav", 32_000, 0.3);
        Corpus corpus = Manifest.Read(_folder.Write("m.jsonl", """
            {"id":"fine","dialogue":"a","index":0,"emotion":"joy","split":"train","media":"a.wav","start_ms":500,"end_ms":1500}
            {"id":"late","dialogue":"b","index":0,"emotion":"joy","split":"train","media":"a.wav","start_ms":500,"end_ms":4000}
            {"id":"beyond","dialogue":"c","index":0,"emotion":"joy","split":"train","media":"a.wav","start_ms":3000,"end_ms":4000}
            """));

        CorpusCheckReport report = await CorpusCheck.RunAsync(corpus, true, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([("unreadable_media", "beyond"), ("damaged_media", "late")], report.Findings.Select(finding => (finding.Code, finding.Where)));
    }

    [Fact]
    public async Task A_clip_that_lasts_longer_than_annotated_or_has_no_picture_among_films_is_suspicious()
    {
        Utterance film = NewUtterance("film", TestPaths.InRepository("samples/sample.mp4"));
        Utterance annotated = film with { Id = "annotated", Dialogue = "annotated", DurationMs = 900 };
        Utterance sound = NewUtterance("sound", _folder.WriteTone("a.wav", 16_000, 0.3));

        CorpusCheckReport report = await CorpusCheck.RunAsync(
            NewCorpus(film, annotated, sound), true, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(
            [("no_picture", "sound"), ("other_duration", "annotated"), ("repeated_media", "annotated")],
            report.Findings.Select(finding => (finding.Code, finding.Where)));
        Assert.False(report.HasBad);
    }

    [Fact]
    public async Task Without_reading_media_nothing_is_decoded_but_names_are_looked_for()
    {
        _folder.Write("text.wav", "no sound");

        CorpusCheckReport report = await CheckAsync(readMedia: false, "text", "gone");

        Assert.Equal("gone", Assert.Single(report.Findings).Where);
        Assert.Equal(0, report.MediaRead);
    }

    [Fact]
    public async Task The_published_meld_shows_its_four_odd_durations_its_gaps_and_its_unseen_speakers()
    {
        Corpus corpus = MeldCorpus.Read(TestPaths.Shared("data/meld"));

        CorpusCheckReport report = await CorpusCheck.RunAsync(corpus, true, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([9_989, 1_109, 2_610], report.Splits.Select(split => split.Utterances));
        Assert.Equal(4, report.Counts[FindingCode.OddDuration]);
        Assert.Equal(3, report.Counts[FindingCode.Odd]);
        Assert.Equal(2, report.Counts[FindingCode.UnseenSpeakers]);
        Assert.Equal(9, report.Findings.Count);
        Assert.False(report.HasBad);
    }

    private Task<CorpusCheckReport> CheckAsync(params string[] names) => CheckAsync(true, names);

    private Task<CorpusCheckReport> CheckAsync(bool readMedia, params string[] names)
    {
        string manifest = _folder.Write("m.jsonl", string.Join('\n', names.Select(name =>
            $$"""{"id":"{{name}}","dialogue":"{{name}}","index":0,"emotion":"joy","split":"train","media":"{{name}}.wav"}""")));
        return CorpusCheck.RunAsync(Manifest.Read(manifest), readMedia, cancellation: TestContext.Current.CancellationToken);
    }

    private static Utterance NewUtterance(string id, string media) => new()
    {
        Id = id,
        Dialogue = id,
        Index = 0,
        Label = (int)Emotion.Joy,
        Split = Split.Train,
        Media = media,
    };

    private static Corpus NewCorpus(params Utterance[] utterances) =>
        new("some", [.. utterances.Select(utterance => new Dialogue(utterance.Dialogue, utterance.Split, [utterance]))], []);
}
