using System.Diagnostics;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Speech;
using Affekt.Recognition;

namespace Affekt.Cli.Benchmarks;

/// <summary>What was measured: the schema "affekt.bench-speech/1".</summary>
internal sealed record SpeechReport(
    string Date, BundleIdentity Bundle, string Engine, int Threads, string Precision, RecordingReport? Recording, WordsReport? Words)
{
    [JsonPropertyOrder(-1)]
    public string Schema { get; } = "affekt.bench-speech/1";
}

/// <summary>How a recording of joined clips was cut, and at what cost.</summary>
internal sealed record RecordingReport(
    double Seconds, int Clips, int Utterances, int ToleranceMs, double Precision, double Recall, double WallSeconds,
    double RealTimeFactor, IReadOnlyList<long> ResidentMib);

/// <summary>How many words of RAVDESS's two sentences were wrong.</summary>
internal sealed record WordsReport(
    string Actors, int Files, int Words, double WordErrorRate, int WithoutWords, SortedDictionary<string, double> ByEmotion);

/// <summary>Measures what finds utterances and words.</summary>
internal static class SpeechBenchmark
{
    private const int ToleranceMs = 300;
    private const int Quarters = 4;

    public static async Task<RecordingReport> CutAsync(
        Recognizer recognizer, MediaTools tools, IReadOnlyList<string> clips, TimeSpan length, int seed, string file,
        CancellationToken cancellation)
    {
        List<float[]> sounds = [];
        foreach (string clip in clips)
        {
            Sound sound = (await tools.ReadWholeSoundAsync(clip, cancellation)).Sound;
            if (!sound.IsMissing)
                sounds.Add(sound.Samples);
        }

        JoinedRecording recording = JoinedRecording.Join(sounds, length, seed);
        recording.Write(file);
        sounds.Clear();

        List<long> resident = [];
        Stopwatch clock = Stopwatch.StartNew();
        List<SpokenStretch> found = [];
        double seconds = recording.Samples.Length / (double)Sound.SampleRate;
        await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(new RecognitionRequest(file), cancellation))
        {
            if (update.Utterance is { } utterance)
                found.Add(new SpokenStretch(utterance.StartMs, utterance.EndMs));
            while (resident.Count < Quarters && update.DoneMs >= 1000 * seconds * (resident.Count + 1) / Quarters)
                resident.Add(Environment.WorkingSet >> 20);
        }

        double wall = clock.Elapsed.TotalSeconds;
        BoundaryScore score = BoundaryScore.Of(found, recording.Truth, ToleranceMs);
        return new RecordingReport(
            Math.Round(seconds, 1), recording.Truth.Count, found.Count, ToleranceMs, Math.Round(score.Precision, 4),
            Math.Round(score.Recall, 4), Math.Round(wall, 1), Math.Round(wall / seconds, 4), resident);
    }

    public static async Task<WordsReport> TranscribeAsync(
        Transcriber transcriber, MediaTools tools, Corpus corpus, string actors, CancellationToken cancellation)
    {
        WordErrors all = WordErrors.None;
        Dictionary<string, WordErrors> byEmotion = [];
        int files = 0, without = 0;
        foreach (Utterance utterance in corpus.Utterances.Where(one => one is { Text: not null, Media: not null }))
        {
            Sound sound = (await tools.ReadWholeSoundAsync(utterance.Media!, cancellation)).Sound;
            string? heard = transcriber.Transcribe(sound.Samples, cancellation);
            WordErrors errors = WordErrors.Count(heard, utterance.Text!);
            string emotion = corpus.Labels[utterance.Label!.Value];
            byEmotion[emotion] = byEmotion.GetValueOrDefault(emotion, WordErrors.None) + errors;
            all += errors;
            files++;
            without += heard is null ? 1 : 0;
        }

        return new WordsReport(
            actors, files, all.Words, Math.Round(all.Rate, 4), without,
            new SortedDictionary<string, double>(byEmotion.ToDictionary(pair => pair.Key, pair => Math.Round(pair.Value.Rate, 4))));
    }
}

/// <summary>How well beginnings and ends of utterances were found.</summary>
/// <param name="Found">Boundaries that were found.</param>
/// <param name="Known">Boundaries that there are.</param>
/// <param name="Matched">Pairs of one and the other, near enough, each in one pair at most.</param>
internal sealed record BoundaryScore(int Found, int Known, int Matched)
{
    public double Precision => Found == 0 ? 0 : (double)Matched / Found;

    public double Recall => Known == 0 ? 0 : (double)Matched / Known;

    /// <summary>Beginnings are compared with beginnings, ends with ends.</summary>
    public static BoundaryScore Of(IReadOnlyList<SpokenStretch> found, IReadOnlyList<SpokenStretch> known, int toleranceMs) => new(
        2 * found.Count,
        2 * known.Count,
        Matches([.. found.Select(one => one.StartMs)], [.. known.Select(one => one.StartMs)], toleranceMs)
            + Matches([.. found.Select(one => one.EndMs)], [.. known.Select(one => one.EndMs)], toleranceMs));

    // Both sorted: the earliest that fits is taken, which leaves the most for those that come.
    private static int Matches(int[] found, int[] known, int tolerance)
    {
        int matched = 0, at = 0;
        foreach (int one in known)
        {
            while (at < found.Length && found[at] < one - tolerance)
                at++;
            if (at < found.Length && found[at] <= one + tolerance)
            {
                matched++;
                at++;
            }
        }

        return matched;
    }
}

/// <summary>Words that were wrong, missing or too many, against the words that were said.</summary>
internal sealed partial record WordErrors(int Errors, int Words)
{
    public static WordErrors None { get; } = new(0, 0);

    public double Rate => Words == 0 ? 0 : (double)Errors / Words;

    public static WordErrors operator +(WordErrors left, WordErrors right) =>
        new(left.Errors + right.Errors, left.Words + right.Words);

    /// <summary>Counts without regard to case and punctuation (Levenshtein, 1966).</summary>
    public static WordErrors Count(string? heard, string said)
    {
        string[] found = Split(heard ?? ""), expected = Split(said);
        int[] row = [.. Enumerable.Range(0, found.Length + 1)];
        for (int i = 1; i <= expected.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= found.Length; j++)
            {
                int substituted = diagonal + (expected[i - 1] == found[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return new WordErrors(row[^1], expected.Length);
    }

    private static string[] Split(string text) => [.. Word().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{N}']+")]
    private static partial Regex Word();
}
