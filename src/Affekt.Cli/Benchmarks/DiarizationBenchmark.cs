using System.Diagnostics;
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
internal sealed record DiarizedRecording(
    int Speakers, string Actors, double Seconds, int Utterances, int Found, double Error, double Missed, double FalseAlarm, double Confusion,
    double ErrorAsHeard, double ErrorOfKnownNumber, double? Emotions, double? EmotionsWithoutSpeakers, double RealTimeFactor);

/// <summary>Joins a corpus' voices to conversations of known speakers, and scores who was found to speak when.</summary>
internal static class DiarizationBenchmark
{
    // A turn has up to so many clips.
    private const int LongestTurn = 3;

    public static async Task<DiarizedRecording> MeasureAsync(
        Recognizer recognizer, MediaTools tools, Corpus corpus, int speakers, TimeSpan length, int seed, bool emotions, string file,
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
                return sound;
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
            Rounded(wall / seconds));
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
