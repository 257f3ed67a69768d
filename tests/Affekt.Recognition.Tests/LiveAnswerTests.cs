using Affekt.Media;
using Affekt.Models.Bundles;
using Affekt.Models.Packages;
using Affekt.Models.Persons;
using Affekt.Models.Speech;
using Affekt.Tests;

namespace Affekt.Recognition.Tests;

/// <summary>A live session hears on while what was said is answered.</summary>
public sealed class LiveAnswerTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task A_session_hears_and_answers_on_while_utterances_that_ended_wait_for_their_answer()
    {
        float[] sound = await SampleAsync();
        using Parts parts = await Parts.OpenAsync(_media);
        using ManualResetEventSlim gate = new();
        Task<int> held = HoldAsync(parts, gate);
        using LiveSession session = new(parts.Live, new LiveOptions { Transcribe = false });
        int told = 0;
        session.WhenAnswered = () => Interlocked.Increment(ref told);

        List<LiveUpdate> meanwhile = [];
        RunningAnswer? running = null;
        foreach (float[] piece in sound.Concat(new float[16_000]).Concat(sound).Concat(new float[16_000]).Concat(sound).Chunk(1_600))
        {
            meanwhile.AddRange(session.Hear(piece));
            if (meanwhile.Any(update => update.SpeakingSinceMs is null))
                running ??= session.Running() is { Modalities.Audio.Status: ModalityStatus.Used } answer ? answer : null;
        }

        Assert.All(meanwhile, update => Assert.Null(update.Utterance));
        Assert.InRange(meanwhile.Count(update => update.SpeakingSinceMs is null), 2, 4);
        Assert.Equal(1, running!.Probabilities!.Values.Sum(), 1e-6);
        Assert.Empty(session.Answered());
        gate.Set();
        RecognizedUtterance[] answered = [.. session.Finish().Select(update => update.Utterance!)];
        await held;

        Assert.InRange(answered.Length, 3, 6);
        Assert.Equal(answered.OrderBy(one => one.StartMs), answered);
        await Eventually.HoldsAsync(() => Volatile.Read(ref told) >= answered.Length);
    }

    [Fact]
    public async Task A_session_that_ends_before_its_answers_leaves_them_undone()
    {
        float[] sound = await SampleAsync();
        using Parts parts = await Parts.OpenAsync(_media);
        using ManualResetEventSlim gate = new();
        Task<int> held = HoldAsync(parts, gate);
        int told = 0;
        using (LiveSession session = new(parts.Live, new LiveOptions { Transcribe = false }) { WhenAnswered = () => Interlocked.Increment(ref told) })
        {
            session.Hear(sound);
            session.Cut();
        }

        gate.Set();
        await held;
        Assert.Equal(1, await parts.Answers.RunAsync(() => 1, TestContext.Current.CancellationToken));
        await Eventually.HoldsAsync(() => Volatile.Read(ref told) > 0);
    }

    [Fact]
    public async Task The_sound_has_no_part_in_a_running_answer_before_enough_was_heard()
    {
        float[] sound = await SampleAsync();
        using Parts parts = await Parts.OpenAsync(_media);
        using LiveSession session = new(parts.Live, new LiveOptions { Transcribe = false });
        List<(int Speech, RunningAnswer Answer)> answers = [];
        foreach (float[] piece in sound.Chunk(1_600))
        {
            session.Hear(piece);
            if (session.Running() is { SpeakingSinceMs: { } since } answer)
                answers.Add((answer.AtMs - since, answer));
        }

        Assert.Contains(answers, one => one.Speech < 1_250);
        Assert.All(answers, one => Assert.Equal(
            one.Speech < 1_250
                ? (ModalityStatus.Unusable, "less than 1.25 s of speech was heard", true)
                : (ModalityStatus.Used, null, false),
            (one.Answer.Modalities.Audio.Status, one.Answer.Modalities.Audio.Reason, one.Answer.Probabilities is null)));
    }

    [Fact]
    public void Who_works_in_parts_lets_others_go_between_them()
    {
        ModelTurns turns = new();
        bool went = false;
        ModelTurns.Turn mine = turns.Take();
        Thread other = new(() =>
        {
            using (turns.Take())
                went = true;
        });
        other.Start();
        while ((other.ThreadState & ThreadState.WaitSleepJoin) == 0)
            Thread.Sleep(1);
        mine.Dispose();
        using (turns.Take())
            Assert.True(went);
        other.Join();
    }

    // Answers wait until the gate opens.
    private static Task<int> HoldAsync(Parts parts, ManualResetEventSlim gate) => parts.Answers.RunAsync(
        () =>
        {
            gate.Wait(TestContext.Current.CancellationToken);
            return 0;
        },
        TestContext.Current.CancellationToken);

    private static async Task<float[]> SampleAsync() => (await MediaTools.Find().ReadWholeSoundAsync(
        TestPaths.InRepository("samples/sample.mp4"), TestContext.Current.CancellationToken)).Sound.Samples;

    /// <summary>What a recognizer gives its sessions, with the thread at hand that answers.</summary>
    private sealed class Parts : IDisposable
    {
        public required LiveServices Live { get; init; }

        public WorkThread Answers => Live.Answers;

        public static async Task<Parts> OpenAsync(TestMedia media)
        {
            string folder = media.Bundle();
            try
            {
                PackageCache cache = new(PackageCacheOptions.FromEnvironment());
                string silero = await cache.EnsureAsync(WeightPackages.Silero, cancellation: TestContext.Current.CancellationToken);
                EncoderLocations locations = await EncoderLocations.FindAsync(
                    folder, BundleConfig.Load(Path.Combine(folder, BundleConfig.FileName)), audio: true, video: false, null,
                    TestContext.Current.CancellationToken);
                return new Parts
                {
                    Live = new LiveServices(
                        Bundle.Open(folder, locations), new ModelTurns(), new WorkThread("answers"),
                        SpeechDetector.Load(Path.Combine(silero, WeightPackages.SileroDetector)), null, null, new Lazy<MediaTools>(() => MediaTools.Find()),
                        new Lazy<SpeakerEncoder>(() => SpeakerEncoder.Load()), new Lazy<FaceReader?>(() => null)),
                };
            }
            catch (WeightsException exception)
            {
                Assert.Skip($"needs published weights: {exception.Message}");
                throw;
            }
        }

        public void Dispose()
        {
            Live.Answers.Dispose();
            Live.Bundle.Dispose();
            Live.Detector.Dispose();
        }
    }
}
