using Affekt.Tests;

namespace Affekt.Cli.Tests;

public sealed class BundlePullTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Encoders_that_lie_in_a_folder_are_taken_from_there_and_named()
    {
        Write("google-bert/bert-base-uncased", "config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors");
        Write("wav2vec2-base", "config.json", "preprocessor_config.json", "pytorch_model.bin");

        CliOutcome outcome = await RunAsync("--from", _media.At("there"));
        CliOutcome offline = await RunAsync();

        Assert.Equal(0, outcome.ExitCode);
        string[] folders = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, folders.Length);
        Assert.Equal("text of vocab.txt", File.ReadAllText(Path.Combine(folders[0], "vocab.txt")));
        Assert.Equal("text of pytorch_model.bin", File.ReadAllText(Path.Combine(folders[1], "pytorch_model.bin")));
        Assert.Equal((0, outcome.Output), (offline.ExitCode, offline.Output));
    }

    [Fact]
    public async Task What_cannot_be_had_ends_with_1_and_names_the_repository()
    {
        CliOutcome outcome = await RunAsync();

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("error: google-bert/bert-base-uncased@main", outcome.Errors);
    }

    [Fact]
    public async Task Another_name_ends_with_2() =>
        Assert.Equal(2, (await CliRun.HereAsync("bundle", "pull", "bass")).ExitCode);

    private void Write(string repository, params string[] names)
    {
        string folder = Directory.CreateDirectory(_media.At($"there/{repository}")).FullName;
        foreach (string name in names)
            File.WriteAllText(Path.Combine(folder, name), $"text of {name}");
    }

    private Task<CliOutcome> RunAsync(params string[] more)
    {
        Dictionary<string, string> variables = new() { ["HF_HUB_CACHE"] = _media.At("cache"), ["HF_HUB_OFFLINE"] = "1" };
        return CliRun.ChildAsync(variables, null, ["bundle", "pull", "base", .. more]);
    }
}
