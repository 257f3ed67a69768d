using Affekt.Corpora;
using Affekt.Tests;
using Affekt.Training.Features;

namespace Affekt.Training.Tests.Features;

public sealed class FeaturePreparerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_unchanged_input_is_never_encoded_twice()
    {
        Utterance[] utterances = Clips(10);
        CountingEncoder first = new(), second = new();

        await PrepareAsync("store", utterances, first);
        ModalityPreparation again = await PrepareAsync("store", utterances, second);

        Assert.Equal(10, first.Encoded.Count);
        Assert.Empty(second.Encoded);
        Assert.Equal((10, 10, 0), (again.Inputs, again.Kept, again.Encoded));
    }

    [Fact]
    public async Task A_changed_clip_stretch_or_encoder_is_encoded_anew_and_nothing_else_is()
    {
        Utterance[] utterances = Clips(6);
        await PrepareAsync("store", utterances, new CountingEncoder());
        _folder.Write("clip2", "changed");
        utterances[4] = utterances[4] with { StartMs = 100, EndMs = 900 };

        CountingEncoder same = new(), other = new("two");
        await PrepareAsync("store", utterances, same);
        await PrepareAsync("store", utterances, other);

        Assert.Equal(["changed", "sound 4"], same.Encoded);
        Assert.Equal(6, other.Encoded.Count);
    }

    [Fact]
    public async Task The_same_content_under_several_names_is_encoded_once_and_found_under_each()
    {
        Utterance[] utterances = Clips(9);
        for (int i = 0; i < utterances.Length; i++)
            _folder.Write($"clip{i}", $"sound {i % 3}");
        CountingEncoder encoder = new();

        ModalityPreparation done = await PrepareAsync("store", utterances, encoder);

        Assert.Equal(["sound 0", "sound 1", "sound 2"], encoder.Encoded);
        Assert.Equal(3, done.Inputs);
        using FeatureStore store = FeatureStore.Open(_folder.At("store"));
        CorpusFeatures features = await CorpusFeatures.ReadAsync(
            store, encoder, encoder.Outputs[0], utterances, TestContext.Current.CancellationToken);
        Assert.Equal(9, features.Count);
        Assert.True(features.TryGet("u7", out float[]? values));
        Assert.Equal(["sound 1".Sum(c => c), 7], values);
    }

    [Fact]
    public async Task Clips_that_are_gone_or_hold_nothing_stop_no_other_and_are_told_of_each_time()
    {
        Utterance[] utterances = [.. Clips(5), NewUtterance("none", null)];
        File.Delete(_folder.At("clip1"));
        _folder.Write("clip3", "");

        foreach (int encoded in (int[])[4, 0])
        {
            ModalityPreparation done = await PrepareAsync("store", utterances, new CountingEncoder());

            Assert.Equal("u1", Assert.Single(done.Failed).Id);
            Assert.Contains("clip1", done.Failed[0].Reason);
            Assert.Equal(new PreparationGap("u3", "nothing in it"), Assert.Single(done.Empty));
            Assert.Equal(1, done.Missing);
            Assert.Equal(encoded, done.Encoded);
            Assert.Equal(4 - encoded, done.Kept);
        }
    }

    [Fact]
    public async Task A_run_that_was_interrupted_loses_only_what_was_in_flight_and_ends_like_one_that_was_not()
    {
        Utterance[] utterances = Clips(40);
        await PrepareAsync("whole", utterances, new CountingEncoder());
        using CancellationTokenSource interrupt = new();
        int batches = 0;
        CountingEncoder interrupted = new()
        {
            BeforeBatch = () =>
            {
                if (++batches == 7)
                    interrupt.Cancel();
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => PrepareAsync("store", utterances, interrupted, cancellation: interrupt.Token));
        CountingEncoder resumed = new();
        await PrepareAsync("store", utterances, resumed);

        // Seven batches of four were encoded; the last ones may not have been written.
        Assert.InRange(resumed.Encoded.Count, 40 - 28, 40 - 16);
        Assert.Equal(Values("whole", utterances), Values("store", utterances));
    }

    [Fact]
    public async Task An_encoder_that_fails_ends_the_run_with_its_error_and_keeps_what_was_written()
    {
        int batches = 0;
        CountingEncoder failing = new()
        {
            BeforeBatch = () =>
            {
                if (++batches == 5)
                    throw new InvalidOperationException("out of luck");
            },
        };

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => PrepareAsync("store", Clips(40), failing));

        Assert.Equal("out of luck", error.Message);
        using FeatureStore store = FeatureStore.Open(_folder.At("store"));
        Assert.InRange(store.Count, 8, 16);
    }

    [Fact]
    public async Task Shards_written_at_the_same_time_into_one_folder_give_what_one_run_gives()
    {
        Utterance[] utterances = Clips(30);
        await PrepareAsync("whole", utterances, new CountingEncoder());
        CountingEncoder[] encoders = [new(), new(), new()];

        await Task.WhenAll(encoders.Select((encoder, i) =>
            PrepareAsync("store", utterances, encoder, new PreparationShard(i + 1, encoders.Length))));

        Assert.Equal(30, encoders.Sum(encoder => encoder.Encoded.Count));
        Assert.All(encoders, encoder => Assert.NotEmpty(encoder.Encoded));
        Assert.Equal(Values("whole", utterances), Values("store", utterances));
    }

    [Fact]
    public async Task Progress_counts_up_to_the_total_and_tells_what_is_left()
    {
        List<PreparationProgress> heard = [];

        await PrepareAsync("store", Clips(10), new CountingEncoder(), progress: new Heard(heard));

        Assert.Equal([4, 8, 10], heard.Select(progress => progress.Done));
        Assert.All(heard, progress => Assert.Equal(10, progress.Total));
        Assert.Equal(TimeSpan.Zero, heard[^1].Remaining);
        Assert.True(heard[0].StoreBytes > 0);
    }

    [Theory]
    [InlineData("1/1", true)]
    [InlineData("3/8", true)]
    [InlineData("0/8", false)]
    [InlineData("9/8", false)]
    [InlineData("1", false)]
    [InlineData("a/b", false)]
    public void A_shard_is_a_number_and_the_count_that_it_is_out_of(string text, bool valid) =>
        Assert.Equal(valid, PreparationShard.TryParse(text, out _));

    private async Task<ModalityPreparation> PrepareAsync(
        string store, Utterance[] utterances, FeatureEncoder encoder, PreparationShard? shard = null,
        IProgress<PreparationProgress>? progress = null, CancellationToken? cancellation = null)
    {
        using FeatureStore opened = FeatureStore.Open(_folder.At(store));
        PreparationReport report = await new FeaturePreparer(opened, shard, progress).RunAsync(
            utterances, [encoder], cancellation ?? TestContext.Current.CancellationToken);
        return Assert.Single(report.Modalities);
    }

    private Utterance[] Clips(int count)
    {
        for (int i = 0; i < count; i++)
            _folder.Write($"clip{i}", $"sound {i}");
        return [.. Enumerable.Range(0, count).Select(i => NewUtterance($"u{i}", _folder.At($"clip{i}")))];
    }

    private static Utterance NewUtterance(string id, string? media) => new()
    {
        Id = id,
        Dialogue = id,
        Index = 0,
        Split = Split.Train,
        Media = media,
    };

    private List<float[]?> Values(string name, Utterance[] utterances)
    {
        using FeatureStore store = FeatureStore.Open(_folder.At(name));
        FeatureOutput output = new CountingEncoder().Outputs[0];
        return [.. utterances.Select(utterance => store.Find(output.Key(ContentHash.OfFile(utterance.Media!)))?.Values)];
    }

    private sealed class Heard(List<PreparationProgress> heard) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => heard.Add(value);
    }
}
