using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;
using Affekt.Tests;

// Programs that stand in for others need a file mode; the launcher and the signals are Unix's too.
[assembly: UnsupportedOSPlatform("windows")]
// Commands set the number of threads, which holds for the whole process.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Affekt.Cli.Tests;

public sealed partial class OtherCommandTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Theory]
    [InlineData("--threads", "1e3", "found 1e3, expected a whole number")]
    [InlineData("--audio-stream", "0x10", "found 0x10, expected a whole number")]
    [InlineData("--min-confidence", "", "found nothing, expected a number in [0, 1]")]
    [InlineData("--min-confidence", "0,5", "found 0,5, expected a number in [0, 1]")]
    [InlineData("--min-confidence", "a\u001b[31m", "found a␛[31m, expected a number in [0, 1]")]
    public async Task What_is_no_number_is_named(string option, string value, string found)
    {
        CliOutcome outcome = await CliRun.HereAsync("recognize", "--text", "hi", option, value);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"error: {option}: {found}\n", outcome.Errors);
    }

    [Theory]
    [InlineData("recognise", "no such command of affekt; did you mean recognize?", "recognise", "a.mp4")]
    [InlineData("trian", "no such command of affekt; did you mean train?", "trian", "x.json", "--resume")]
    [InlineData("chek", "no such command of affekt corpus; did you mean check?", "corpus", "chek")]
    [InlineData("xyz", "no such command of affekt", "xyz")]
    [InlineData("--formt", "no such option and no such file; did you mean --format?", "recognize", "a.mp4", "--formt", "json")]
    [InlineData("--text", "no such option and no such file", "recognize", "a.mp4", "--", "--text")]
    [InlineData("--corpus", "no such option and no such file", "prepare", "--corpus", "meld", "--root", ".")]
    [InlineData("--reume", "no such option of affekt train; did you mean --resume?", "train", "x.json", "--reume")]
    [InlineData("--out", "an empty value, expected one that is not", "recognize", "a.mp4", "--out", "")]
    [InlineData("--bundle", "an empty value, expected one that is not", "recognize", "a.mp4", "--bundle", "")]
    [InlineData("--out", "an empty value, expected one that is not", "train", "x.json", "--out", "")]
    [InlineData("RECIPE", "an empty value, expected one that is not", "train", "")]
    [InlineData("--root", "an empty value, expected one that is not", "corpus", "check", "manifest", "--root", "")]
    public async Task A_name_that_there_is_not_or_an_empty_one_is_refused_with_what_was_probably_meant(string name, string found, params string[] arguments)
    {
        CliOutcome outcome = await CliRun.HereAsync(arguments);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"error: {name}: found {found}\nsee: affekt", outcome.Errors);
    }

    [Fact]
    public async Task Help_of_every_command_names_each_value_alike_and_speaks_in_sentences()
    {
        string[][] commands = [[]];
        List<string> odd = [];
        while (commands.Length > 0)
        {
            List<string[]> below = [];
            foreach (string[] command in commands)
            {
                CliOutcome outcome = await CliRun.HereAsync([.. command, "--help"]);
                Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
                string section = "";
                foreach (string line in outcome.Output.Split('\n').Select(line => line.TrimEnd()))
                {
                    if (line.EndsWith(':') && !line.StartsWith(' '))
                        section = line;
                    // What begins with "Show" is the library's own.
                    if (section is not ("Arguments:" or "Options:" or "Commands:") || HelpRow().Match(line) is not { Success: true } row || row.Groups["does"].Value.StartsWith("Show ", StringComparison.Ordinal))
                        continue;
                    string name = row.Groups["name"].Value, value = row.Groups["value"].Value, does = row.Groups["does"].Value;
                    if (!HelpValue().IsMatch(value) || !does.EndsWith('.') || does.Contains(". .", StringComparison.Ordinal))
                        odd.Add($"{string.Join(' ', command)}: {line.Trim()}");
                    if (section == "Commands:" && name != "serve")
                        below.Add([.. command, name]);
                }
            }

            commands = [.. below];
        }

        Assert.Empty(odd);
    }

    [Fact]
    public async Task Input_cannot_steer_the_terminal_by_an_error_of_one_line()
    {
        CliOutcome outcome = await CliRun.HereAsync("recognize", "no\u001b]0;x\a\u009b31m\u202e\nerror: x.mp4");

        Assert.Equal(
            (2, "error: no␛]0;x␇\ufffd31m\ufffd␊error: x.mp4: found no such file; expected a sound, video or picture file\n"), (outcome.ExitCode, outcome.Errors));
    }

    [Fact]
    public void Errors_keep_their_lines_and_the_line_that_changes_and_nothing_else_that_steers()
    {
        using StringWriter shown = new();
        using ErrorWriter errors = new(shown);
        errors.WriteLine("one\n\u001b[2Jtwo\r\t3");
        errors.Write("\r5 %\u001b[K");
        errors.Write("\r\u001b[K");

        Assert.Equal("one\n␛[2Jtwo␍\t3\n\r5 %\u001b[K\r\u001b[K", shown.ToString());
    }

    [Fact]
    public async Task A_command_ends_as_it_should_where_its_errors_cannot_be_written()
    {
        string program = _media.At("program");
        CliRun.WriteProgram(program);
        using Process run = Process.Start("sh", ["-c", $"'{program}' recognize nothing.mp4 2> /dev/full"]);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task Where_the_working_folder_is_gone_that_is_what_is_told()
    {
        string program = _media.At("program");
        CliRun.WriteProgram(program);
        Directory.CreateDirectory(_media.At("gone"));
        using Process run = Process.Start(new ProcessStartInfo("sh", ["-c", $"cd '{_media.At("gone")}' && rmdir '{_media.At("gone")}' && exec '{program}' recognize a.mp4"]) { RedirectStandardError = true })!;
        string errors = await run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith("error: the folder that this was started in is gone\n", errors);
    }

    [Theory]
    [InlineData("", "recognize", "train", "features", "bundle", "bench", "doctor")]
    [InlineData("recognize", "INPUT", "--text", "--speaker", "--bundle", "--format", "--device", "--precision", "--threads")]
    [InlineData("train", "RECIPE", "--set", "--out", "--resume", "--threads")]
    [InlineData("bench recognize", "--runs", "--soak", "--input", "--text", "--bundle", "--format")]
    [InlineData("bench epoch", "--root", "--uncached", "--dialogues", "--threads", "--format")]
    [InlineData("evaluate", "--corpus", "--root", "--split", "--modalities", "--against", "--report", "--predictions", "--format")]
    [InlineData("bench encoders", "--work", "--engine", "--seconds", "--stream", "--threads", "--format")]
    [InlineData("bench video", "--rounds", "--input", "--bundle", "--threads", "--format")]
    [InlineData("doctor", "--bundle")]
    [InlineData("bundle", "show", "list", "pull", "pack", "export")]
    [InlineData("bundle export", "BUNDLE", "--onnx")]
    [InlineData("bundle pull", "NAME", "--from")]
    [InlineData("features", "INPUT", "--texts", "--encoder", "--level", "--precision", "--out")]
    public async Task Help_names_what_there_is(string command, params string[] names)
    {
        CliOutcome outcome = await CliRun.HereAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.All(names, name => Assert.Contains(name, outcome.Output));
    }

    [Fact]
    public async Task Bundle_show_counts_the_parameters_of_each_part()
    {
        string bundle = _media.Bundle();
        File.WriteAllText(Path.Combine(bundle, "card.md"), "# Card\n\n## License\n\nLicense: none, these weights are random.\n");

        CliOutcome outcome = await CliRun.HereAsync("bundle", "show", bundle);

        // The branch by hand. Embeddings: (2 + 9 + 7 + 3 + 8) * 2 = 58; projection: 10 * 4 + 4 = 44; LSTM:
        // 4 * 8 * (16 + 1728 + 4 + 8) + 2 * 32 = 56,256; head: 72 + 63; stand-ins: 16 + 1728.
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("test 1.2.3", outcome.Output);
        Assert.Matches("audio-text branch .*58,237 +in the bundle, trained", outcome.Output);
        Assert.Matches("audio encoder .*fetched, frozen", outcome.Output);
        Assert.Contains("58,237 parameters trained", outcome.Output);
        Assert.Contains("moonshine-tiny", outcome.Output);
        Assert.Contains("License: none, these weights are random.", outcome.Output);
    }

    [Fact]
    public async Task Bundle_show_and_tables_of_labels_show_brackets_and_control_characters_as_they_are()
    {
        string bundle = _media.Bundle(), file = Path.Combine(bundle, "config.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"test\"", "\"t[e]st\\u001b[2J\"", StringComparison.Ordinal));
        string manifest = _media.At("a.jsonl");
        File.WriteAllText(manifest, "{\"id\":\"a\",\"dialogue\":\"d\",\"index\":0,\"split\":\"test\",\"text\":\"hi\",\"emotion\":\"glad[1]\"}\n");

        Assert.StartsWith("t[e]st␛[2J 1.2.3\n", (await CliRun.HereAsync("bundle", "show", bundle)).Output);
        Assert.Contains("glad[1]", (await CliRun.HereAsync("corpus", "check", "manifest", "--root", manifest, "--labels", "glad[1],other")).Output);
    }

    [Fact]
    public async Task Bundle_show_of_another_folder_ends_with_2()
    {
        CliOutcome outcome = await CliRun.HereAsync("bundle", "show", _media.Folder);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
    }

    [Theory]
    [InlineData("""{"task": "text-encoder", "encoder": 3}""")]
    [InlineData("""{"task": "juggling"}""")]
    [InlineData("{")]
    public async Task A_recipe_that_cannot_be_followed_ends_with_2_and_writes_nothing(string json)
    {
        string recipe = _media.At("recipe.json");
        File.WriteAllText(recipe, json);

        CliOutcome outcome = await CliRun.HereAsync("train", recipe, "--out", _media.At("run"));

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"error: {recipe}", outcome.Errors);
        Assert.False(Directory.Exists(_media.At("run")));
    }

    [Fact]
    public async Task Training_follows_the_recipe_with_the_settings_given_and_names_the_run()
    {
        string recipe = TrainingFiles.Write(_media.Folder);
        string run = _media.At("run");

        CliOutcome outcome = await CliRun.HereAsync("train", recipe, "--set", "max_tokens=8", "--set", "seeds=[4]", "--out", run);

        Assert.Equal((0, run + "\n"), (outcome.ExitCode, outcome.Output));
        Assert.Single(outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.Contains("dev weighted F1"));
        using JsonDocument kept = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "recipe.json")));
        Assert.Equal(8, kept.RootElement.GetProperty("max_tokens").GetInt32());
        Assert.True(File.Exists(Path.Combine(run, "only", "model.safetensors")));
    }

    [Fact]
    public async Task Bench_reports_each_stage_and_a_soak_that_leaves_no_tensor_behind()
    {
        CliOutcome outcome = await CliRun.HereAsync(
            "bench", "recognize", "--runs", "2", "--soak", "4", "--input", _media.Silent(), "--text", "so sad", "--bundle",
            _media.Bundle(), "--format", "json");

        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        foreach (string stage in new[] { "decode", "encode", "classify", "total" })
        {
            JsonElement times = document.RootElement.GetProperty("times_ms").GetProperty(stage);
            Assert.True(times.GetProperty("min").GetDouble() <= times.GetProperty("median").GetDouble());
            Assert.True(times.GetProperty("median").GetDouble() <= times.GetProperty("max").GetDouble());
        }

        JsonElement[] soak = [.. document.RootElement.GetProperty("soak").EnumerateArray()];
        Assert.Equal([0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4], soak.Select(point => point.GetProperty("done").GetInt32()));
        Assert.All(soak, point => Assert.True(point.GetProperty("resident_bytes").GetInt64() > 0 && point.GetProperty("kept_bytes").GetInt64() > 0));
    }

    [Fact]
    public async Task Doctor_looks_at_every_part()
    {
        CliOutcome outcome = await CliRun.HereAsync("doctor", "--bundle", _media.Bundle());

        Assert.All(
            [".NET", "ONNX Runtime", "libtorch", "BLAS", "processor", "kernels", "precision", "CUDA", "ffmpeg", "test 1.2.3", "Moonshine", "npm"],
            part => Assert.Contains(part, outcome.Output));
        Assert.All(outcome.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Doctor_of_a_machine_that_lacks_parts_says_how_to_mend_each_and_ends_with_1()
    {
        Dictionary<string, string> bare = new()
        {
            ["PATH"] = _media.Folder,
            ["AFFEKT_NATIVE"] = _media.Folder,
            ["AFFEKT_CACHE"] = _media.At("cache"),
            ["AFFEKT_PACKAGES"] = _media.At("packages"),
            ["npm_config_registry"] = "http://127.0.0.1:9",
        };

        CliOutcome outcome = await CliRun.ChildAsync(bare, null, "doctor", "--bundle", _media.At("absent"));

        // The table breaks lines where it has to.
        string[] words = outcome.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Errors));
        Assert.All(
            ["apt-get install ffmpeg", "apt-get install npm", "fetched at first use from http://127.0.0.1:9/", "apt-get install libtorch-dev", "cannot be opened"],
            remedy => Assert.Contains(remedy, string.Join(' ', words)));
    }

    [Fact]
    public async Task Control_c_ends_with_130()
    {
        CliOutcome outcome = await CliRun.ChildAsync(
            [],
            async child =>
            {
                // The first line comes when the soak has begun.
                await child.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
                using Process kill = Process.Start("kill", ["-INT", $"{child.Id}"]);
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            },
            "bench", "recognize", "--runs", "1", "--soak", "1000000", "--input", _media.Silent(), "--text", "so sad", "--bundle",
            _media.Bundle());

        Assert.Equal((130, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("interrupted", outcome.Errors);
    }

    // A name, the value that it takes, and what it does; without a default and whether it has to be given.
    [GeneratedRegex(@"^  (?<name>(?:-\S, )*(?:--)?[\w-]*)\s?(?<value><.+?>(?= {2}| \(|$))?(?: \(REQUIRED\))?\s{2,}(?<does>.+?)(?: \[default: .*\])?$")]
    private static partial Regex HelpRow();

    // Capital letters stand for what is to be filled in; choices are as they are typed.
    [GeneratedRegex(@"^(?:<(?:[A-Z][^<>]*|[^<>]*\|[^<>]*|speaker|i/n)>)?$")]
    private static partial Regex HelpValue();
}
