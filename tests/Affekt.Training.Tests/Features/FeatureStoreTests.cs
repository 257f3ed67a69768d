using Affekt.Onnx.StateFiles;
using Affekt.Tests;
using Affekt.Training.Features;

namespace Affekt.Training.Tests.Features;

public sealed class FeatureStoreTests : IDisposable
{
    private const string Index = "features.safetensors.index.json";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_added_is_found_as_it_was_when_the_store_is_opened_again()
    {
        StoredFeature sound = StoredFeature.Vector([1.5f, -2]) with { DurationMs = 730 };
        StoredFeature frames = new() { Values = [1, 2, 3, 4, 0, 0], Shape = [3, 2], Present = [1, 1, 0] };
        StoredFeature silence = StoredFeature.Unusable("sound is silent – gar nichts");
        using (FeatureStore store = Open())
            store.Add([(Key("a"), sound), (Key("b"), frames), (Key("c"), silence)]);

        using FeatureStore again = Open();
        AssertSame(sound, again.Find(Key("a")));
        AssertSame(frames, again.Find(Key("b")));
        AssertSame(silence, again.Find(Key("c")));
        Assert.Null(again.Find(Key("d")));
        Assert.Equal(3, again.Count);
    }

    [Fact]
    public void Any_part_of_the_key_tells_features_apart()
    {
        FeatureKey key = new(FeatureKind.Audio, "encoder", "content", "noise");
        using FeatureStore store = Open();
        store.Add([(key, StoredFeature.Vector([1]))]);

        Assert.True(store.Contains(key));
        Assert.False(store.Contains(key with { Kind = FeatureKind.Video }));
        Assert.False(store.Contains(key with { Encoder = "another" }));
        Assert.False(store.Contains(key with { Content = "another" }));
        Assert.False(store.Contains(key with { Copy = FeatureKey.Clean }));
    }

    [Fact]
    public void Writers_and_a_tidier_that_share_a_folder_lose_nothing_and_see_each_other()
    {
        const int Writers = 3, Batches = 20, Each = 5;

        Parallel.For(0, Writers + 1, new ParallelOptions { MaxDegreeOfParallelism = Writers + 1 }, writer =>
        {
            using FeatureStore store = Open();
            for (int batch = 0; batch < Batches; batch++)
            {
                if (writer == Writers)
                    store.Tidy();
                else
                    store.Add(Enumerable.Range(0, Each).Select(i => (Key($"{writer}-{batch}-{i}"), Value(writer, batch, i))));
                if (writer < Writers)
                    Assert.Equal(Value(writer, 0, 0).Values, store.Find(Key($"{writer}-0-0"))?.Values);
            }
        });

        using FeatureStore merged = Open();
        merged.Tidy();
        Assert.Equal(Writers * Batches * Each, merged.Count);
        for (int writer = 0; writer < Writers; writer++)
        {
            for (int batch = 0; batch < Batches; batch++)
                Assert.Equal(Value(writer, batch, 3).Values, merged.Find(Key($"{writer}-{batch}-3"))?.Values);
        }

        Assert.Single(Shards());
    }

    [Fact]
    public void A_reader_finds_what_another_process_has_merged_into_a_new_shard()
    {
        Add("a");
        Add("b");
        using FeatureStore reader = Open();

        using (FeatureStore other = Open())
            other.Tidy();

        Assert.Equal(Value(1, 1, 1).Values, reader.Find(Key("a"))?.Values);
        Assert.Equal(Value(1, 1, 1).Values, reader.Find(Key("b"))?.Values);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\"weight_map\": {\"audio/e/a/clean\": \"shard-gone.safetensors\"}}")]
    [InlineData("{\"weight_map\": 7}")]
    public void A_lost_or_wrong_index_changes_nothing(string? index)
    {
        Add("a");
        using (FeatureStore store = Open())
            store.Tidy();
        Add("b");
        if (index is null)
            File.Delete(_folder.At(Index));
        else
            _folder.Write(Index, index);

        using FeatureStore again = Open();

        Assert.Equal(2, again.Count);
        Assert.NotNull(again.Find(Key("a")));
        Assert.NotNull(again.Find(Key("b")));
    }

    [Fact]
    public void The_index_opens_all_shards_as_one_state_file()
    {
        Add("a");
        Add("b");
        using (FeatureStore store = Open())
            store.Tidy();

        using StateFile all = StateFile.Open(_folder.At(Index));

        Assert.Equal([Key("a").Name, Key("b").Name], all.Tensors.Keys.Order());
        Assert.Equal(sizeof(float), all.Tensors[Key("a").Name].Length);
    }

    [Fact]
    public void What_a_killed_writer_left_half_written_is_passed_over_and_swept_away_once_it_is_old()
    {
        Add("a");
        string young = _folder.Write("shard-1.safetensors.0123456789abcdef0123456789abcdef.tmp", "half");
        string old = _folder.Write("shard-2.safetensors.0123456789abcdef0123456789abcdef.tmp", "half");
        string foreign = _folder.Write("notes.tmp", "mine");
        foreach (string file in (string[])[old, foreign])
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-2));

        using FeatureStore store = Open();

        Assert.Equal(1, store.Count);
        Assert.True(File.Exists(young));
        Assert.False(File.Exists(old));
        Assert.Equal("mine", File.ReadAllText(foreign));
    }

    [Fact]
    public void A_damaged_shard_is_an_error_that_names_it()
    {
        string shard = _folder.Write("shard-3.safetensors", "not a shard");

        StateFileException error = Assert.Throws<StateFileException>(() => Open());

        Assert.Equal(shard, error.File);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_or_written_is_an_error_that_names_it()
    {
        string file = _folder.Write("file", "");
        Assert.Equal(file, Assert.Throws<FeatureStoreException>(() => FeatureStore.Open(file)).Path);

        string gone = _folder.At("gone");
        using FeatureStore store = FeatureStore.Open(gone);
        Directory.Delete(gone);
        Assert.Equal(gone, Assert.Throws<FeatureStoreException>(() => store.Add([(Key("a"), Value(1, 1, 1))])).Path);
        Assert.False(store.Contains(Key("a")));
    }

    private static FeatureKey Key(string content) => new(FeatureKind.Audio, "e", content);

    private static StoredFeature Value(int writer, int batch, int i) => StoredFeature.Vector([(writer * 10_000) + (batch * 100) + i]);

    private static void AssertSame(StoredFeature expected, StoredFeature? found)
    {
        Assert.NotNull(found);
        Assert.Equal(expected.Values, found.Values);
        Assert.Equal(expected.Shape, found.Shape);
        Assert.Equal(expected.Present, found.Present);
        Assert.Equal(expected.DurationMs, found.DurationMs);
        Assert.Equal(expected.Reason, found.Reason);
    }

    private FeatureStore Open() => FeatureStore.Open(_folder.Path);

    private void Add(string content)
    {
        using FeatureStore store = Open();
        store.Add([(Key(content), Value(1, 1, 1))]);
    }

    private string[] Shards() => Directory.GetFiles(_folder.Path, "shard-*.safetensors");
}
