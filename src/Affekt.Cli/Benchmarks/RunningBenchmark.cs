using Affekt.Corpora;
using Affekt.Media;
using Affekt.Recognition;

namespace Affekt.Cli.Benchmarks;

/// <summary>Running answers after so much speech; null scores where there was none.</summary>
/// <param name="SpeechMs">How much of the utterance was heard, its margin included; 0 for the answers at the end.</param>
/// <param name="Utterances">How many utterances were as long.</param>
/// <param name="Answered">Of them, those with an answer.</param>
/// <param name="Accuracy">The share of answers that were right.</param>
/// <param name="Confidence">Their mean confidence: where it is above the accuracy, answers are too sure.</param>
/// <param name="LogLoss">The mean of -ln p(right).</param>
/// <param name="Temperature">The exponent's divisor, above 0, that would make the log loss least.</param>
/// <param name="LogLossThen">What the log loss would be with it.</param>
internal sealed record RunningScore(
    int SpeechMs, int Utterances, int Answered, double? Accuracy, double? Confidence, double? LogLoss, double? Temperature, double? LogLossThen);

/// <summary>A measurement of running answers: the schema "affekt.bench-running/1".</summary>
internal sealed record RunningReport(string Date, BundleIdentity Bundle, string Actors, int Clips, IReadOnlyList<RunningScore> Scores)
{
    public string Schema { get; init; } = "affekt.bench-running/1";
}

/// <summary>How right, and how sure, answers are that are given while somebody speaks: from the sound alone.</summary>
internal static class RunningBenchmark
{
    private const int StepMs = 250;
    private const int StepSamples = 16 * StepMs / 5;
    private const int MostMs = 3_000;
    private const int AtTheEnd = 0;

    public static async Task<IReadOnlyList<RunningScore>> MeasureAsync(
        Recognizer recognizer, MediaTools tools, IEnumerable<Utterance> utterances, CancellationToken cancellation)
    {
        SortedDictionary<int, List<(int Truth, EmotionProbabilities? Said)>> bySpeech = [];
        foreach (Utterance utterance in utterances)
        {
            if (utterance is not { Media: { } file, Label: { } truth })
                continue;
            float[] sound = (await tools.ReadWholeSoundAsync(file, cancellation)).Sound.Samples;
            using ILiveSession session = await recognizer.ListenAsync(new LiveOptions { Transcribe = false, LeastSound = TimeSpan.Zero }, cancellation);
            int next = StepMs;
            int? since = null;
            List<RecognizedUtterance> ended = [];
            foreach (float[] piece in sound.Chunk(StepSamples))
            {
                foreach (LiveUpdate update in session.Hear(piece))
                {
                    // The clip's first utterance alone: a breath after it is none of its own.
                    since ??= update.SpeakingSinceMs;
                    ended.AddRange(update.Utterance is { } one ? [one] : []);
                }

                if (!session.IsSpeaking || session.HeardMs - since < next || next > MostMs || ended.Count > 0)
                    continue;
                Note(next, truth, session.Running().Probabilities);
                next += StepMs;
            }

            ended.AddRange(session.Finish().Select(update => update.Utterance).OfType<RecognizedUtterance>());
            if (ended.Count > 0)
                Note(AtTheEnd, truth, ended[0].Probabilities);
        }

        return [.. bySpeech.Select(pair => Score(pair.Key, pair.Value))];

        void Note(int speechMs, int truth, EmotionProbabilities? said)
        {
            bySpeech.TryAdd(speechMs, []);
            bySpeech[speechMs].Add((truth, said));
        }
    }

    private static RunningScore Score(int speechMs, List<(int Truth, EmotionProbabilities? Said)> all)
    {
        List<(int Truth, EmotionProbabilities Said)> answers = [.. all.Where(one => one.Said is not null).Select(one => (one.Truth, one.Said!))];
        if (answers.Count == 0)
            return new RunningScore(speechMs, all.Count, 0, null, null, null, null, null);
        double temperature = Enumerable.Range(0, 61).Select(step => 0.5 * Math.Pow(1.05, step)).MinBy(one => LogLoss(answers, one));
        return new RunningScore(
            speechMs, all.Count, answers.Count,
            Rounded(answers.Average(one => one.Said.TopIndex == one.Truth ? 1.0 : 0)), Rounded(answers.Average(one => one.Said.Confidence)),
            Rounded(LogLoss(answers, 1)), Rounded(temperature), Rounded(LogLoss(answers, temperature)));
    }

    private static double LogLoss(List<(int Truth, EmotionProbabilities Said)> answers, double temperature) => answers.Average(one =>
    {
        double[] powers = [.. one.Said.Values.Select(p => Math.Pow(Math.Max(p, 1e-12), 1 / temperature))];
        return -Math.Log(powers[one.Truth] / powers.Sum());
    });

    private static double Rounded(double value) => Math.Round(value, 3);
}
