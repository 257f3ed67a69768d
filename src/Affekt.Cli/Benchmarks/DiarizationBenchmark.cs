using System.Diagnostics;
using System.Text.Json.Serialization;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Recognition;

namespace Affekt.Cli.Benchmarks;

/// <summary>How well speakers are told apart: the schema "affekt.bench-diarize/1".</summary>
internal sealed record DiarizationReport(
    string Date, BundleIdentity Bundle, string Actors, int Seed, int Draws, IReadOnlyList<DiarizedRecording> Recordings)
{
    public string Schema { get; } = "affekt.bench-diarize/1";

    /// <summary>What the draws come to, for each number of speakers.</summary>
    public IReadOnlyList<DiarizedDraws> Summary { get; } = [.. Recordings.GroupBy(one => one.Speakers).Select(draws => DiarizedDraws.Of(draws.Key, [.. draws]))];
}

/// <summary>Recordings of as many speakers, each of other speakers or other turns.</summary>
/// <param name="Speakers">How many there are.</param>
/// <param name="MeanFound">How many were found, in the mean.</param>
/// <param name="NumberRight">The share of recordings in which as many were found as there are.</param>
/// <param name="MeanError">The diarization error rate in the mean.</param>
/// <param name="WorstError">The highest.</param>
/// <param name="MeanConfusion">Of the mean, what was given to another speaker.</param>
/// <param name="MeanErrorAsHeard">The mean rate with the speaker that each utterance had when it was answered.</param>
/// <param name="MeanErrorOfKnownNumber">The mean rate where the number of speakers is told.</param>
internal sealed record DiarizedDraws(
    int Speakers, double MeanFound, double NumberRight, double MeanError, double WorstError, double MeanConfusion, double MeanErrorAsHeard,
    double MeanErrorOfKnownNumber)
{
    public static DiarizedDraws Of(int speakers, IReadOnlyList<DiarizedRecording> draws)
    {
        return new DiarizedDraws(
            speakers, Mean(one => one.Found), Mean(one => one.Found == speakers ? 1 : 0), Mean(one => one.Error), draws.Max(one => one.Error),
            Mean(one => one.Confusion), Mean(one => one.ErrorAsHeard), Mean(one => one.ErrorOfKnownNumber));

        double Mean(Func<DiarizedRecording, double> value) => Math.Round(draws.Average(value), 4);
    }
}

/// <summary>One recording of some speakers in turns.</summary>
/// <param name="Speakers">How many there are.</param>
/// <param name="Actors">Who.</param>
/// <param name="Seconds">How long it is.</param>
/// <param name="Utterances">How many utterances were found.</param>
/// <param name="Found">How many speakers were found.</param>
/// <param name="Error">The diarization error rate, as the result tells.</param>
/// <param name="Missed">Of it speech that was not found.</param>
/// <param name="FalseAlarm">Of it what was found where nobody speaks.</param>
/// <param name="Confusion">Of it what was given to another speaker.</param>
/// <param name="ErrorAsHeard">The rate with the speaker that each utterance had when it was answered.</param>
/// <param name="ErrorOfKnownNumber">The rate where the number of speakers is told.</param>
/// <param name="Emotions">Utterances with the right emotion, speakers told apart; null where not asked for.</param>
/// <param name="EmotionsWithoutSpeakers">The same with nobody told apart.</param>
/// <param name="RealTimeFactor">Seconds of work for a second of the recording.</param>
/// <param name="Overlaps">Whether two at once are told; null, and left out of the JSON, where nobody speaks at once.</param>
internal sealed record DiarizedRecording(
    int Speakers, string Actors, double Seconds, int Utterances, int Found, double Error, double Missed, double FalseAlarm, double Confusion,
    double ErrorAsHeard, double ErrorOfKnownNumber, double? Emotions, double? EmotionsWithoutSpeakers, double RealTimeFactor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ToldOverlaps? Overlaps);

/// <summary>How well it is told that two people speak at once.</summary>
/// <param name="Clips">Clips into which somebody else speaks.</param>
/// <param name="Told">Of these, how many lie in an utterance of which that is told.</param>
/// <param name="AloneUtterances">Utterances in which one person speaks.</param>
/// <param name="WronglyTold">Of these, how many are told to have two at once.</param>
internal sealed record ToldOverlaps(int Clips, int Told, int AloneUtterances, int WronglyTold)
{
    public static ToldOverlaps Of(IReadOnlyList<RecognizedUtterance> utterances, IReadOnlyList<SpokenBy> clips, IReadOnlyList<bool> isJoined)
    {
        SpokenBy[] joined = [.. clips.Where((_, i) => isJoined[i])];
        RecognizedUtterance[] alone = [.. utterances.Where(one => !joined.Any(clip => Meet(one, clip)))];
        return new ToldOverlaps(
            joined.Length, joined.Count(clip => utterances.Any(one => one.Overlap > 0 && Meet(one, clip))), alone.Length, alone.Count(one => one.Overlap > 0));

        static bool Meet(RecognizedUtterance utterance, SpokenBy clip) => utterance.StartMs < clip.EndMs && clip.StartMs < utterance.EndMs;
    }
}

/// <summary>Joins a corpus' voices to conversations of known speakers, and scores who was found to speak when.</summary>
internal static class DiarizationBenchmark
{
    // A turn has up to so many clips.
    private const int LongestTurn = 3;

    // How much louder or quieter somebody is who speaks into a clip, in dB.
    private const double MostApart = 5;

