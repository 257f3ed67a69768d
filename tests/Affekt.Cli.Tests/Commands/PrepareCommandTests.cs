using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Onnx.StateFiles;
using Affekt.Tests;
using Affekt.Torch;

namespace Affekt.Cli.Tests.Commands;

/// <summary>affekt prepare on made-up texts and tones, with a tiny encoder.</summary>
public sealed class PrepareCommandTests : IDisposable
{
    private const int Texts = 1_500;

    // More of them take longer: AFFEKT_KILLS=50 is what docs/corpora.md reports.
    private static readonly int s_kills =
        int.Parse(Environment.GetEnvironmentVariable("AFFEKT_KILLS") ?? "8", CultureInfo.InvariantCulture);

    private readonly TemporaryFolder _folder = new();

    public PrepareCommandTests()
    {
        WriteEncoder();
        WriteManifest("texts.jsonl", Texts);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_is_killed_again_and_again_ends_with_the_features_of_one_that_was_not()
    {
        long started = Stopwatch.GetTimestamp();
        CliOutcome whole = await PrepareAsync("whole", "texts.jsonl");
        TimeSpan process = Stopwatch.GetElapsedTime(started);
        Assert.True(whole.ExitCode == 0, whole.Errors);
        TimeSpan work = TimeSpan.FromSeconds(JsonDocument.Parse(whole.Output).RootElement.GetProperty("seconds").GetDouble());
        Random random = new(20261124);
        int killed = 0;
        for (int i = 0; i < s_kills; i++)
        {
            bool atWork = i % 2 == 0;
            CliOutcome outcome = await PrepareAsync("killed", "texts.jsonl", async child =>
            {
                // Every other time at any moment; else while it writes, with a part of the work done that leaves some for all.
                int before = Shards("killed");
                while (atWork && !child.HasExited && Shards("killed") == before)
                    await Task.Delay(20);
                await Task.Delay((atWork ? work / s_kills : process) * (2 * random.NextDouble()));
                child.Kill(entireProcessTree: true);
            });
            killed += outcome.ExitCode == 0 ? 0 : 1;
        }

        CliOutcome resumed = await PrepareAsync("killed", "texts.jsonl");

        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.True(killed > 0, "no run was killed before its end");
        Assert.Equal(Texts, Assert.Single(Modalities(resumed)).GetProperty("inputs").GetInt32());
        AssertSameFeatures("whole", "killed");
    }

    [Fact]
    public async Task A_run_whose_disk_fills_up_keeps_what_it_wrote_and_goes_on_when_there_is_room()
    {
        Assert.Equal(0, (await PrepareAsync("whole", "texts.jsonl")).ExitCode);
        long whole = SmallDisk.Bytes(At("whole"));
        Random random = new(SmallDisk.Count);
        int full = 0;
        for (int i = 0; i < SmallDisk.Count; i++)
        {
            using SmallDisk disk = new(At($"disk-{i}"), (long)(whole * (0.05 + random.NextDouble())));
            string store = Path.Combine($"disk-{i}", "store");
            CliOutcome outcome = await PrepareAsync(store, "texts.jsonl");
            if (outcome.ExitCode != 0)
            {
                full++;
                Assert.Contains("disk", outcome.Errors);
                disk.Grow();
                CliOutcome resumed = await PrepareAsync(store, "texts.jsonl");
                Assert.True(resumed.ExitCode == 0, resumed.Errors);
            }

            AssertSameFeatures("whole", store);
        }

        Assert.NotEqual(0, full);
    }

    [Fact]
    public async Task Two_processes_with_a_shard_each_fill_one_store_like_one_process()
    {
        CliOutcome[] outcomes = await Task.WhenAll(
            PrepareAsync("parts", "texts.jsonl", null, "--shard", "1/2"), PrepareAsync("parts", "texts.jsonl", null, "--shard", "2/2"));
        await PrepareAsync("whole", "texts.jsonl");

        Assert.All(outcomes, outcome => Assert.True(outcome.ExitCode == 0, outcome.Errors));
        Assert.Equal(Texts, outcomes.Sum(outcome => Modalities(outcome).Single().GetProperty("encoded").GetInt32()));
        Assert.Equal(Texts, Assert.Single(Modalities(await PrepareAsync("parts", "texts.jsonl"))).GetProperty("kept").GetInt32());
        AssertSameFeatures("whole", "parts");
    }

    [Fact]
    public async Task The_table_tells_counts_rate_utilization_and_size_and_the_second_run_encodes_nothing()
    {
        string[] arguments = Arguments("store", "texts.jsonl", "--tokens");

        CliOutcome first = await CliRun.HereAsync(arguments);
        CliOutcome second = await CliRun.HereAsync(arguments);

        Assert.Matches($@"text +{Texts} +0 +{Texts} +0 +0 +[0-9.]+", first.Output);
        Assert.Matches(@"[0-9.]+ s, [0-9]+ ?% of [0-9]+ processors", first.Output);
        Assert.Matches($@"store: {2 * Texts} features, [0-9.]+ MB", first.Output);
        Assert.Contains($"text {Texts}/{Texts}", first.Errors);
        Assert.Matches($@"text +{Texts} +{Texts} +0 +0 +0 +0\.0", second.Output);
        Assert.DoesNotContain('\r', first.Errors);
        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
    }

    [Fact]
    public async Task Clips_that_are_gone_are_told_of_and_exit_code_3_while_the_rest_is_prepared()
    {
        File.AppendAllText(At("texts.jsonl"), """{"id":"x","dialogue":"x","index":0,"text":"Gone","split":"test","media":"gone.mp4"}""" + "\n");

        CliOutcome outcome = await CliRun.HereAsync(Arguments("store", "texts.jsonl"));

        Assert.Equal(ExitCode.SomeFailed, outcome.ExitCode);
        Assert.Contains("x, left out: no file", outcome.Errors);
        Assert.Matches($@"text +{Texts + 1} ", outcome.Output);
    }

    [Fact]
    public async Task Only_one_split_is_prepared_where_that_is_asked_for()
    {
        CliOutcome outcome = await CliRun.HereAsync([.. Arguments("store", "texts.jsonl", "--format", "json"), "--split", "dev"]);

        Assert.Equal(Texts / 3, Assert.Single(Modalities(outcome)).GetProperty("inputs").GetInt32());
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_is_an_error_that_names_it()
    {
        File.WriteAllText(At("file"), "");

        CliOutcome outcome = await CliRun.HereAsync(Arguments("file", "texts.jsonl"));

        Assert.Equal(ExitCode.Failed, outcome.ExitCode);
        Assert.StartsWith($"error: {At("file")}: found ", outcome.Errors);
    }

    [Theory]
    [InlineData("--shard", "3/2")]
    [InlineData("--shard", "half")]
    [InlineData("--split", "all")]
    [InlineData("--pooling", "max")]
    [InlineData("--precision", "fp64")]
    public async Task An_option_with_a_wrong_value_is_wrong_usage(string option, string value)
    {
        CliOutcome outcome = await CliRun.HereAsync([.. Arguments("store", "texts.jsonl"), option, value]);

        Assert.Equal(ExitCode.Unusable, outcome.ExitCode);
        Assert.Contains(value, outcome.Errors);
        Assert.False(Directory.Exists(At("store")));
    }

    private string At(string name) => _folder.At(name);

    [Fact]
    public async Task A_published_corpus_is_prepared_by_its_name_and_what_it_leaves_out_is_told()
    {
        Directory.CreateDirectory(At("woz"));
        File.WriteAllText(At("woz/data-split.json"), """{"train": {"multiwoz": ["a"]}}""");
        File.WriteAllText(At("woz/emowoz-multiwoz.json"), """{"a": {"log": [{"text": "good", "emotion": [{"emotion": 5}]}, {"text": "bad", "emotion": []}]}}""");

        CliOutcome outcome = await CliRun.HereAsync(
            "prepare", "emowoz", "--root", At("woz"), "--text-encoder", At("encoder"), "--features", At("woz-store"), "--threads", "1");
        CliOutcome mapped = await CliRun.HereAsync(
            "prepare", "emowoz", "--root", At("woz"), "--text-encoder", At("encoder"), "--features", At("woz-store"), "--threads", "1", "--map", "excited=joy");

        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        Assert.Contains("emowoz-multiwoz.json: 1 labeled 5 (excited), which is none of the seven; left out. --map 5=EMOTION counts them in", outcome.Errors);
        Assert.Matches(@"text +2 +0 +2 +0 +0", outcome.Output);
        Assert.DoesNotContain("labeled", mapped.Errors);
    }

    private string[] Arguments(string store, string manifest, params string[] more) =>
    [
        "prepare", "manifest", "--root", At(manifest), "--text-encoder", At("encoder"), "--features", At(store), "--threads", "1", .. more,
    ];

    private Task<CliOutcome> PrepareAsync(
        string store, string manifest, Func<Process, Task>? meanwhile = null, params string[] more) =>
        CliRun.ChildAsync([], meanwhile, [.. Arguments(store, manifest, "--tokens", "--format", "json"), .. more]);

    private int Shards(string store) =>
        Directory.Exists(At(store)) ? Directory.GetFiles(At(store), "shard-*.safetensors").Length : 0;

    private static JsonElement.ArrayEnumerator Modalities(CliOutcome outcome) =>
        JsonDocument.Parse(outcome.Output).RootElement.GetProperty("modalities").EnumerateArray();

    private void AssertSameFeatures(string expected, string found)
    {
        const string Index = "features.safetensors.index.json";
        using StateFile first = StateFile.Open(Path.Combine(At(expected), Index));
        using StateFile second = StateFile.Open(Path.Combine(At(found), Index));
        Assert.Equal(2 * Texts, first.Tensors.Count);
        Assert.Equal(first.Tensors.Keys.Order(), second.Tensors.Keys.Order());
        Assert.All(first.Tensors.Values, tensor => Assert.True(tensor.Bytes.SequenceEqual(second.Tensors[tensor.Name].Bytes), tensor.Name));
    }

    private void WriteManifest(string name, int texts)
    {
        Random random = new(5);
        string[] splits = ["train", "dev", "test"];
        File.WriteAllLines(At(name), Enumerable.Range(0, texts).Select(i =>
        {
            IEnumerable<string> words = Enumerable.Range(0, random.Next(1, 12)).Select(_ => $"w{random.Next(50)}");
            return $$"""{"id":"u{{i}}","dialogue":"d{{i}}","index":0,"text":"{{i.ToString(CultureInfo.InvariantCulture)}} {{string.Join(' ', words)}}","split":"{{splits[i % 3]}}"}""";
        }));
    }

    private void WriteEncoder()
    {
        string folder = Directory.CreateDirectory(At("encoder")).FullName;
        string[] vocabulary =
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, 50).Select(i => $"w{i}"), .. Enumerable.Range(0, 10).Select(i => $"{i}"), .. Enumerable.Range(0, 10).Select(i => $"##{i}")];
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), vocabulary);
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {"model_type": "bert", "vocab_size": {{vocabulary.Length}}, "hidden_size": 32, "num_hidden_layers": 2,
             "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 64}
            """);
        TorchRuntime.ManualSeed(7);
        using BertModel network = new(BertConfig.Load(Path.Combine(folder, "config.json")), pooler: false);
        NetworkState.Save(network, Path.Combine(folder, "model.safetensors"));
    }
}
