using System.Diagnostics;
using System.Text.Json;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>affekt recognize over many files.</summary>
public sealed class ManyInputsTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Folders_patterns_and_files_are_gathered_once_each_and_bad_files_stop_nothing()
    {
        string folder = Directory.CreateDirectory(_media.At("talks/deep")).FullName;
        string alone = _media.At("alone.bin");
        File.Move(_media.Silent("alone.mp4"), alone);
        string[] good = [_media.Silent("talks/b.mp4"), _media.Silent("talks/a.mkv"), _media.Silent("talks/deep/c.mp4"), alone];
        string[] bad = Broken("talks");
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "no media");

        CliOutcome outcome = await RunAsync(
            [_media.At("talks"), _media.At("talks/**/*.mp4"), good[3], "--format", "jsonl", "--jobs", "4"]);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Equal(good.Order(), Files(outcome.Output).Order());
        foreach (string file in bad)
            Assert.Contains($"error: {file}: found ", outcome.Errors);
        Assert.Equal(bad.Length, outcome.Errors.Split("error: ").Length - 1);
    }

    [Fact]
    public async Task Pictures_of_a_folder_are_read_where_it_holds_no_recording_that_they_could_belong_to()
    {
        Directory.CreateDirectory(_media.At("photos"));
        string[] pictures =
        [
            .. new[] { "photos/a.JPG", "photos/b.png" }.Select(name => _media.Make(name, "-f", "lavfi", "-i", "testsrc=s=64x48", "-frames:v", "1")),
        ];

        CliOutcome photos = await RunAsync([_media.At("photos"), "--format", "jsonl"]);
        string clip = _media.Silent("photos/clip.mp4");
        CliOutcome mixed = await RunAsync([_media.At("photos"), "--format", "jsonl"]);

        Assert.Equal(pictures, Files(photos.Output).Order());
        Assert.Equal([clip], Files(mixed.Output));
    }

    [Fact]
    public async Task A_star_does_not_cross_folders_and_two_do()
    {
        string deep = Directory.CreateDirectory(_media.At("x/y")).FullName;
        _media.Silent("x/1.mp4");
        _media.Silent(Path.Combine(deep, "2.mp4"));

        CliOutcome one = await RunAsync([_media.At("x/*.mp4"), "--format", "jsonl"]);
        CliOutcome all = await RunAsync([_media.At("**/?.mp4"), "--format", "jsonl"]);
        CliOutcome none = await RunAsync([_media.At("x/*.wav")]);

        Assert.Equal((1, 2), (Files(one.Output).Count, Files(all.Output).Count));
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("no media file", none.Errors);
    }

    [Fact]
    public async Task Results_in_a_folder_are_whole_and_resume_does_only_what_is_missing()
    {
        Directory.CreateDirectory(_media.At("in/other"));
        string[] inputs = [_media.Silent("in/a.mp4"), _media.Silent("in/b.mp4"), _media.Silent("in/other/b.mp4")];
        string target = _media.At("out");

        CliOutcome first = await RunAsync([_media.At("in"), "--out", target]);
        string[] results = [.. Directory.GetFiles(target).Order(StringComparer.Ordinal)];
        DateTime before = File.GetLastWriteTimeUtc(results[1]);
        File.WriteAllText(results[0], "{ half a res");
        CliOutcome second = await RunAsync([_media.At("in"), "--out", target, "--resume"]);

        Assert.Equal((0, $"3 done, 0 failed, 0 were there: {target}\n"), (first.ExitCode, first.Output));
        Assert.Equal((0, $"1 done, 0 failed, 2 were there: {target}\n"), (second.ExitCode, second.Output));
        Assert.Equal(results, Directory.GetFiles(target).Order(StringComparer.Ordinal));
        Assert.Equal(before, File.GetLastWriteTimeUtc(results[1]));
        Assert.Equal(inputs.Order(), results.Select(file => FileOf(File.ReadAllText(file))).Order());
        Assert.Equal("a.mp4.json", Path.GetFileName(results[0]));
    }

    [Fact]
    public async Task A_manifest_names_files_words_speakers_and_times_whatever_its_labels()
    {
        _media.Silent("one.mp4");
        _media.Silent("two.mp4");
        string manifest = _media.At("list.jsonl");
        File.WriteAllText(manifest, """
            {"id":"1","dialogue":"d","index":0,"split":"test","speaker":"Ann","text":"so happy","media":"one.mp4","emotion":"excited"}
            {"id":"2","dialogue":"e","index":0,"split":"test","speaker":"Ann","text":"so sad","media":"two.mp4","start_ms":0,"end_ms":400}
            {"id":"3","dialogue":"e","index":1,"split":"test","text":"not sad","media":"two.mp4","start_ms":400,"end_ms":900}

            """);

        CliOutcome outcome = await RunAsync([manifest, "--format", "csv"]);

        string[] rows = outcome.Output.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(
            [$"{_media.At("one.mp4")},0,1000,Ann,so happy", $"{_media.At("two.mp4")},0,400,Ann,so sad", $"{_media.At("two.mp4")},400,900,,not sad"],
            rows[1..].Order(StringComparer.Ordinal).Select(row => string.Join(',', row.Split(',')[..5])));
    }

    [Theory]
    [InlineData("", "an empty name")]
    [InlineData("--txt", "no such option and no such file")]
    [InlineData("https://example.org/a.mp4", "an address")]
    public async Task What_is_given_in_place_of_a_file_is_named(string input, string found)
    {
        CliOutcome outcome = await RunAsync([input]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"{input}: found {found}", outcome.Errors);
    }

    [Theory]
    [InlineData("one.wav", "--report", "one.wav")]
    [InlineData("one.wav", "--report", "folder/../one.wav")]
    [InlineData("one.wav", "--report", "link/one.wav")]
    [InlineData("one.wav", "--summary", "one.wav")]
    [InlineData("one.wav", "--summary", "words.srt", "--transcript", "words.srt")]
    [InlineData("one.wav", "--out", "folder", "--transcript", "folder/one.wav.json")]
    [InlineData("one.wav", "--summary", "new", "--report", "new")]
    public async Task A_file_that_is_read_or_written_already_is_never_written_over(string input, string option, string path, params string[] more)
    {
        Directory.CreateDirectory(_media.At("folder"));
        Directory.CreateSymbolicLink(_media.At("link"), _media.Folder);
        foreach (string file in (string[])["one.wav", "words.srt", "folder/one.wav.json"])
            await File.WriteAllTextAsync(_media.At(file), "00:00.000 --> 00:01.000\nhi", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_media.At("folder/one.wav.json"), """[{"start":0,"end":1,"text":"hi"}]""", TestContext.Current.CancellationToken);
        string[] given = [input, option, path, .. more];

        CliOutcome outcome = await RunAsync([.. given.Select(word => word.StartsWith('-') ? word : _media.At(word))]);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"error: {option}: found ", outcome.Errors);
        Assert.Contains("is read or written by this command too", outcome.Errors);
        Assert.False(File.Exists(_media.At("new")));
    }

    [Fact]
    public async Task Standard_input_is_a_file_among_others_and_leaves_nothing_behind()
    {
        string file = _media.Silent("one.mp4"), temporary = Directory.CreateDirectory(_media.At("temporary")).FullName;

        CliOutcome outcome = await CliRun.ChildAsync(
            new() { ["TMPDIR"] = temporary },
            async child => await child.StandardInput.BaseStream.WriteAsync(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)),
            "recognize", "-", file, "--bundle", _media.Bundle(), "--format", "jsonl");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Equal(["-", file], Files(outcome.Output).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(temporary, "affekt-*"));
    }

    [Fact]
    public async Task A_report_of_standard_input_has_its_pictures_and_plays_nothing()
    {
        string file = _media.Silent("one.mp4"), page = _media.At("page.html");

        CliOutcome outcome = await CliRun.ChildAsync(
            new() { ["TMPDIR"] = _media.Folder },
            async child => await child.StandardInput.BaseStream.WriteAsync(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)),
            "recognize", "-", "--text", "so sad", "--bundle", _media.Bundle(), "--report", page);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("data:image/jpeg;base64,", File.ReadAllText(page));
        Assert.DoesNotContain("<video", File.ReadAllText(page));
    }

    [Theory]
    [InlineData("--report")]
    [InlineData("--summary")]
    public async Task A_page_that_cannot_be_written_is_told_before_anything_is_recognized(string option)
    {
        string media = _media.Silent("a.mp4"), file = _media.At("file");
        File.WriteAllText(file, "no folder");

        CliOutcome below = await RunAsync([media, option, Path.Combine(file, "page.html")]), folder = await RunAsync([media, option, _media.Folder]);

        Assert.Equal((1, ""), (below.ExitCode, below.Output));
        Assert.StartsWith($"error: {option}: {file}: results cannot be written there: ", below.Errors);
        Assert.Equal((2, $"error: {option}: found the folder {_media.Folder}, expected a file's name\n"), (folder.ExitCode, folder.Errors));
    }

    [Fact]
    public async Task A_baseline_of_words_alone_is_refused()
    {
        CliOutcome outcome = await CliRun.HereAsync("recognize", "--text", "hi", "--baseline", "usual.wav");

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("error: --baseline goes with INPUT", outcome.Errors);
    }

    [Fact]
    public async Task Standard_input_that_is_no_recording_is_told_under_its_name()
    {
        CliOutcome outcome = await CliRun.ChildAsync(
            [], async child => await child.StandardInput.WriteAsync("<html>"), "recognize", "-", "--bundle", _media.Bundle());

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("error: -: found a text file", outcome.Errors);
    }

    [Theory]
    [InlineData("-INT")]
    [InlineData("-HUP")]
    public async Task Whoever_interrupts_a_wait_for_standard_input_finds_nothing_left_of_it(string signal)
    {
        string temporary = Directory.CreateDirectory(_media.At("temporary")).FullName;
        CliOutcome outcome = await CliRun.ChildAsync(
            new() { ["TMPDIR"] = temporary },
            async child =>
            {
                await Eventually.HoldsAsync(() => Directory.GetFiles(temporary, "standard-input", SearchOption.AllDirectories).Length == 1);
                using Process kill = Process.Start("kill", [signal, $"{child.Id}"]);
                await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            },
            "recognize", "-", "--bundle", _media.Bundle());

        Assert.Equal(130, outcome.ExitCode);
        Assert.Empty(Directory.GetDirectories(temporary, "affekt-stdin-*"));
    }

    [Fact]
    public async Task A_folder_that_results_cannot_go_to_is_told_before_anything_is_recognized()
    {
        string media = _media.Silent("a.mp4"), file = _media.At("file");
        File.WriteAllText(file, "no folder");

        CliOutcome outcome = await RunAsync([media, "--out", file]);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"error: --out: {file}: results cannot be written there: ", outcome.Errors);
    }

    [Fact]
    public async Task Control_characters_of_a_name_are_seen_in_a_table_and_kept_in_csv()
    {
        string media = _media.At("a\u001b[31m\nb.mp4");
        File.Move(_media.Silent("a.mp4"), media);

        CliOutcome table = await RunAsync([media]), csv = await RunAsync([media, "--format", "csv"]);

        Assert.StartsWith($"{_media.At("a")}␛[31m␊b.mp4 [", table.Output.Replace("\n", "", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', table.Output + table.Errors + csv.Errors);
        Assert.Contains(media, csv.Output);
    }

    [Fact]
    public async Task A_manifest_of_what_is_to_be_recognized_needs_no_more_than_media()
    {
        _media.Silent("one.mp4");
        _media.Silent("two.mp4");
        string table = _media.At("list.csv"), lines = _media.At("list.jsonl"), empty = _media.At("empty.csv");
        File.WriteAllText(table, "Media;Text;Start\none.mp4;so happy;0\none.mp4;so;happy;0\ntwo.mp4;so sad;0\n", System.Text.Encoding.Unicode);
        File.WriteAllText(lines, "{\"id\":7,\"speaker\":1,\"text\":\"so happy\",\"media\":\"one.mp4\"}\n{\"media\":\"two.mp4\",\"text\":\"so sad\"}\n");
        File.WriteAllText(empty, "media,text\n");

        CliOutcome fromTable = await RunAsync([table, "--format", "csv"]), fromLines = await RunAsync([lines, "--format", "csv"]), fromNothing = await RunAsync([empty]);

        Assert.Equal((3, 0, 2), (fromTable.ExitCode, fromLines.ExitCode, fromNothing.ExitCode));
        Assert.Contains("list.csv, line 3: found 4 fields, expected 3", fromTable.Errors);
        Assert.Contains("field 'start' is not part of a manifest; ignored", fromTable.Errors);
        Assert.Contains("empty.csv: found no line", fromNothing.Errors);
        foreach (CliOutcome outcome in new[] { fromTable, fromLines })
            Assert.Equal(3, outcome.Output.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task What_a_manifest_names_and_cannot_be_recognized_is_told_with_its_line_and_the_rest_is_done()
    {
        Directory.CreateDirectory(_media.At("clips"));
        _media.Silent("clips/a b.mp4");
        _media.Silent("two.mp4");
        string manifest = _media.At("list.jsonl");
        File.WriteAllText(manifest, """
            {"id":"1","dialogue":"d","index":0,"split":"test","text":"so happy","media":"clips\\a b.mp4"}
            {"id":"2","dialogue":"e","index":0,"split":"test","text":"so sad","media":"clips/gone.mp4"}
            not JSON
            {"id":"4","dialogue":"f","index":0,"split":"test","speaker":"Ann","media":"two.mp4","start_ms":0,"end_ms":400.0}
            {"id":"5","dialogue":"f","index":1,"split":"test","speaker":"Bob","media":"two.mp4","start_ms":400}
            {"id":"6","dialogue":"f","index":2,"split":"test","text":"when?","media":"two.mp4"}
            {"id":"7","dialogue":"g","index":0,"split":"test","text":"no file"}
            {"id":"8","dialogue":"h","index":0,"split":"test","media":"https://host/a.mp4"}

            """);

        CliOutcome outcome = await RunAsync([manifest, _media.At("absent.mp4"), "--format", "csv"]);

        string[] rows = outcome.Output.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, outcome.ExitCode);
        Assert.Equal(
            [$"{_media.At("clips/a b.mp4")},0,1000,,so happy", $"{_media.At("two.mp4")},0,400,Ann,", $"{_media.At("two.mp4")},400,1000,Bob,"],
            rows[1..].Order(StringComparer.Ordinal).Select(row => string.Join(',', row.Split(',')[..5])));
        Assert.Contains($"error: {manifest}, line 2, field media: found no file {_media.At("clips/gone.mp4")}", outcome.Errors);
        Assert.Contains($"error: {manifest}, line 3: found 'not JSON'", outcome.Errors);
        Assert.Contains($"warning: {_media.At("two.mp4")}: {manifest}, line 6: found no times", outcome.Errors);
        Assert.Contains($"error: {manifest}, line 7, field media: found no media", outcome.Errors);
        Assert.Contains($"error: {manifest}, line 8, field media: found the address https://host/a.mp4", outcome.Errors);
        Assert.Contains($"error: {_media.At("absent.mp4")}: found ", outcome.Errors);
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_ends_nothing_but_itself()
    {
        Directory.CreateDirectory(_media.At("in"));
        string target = _media.At("out");
        string longest = new string('l', 250) + ".mp4";
        string a = _media.Silent("in/a.mp4");
        File.Copy(a, _media.At("in/b.mp4"));
        File.Copy(a, _media.At($"in/{longest}"));
        File.Copy(a, _media.At("in/z.mp4"));
        Directory.CreateDirectory(Path.Combine(target, "b.mp4.json"));

        CliOutcome outcome = await RunAsync([_media.At("in"), "--out", target]);

        Assert.Equal((3, $"3 done, 1 failed, 0 were there: {target}\n"), (outcome.ExitCode, outcome.Output));
        Assert.Contains($"error: {_media.At("in/b.mp4")}: the result cannot be written: ", outcome.Errors);
        string[] results = [.. Directory.GetFiles(target).Order(StringComparer.Ordinal)];
        Assert.Equal(["a.mp4.json", "z.mp4.json"], results.Select(Path.GetFileName).Where(name => name!.Length < 20));
        Assert.Equal(_media.At($"in/{longest}"), FileOf(File.ReadAllText(results[1])));
        Assert.Equal(255, Path.GetFileName(results[1]).Length);

        CliOutcome again = await RunAsync([_media.At("in"), "--out", target, "--resume"]);
        Assert.Equal((3, $"0 done, 1 failed, 3 were there: {target}\n"), (again.ExitCode, again.Output));
    }

    [Fact]
    public async Task Of_two_hundred_files_ten_broken_in_different_ways_190_have_results_and_10_reasons()
    {
        Directory.CreateDirectory(_media.At("many"));
        string one = _media.Silent("many/000.mp4");
        for (int i = 1; i < 190; i++)
            File.Copy(one, _media.At($"many/{i:000}.mp4"));
        int broken = Broken("many").Length;
        string target = _media.At("out");

        CliOutcome outcome = await RunAsync([_media.At("many"), "--out", target]);

        Assert.Equal(10, broken);
        Assert.Equal((3, $"190 done, 10 failed, 0 were there: {target}\n"), (outcome.ExitCode, outcome.Output));
        Assert.Equal(190, Directory.GetFiles(target, "*.json").Length);
        Assert.Equal(190, Directory.GetFiles(target).Length);
        Assert.Equal(10, outcome.Errors.Split('\n').Count(line => line.StartsWith("error: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Interrupted_it_ends_with_130_and_leaves_whole_files()
    {
        Directory.CreateDirectory(_media.At("many"));
        string one = _media.Silent("many/0.mp4"), target = _media.At("out");
        for (int i = 1; i < 400; i++)
            File.Copy(one, _media.At($"many/{i}.mp4"));

        CliOutcome outcome = await CliRun.ChildAsync(
            [],
            async child =>
            {
                await Eventually.HoldsAsync(() => Directory.Exists(target) && Directory.GetFiles(target, "*.json").Length >= 3);
                using Process kill = Process.Start("kill", ["-INT", $"{child.Id}"])!;
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            },
            "recognize", _media.At("many"), "--bundle", _media.Bundle(), "--out", target);

        string[] results = Directory.GetFiles(target);
        Assert.Equal(130, outcome.ExitCode);
        Assert.InRange(results.Length, 3, 399);
        Assert.All(results, file => JsonDocument.Parse(File.ReadAllText(file)).Dispose());
    }

    [Theory]
    [InlineData("--resume", "--resume goes with --out")]
    [InlineData("--min-confidence", "2", "[0, 1]")]
    public async Task Options_that_make_no_sense_are_refused(params string[] arguments)
    {
        CliOutcome outcome = await RunAsync([_media.Silent(), .. arguments[..^1]]);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(arguments[^1], outcome.Errors);
    }

    [Fact]
    public async Task Transcripts_give_a_row_for_each_utterance_within_80_columns_and_a_line_each_as_jsonl()
    {
        string file = _media.Silent(), transcript = _media.At("said.srt");
        File.WriteAllText(transcript, $"00:00.000 --> 00:00.400\nANN: so happy {new string('x', 100)}\n\n00:00.400 --> 00:00.900\nThe Cooking Teacher: so sad\n");

        CliOutcome table = await RunAsync([file, "--transcript", transcript]);
        CliOutcome lines = await RunAsync([file, "--transcript", transcript, "--format", "jsonl"]);
        CliOutcome sure = await RunAsync([file, "--transcript", transcript, "--format", "jsonl", "--min-confidence", "1"]);

        Assert.Equal(0, table.ExitCode);
        Assert.All(table.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("2 utterances", table.Output);
        Assert.Equal(2, lines.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("\"speaker\":\"Ann\"", lines.Output);
        Assert.Contains("\"abstained\":false", lines.Output);
        Assert.DoesNotContain("\"abstained\":false", sure.Output);
    }

    [Fact]
    public async Task A_transcript_that_cannot_be_read_ends_with_2_and_names_the_line()
    {
        string transcript = _media.At("said.srt");
        File.WriteAllText(transcript, "1\n00:02.000 --> 00:01.000\nwords\n");

        CliOutcome outcome = await RunAsync([_media.Silent(), "--transcript", transcript]);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains($"{transcript}, line 2: found an end of", outcome.Errors);
    }

    // Ten kinds of files that say they are media.
    private string[] Broken(string folder)
    {
        byte[] whole = File.ReadAllBytes(_media.Silent("whole.mp4"));
        Write("cut.mp4", whole[..(whole.Length / 3)]);
        Write("no-index.mp4", [.. whole[..64], .. new byte[500]]);
        Write("empty.wav", []);
        Write("words.mp3", "These are words."u8.ToArray());
        Write("zeros.wav", new byte[4096]);
        Write("noise.ogg", [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7919 >> 3))]);
        Write("page.webm", "<html><body>404</body></html>"u8.ToArray());
        Write("list.m4a", "#EXTM3U\nhttp://example.org/a.ts\n"u8.ToArray());
        Write("riff.avi", "RIFF\u0010\0\0\0AVI "u8.ToArray());
        File.CreateSymbolicLink(_media.At($"{folder}/gone.wav"), _media.At("nowhere.wav"));
        return [.. Directory.GetFiles(_media.At(folder)).Where(file => Path.GetExtension(file) is not ".txt" && !IsGood(file))];

        void Write(string name, byte[] bytes) => File.WriteAllBytes(_media.At($"{folder}/{name}"), bytes);

        static bool IsGood(string file) => File.Exists(file) && Path.GetExtension(file) is ".mp4" or ".mkv"
            && Path.GetFileName(file) is not ("cut.mp4" or "no-index.mp4");
    }

    private static List<string> Files(string jsonl) =>
        [.. jsonl.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(FileOf)];

    private static string FileOf(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("input").GetProperty("file").GetString()!;
    }

    private Task<CliOutcome> RunAsync(string[] arguments) =>
        CliRun.HereAsync(["recognize", .. arguments, "--bundle", _media.Bundle()]);
}