    public static async Task<DiarizedRecording> MeasureAsync(
        Recognizer recognizer, MediaTools tools, Corpus corpus, int speakers, TimeSpan length, int seed, double overlap, bool emotions, string file,
        CancellationToken cancellation)
    {
        Random random = new(seed);
        string[] actors = [.. corpus.Utterances.Select(one => one.Speaker!).Distinct().Order(StringComparer.Ordinal).OrderBy(_ => random.Next()).Take(speakers)];
        Dictionary<string, Queue<(Utterance Clip, float[] Sound)>> clips = [];
        foreach (string actor in actors)
        {
            List<(Utterance, float[])> own = [];
            foreach (Utterance clip in corpus.Utterances.Where(one => one.Speaker == actor).OrderBy(_ => random.Next()))
                own.Add((clip, (await tools.ReadWholeSoundAsync(clip.Media!, cancellation)).Sound.Samples));
            clips[actor] = new Queue<(Utterance, float[])>(own);
        }

        List<Utterance> order = [];
        List<bool> isJoined = [];
        int left = 0;
        string turn = actors[^1];
        JoinedRecording recording = JoinedRecording.Join(
            () =>
            {
                if (left-- == 0)
                {
                    turn = speakers == 1 ? turn : actors.Where(actor => actor != turn).ElementAt(random.Next(speakers - 1));
                    left = random.Next(LongestTurn);
                }

                (Utterance clip, float[] sound) = clips[turn].Dequeue();
                clips[turn].Enqueue((clip, sound));
                order.Add(clip);
                isJoined.Add(overlap > 0 && speakers > 1 && random.NextDouble() < overlap);
                return isJoined[^1] ? Joined(sound, clips[actors.Where(actor => actor != turn).ElementAt(random.Next(speakers - 1))], random) : sound;
            },
            length, random);
        recording.Write(file);
        SpokenBy[] truth = [.. recording.Truth.Zip(order, (stretch, clip) => new SpokenBy(stretch.StartMs, stretch.EndMs, clip.Speaker!))];

        // Words take no part in who speaks, and most of the time.
        RecognitionRequest request = new(file) { Transcribe = false };
        double seconds = recording.Samples.Length / (double)Sound.SampleRate;
        Stopwatch clock = Stopwatch.StartNew();
        List<RecognitionUpdate> updates = [];
        await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(request, cancellation))
            updates.Add(update);
        double wall = clock.Elapsed.TotalSeconds;
        RecognitionResult result = RecognitionUpdate.Join(updates);
        DiarizationScore score = DiarizationScore.Of(truth, Found(result.Utterances));
        RecognitionResult known = await recognizer.RecognizeAsync(request with { SpeakerCount = speakers }, cancellation);
        RecognitionResult? without = emotions ? await recognizer.RecognizeAsync(request with { TellVoicesApart = false }, cancellation) : null;
        return new DiarizedRecording(
            speakers, string.Join(", ", actors), Math.Round(seconds, 1), result.Utterances.Count,
            result.Utterances.Select(one => one.Speaker).OfType<string>().Distinct().Count(),
            Rounded(score.Error), Rounded(score.Missed), Rounded(score.FalseAlarm), Rounded(score.Confusion),
            Rounded(DiarizationScore.Of(truth, Found([.. updates.Select(update => update.Utterance).OfType<RecognizedUtterance>()])).Error),
            Rounded(DiarizationScore.Of(truth, Found(known.Utterances)).Error),
            emotions ? Rounded(Right(result.Utterances, truth, order)) : null,
            without is null ? null : Rounded(Right(without.Utterances, truth, order)),
            Rounded(wall / seconds), overlap > 0 ? ToldOverlaps.Of(result.Utterances, truth, isJoined) : null);
    }

    // Somebody else's next clip, about as loud, begins a fifth of its length earlier or later at most, so that speech meets speech; the clip stays as
    // long as it is.
    private static float[] Joined(float[] sound, Queue<(Utterance Clip, float[] Sound)> others, Random random)
    {
        (Utterance clip, float[] other) = others.Dequeue();
        others.Enqueue((clip, other));
        double scale = Math.Sqrt(Power(sound) / Power(other)) * Math.Pow(10, ((2 * random.NextDouble()) - 1) * MostApart / 20);
        int shift = random.Next(-other.Length / 5, other.Length / 5);
        return [.. sound.Select((sample, i) => i - shift >= 0 && i - shift < other.Length ? (float)(sample + (other[i - shift] * scale)) : sample)];

        static double Power(float[] samples) => samples.Average(sample => (double)sample * sample);
    }

    private static IReadOnlyList<SpokenBy> Found(IReadOnlyList<RecognizedUtterance> utterances) =>
        [.. utterances.Where(one => one.Speaker is not null).Select(one => new SpokenBy(one.StartMs, one.EndMs, one.Speaker!))];

    // An utterance's emotion is that of the clip in which its middle lies.
    private static double Right(IReadOnlyList<RecognizedUtterance> utterances, SpokenBy[] truth, List<Utterance> order)
    {
        int right = 0, all = 0;
        foreach (RecognizedUtterance one in utterances)
        {
            int middle = (one.StartMs + one.EndMs) / 2, clip = Array.FindIndex(truth, spoken => spoken.StartMs <= middle && middle <= spoken.EndMs);
            if (clip < 0)
                continue;
            all++;
            right += order[clip].Label == one.Probabilities.TopIndex ? 1 : 0;
        }

        return (double)right / Math.Max(1, all);
    }

    private static double Rounded(double value) => Math.Round(value, 4);
}
