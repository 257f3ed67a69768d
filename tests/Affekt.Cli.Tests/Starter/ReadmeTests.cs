using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>What the README asserts is true.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string s_readme = File.ReadAllText(TestPaths.InRepository("README.md"));

    // File under docs/results, and how the README calls what it measured.
    private static readonly (string File, string Name)[] s_results =
    [
        ("meld-text", "MELD test, text with history, MELD's prior"),
        ("meld-text-uniform", "the same, uniform prior"),
        ("meld-text-no-history", "MELD test, text without history"),
        ("ravdess-sound", "RAVDESS actors 17-20, sound"),
        ("ravdess-sound-noise", "the same, white noise at 15 dB"),
        ("casia-sound", "CASIA (Mandarin, never trained on), sound"),
        ("casia-sound-baseline", "the same, against each voice's other utterances"),
        ("spanish-sound", "Spanish lay speakers (never trained on), sound"),
        ("spanish-sound-baseline", "the same, against each speaker's other utterances"),
        ("fer2013-video", "FER2013 validation, faces"),
        ("faces-sfew", "SFEW (never trained on), faces"),
        ("faces-taiwanese", "Taiwanese faces (never trained on)"),
    ];

    [Fact]
    public void The_results_table_is_what_evaluate_wrote()
    {
        string expected = string.Join('\n', s_results.SelectMany(result => Rows(result.File, result.Name)));

        Assert.True(s_readme.Contains(expected, StringComparison.Ordinal), $"README.md lacks these rows:\n{expected}");
    }

    [Theory]
    [InlineData("meld-text-seeds", "MELD test, text with history")]
    public void The_seeds_are_what_evaluate_wrote(string file, string name)
    {
        using JsonDocument report = Read(file);
        JsonElement mean = report.RootElement.GetProperty("mean"), sd = report.RootElement.GetProperty("sd");
        string score(string field) => string.Create(
            CultureInfo.InvariantCulture,
            $"{mean.GetProperty(field).GetDouble() * 100:F1} ± {sd.GetProperty(field).GetDouble() * 100:F1}");
        string expected = $"| {name}, {report.RootElement.GetProperty("seeds").GetArrayLength()} seeds, mean ± sd "
            + $"| {score("accuracy")} | {score("weighted_f1")} | {score("macro_f1")} | {score("uar")} |";

        Assert.True(s_readme.Contains(expected, StringComparison.Ordinal), $"README.md lacks this row:\n{expected}");
    }

    [Fact]
    public void The_method_page_tells_the_figures_that_were_written()
    {
        string method = File.ReadAllText(TestPaths.InRepository("docs/method.md"));
        using JsonDocument words = Read("meld-text"), faces = Read("fer2013-video"), fusion = Read("fusion");
        JsonElement[] sets = [.. fusion.RootElement.GetProperty("sets").EnumerateArray()];
        static string percent(JsonElement scores) => string.Create(CultureInfo.InvariantCulture, $"{scores.GetProperty("accuracy").GetDouble() * 100:F1}");
        string row(string name, JsonElement set) => $"| {name} | {string.Join(" | ", ((string[])["audio-text", "video", "per-class", "late"]).Select(form => percent(set.GetProperty("rows").GetProperty(form))))} |";
        string[] expected =
        [
            $"| MELD test, words with history | {percent(words.RootElement)} | | | |",
            $"| FER2013 validation, faces | | {percent(faces.RootElement)} | | |",
            row("drawn, voices of RAVDESS", sets[0]),
            row("drawn, voices of CASIA", sets[1]),
            row("drawn, Spanish voices", sets[2]),
            $"gets {percent(sets[0].GetProperty("rows").GetProperty("experts"))}, {percent(sets[1].GetProperty("rows").GetProperty("experts"))} and {percent(sets[2].GetProperty("rows").GetProperty("experts"))} on the last three",
        ];

        Assert.Equal(["ravdess", "casia", "spanish"], sets.Select(set => set.GetProperty("name").GetString()));
        Assert.All(expected, line => Assert.Contains(line, method));
    }

    [Fact]
    public async Task The_sample_output_is_what_the_first_command_prints()
    {
        CliOutcome outcome = await CliRun.ChildAsync(
            [], null, "recognize", TestPaths.InRepository("samples/sample.mp4"), "--text", SampleText());
        string printed = outcome.Output.Replace(TestPaths.Root + "/", "", StringComparison.Ordinal);

        Assert.True(
            Times().Replace(s_readme, "").Contains(Times().Replace(printed, "").Trim(), StringComparison.Ordinal),
            $"README.md lacks this output:\n{printed}");
    }

    [Fact]
    public void Every_file_that_the_pages_link_to_is_there()
    {
        string[] pages =
        [
            TestPaths.InRepository("README.md"), TestPaths.InRepository("CONTRIBUTING.md"),
            .. Directory.GetFiles(TestPaths.InRepository("docs"), "*.md", SearchOption.AllDirectories),
        ];
        string[] missing =
        [
            .. pages.SelectMany(page => Links().Matches(File.ReadAllText(page)).Select(link => link.Groups[1].Value)
                .Where(link => !link.StartsWith("http", StringComparison.Ordinal))
                .Select(link => Path.Combine(Path.GetDirectoryName(page)!, link.Split('#')[0]))
                .Where(path => !Path.Exists(path))),
        ];

        Assert.True(pages.Length >= 6, "pages were not found");
        Assert.Empty(missing);
    }

    private static IEnumerable<string> Rows(string file, string name)
    {
        using JsonDocument report = Read(file);
        JsonElement root = report.RootElement, ci = root.GetProperty("ci95"), majority = root.GetProperty("majority");
        string score(string field) => string.Create(
            CultureInfo.InvariantCulture,
            $"{root.GetProperty(field).GetDouble() * 100:F1} [{ci.GetProperty(field)[0].GetDouble() * 100:F1}, {ci.GetProperty(field)[1].GetDouble() * 100:F1}]");
        string guess(string field) => string.Create(CultureInfo.InvariantCulture, $"{majority.GetProperty(field).GetDouble() * 100:F1}");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} (n = {root.GetProperty("n").GetInt32()}) | {score("accuracy")} | {score("weighted_f1")} | {score("macro_f1")} | {score("uar")} |");
        if (!name.Contains("the same", StringComparison.Ordinal) && !name.Contains("without", StringComparison.Ordinal))
            yield return $"| - majority guess | {guess("accuracy")} | {guess("weighted_f1")} | {guess("macro_f1")} | {guess("uar")} |";
    }

    private static JsonDocument Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(TestPaths.InRepository($"docs/results/{file}.json")));

    private static string SampleText() => SampleWords().Match(File.ReadAllText(TestPaths.InRepository("samples/README.md"))).Groups[1].Value;

    [GeneratedRegex("^> (.+)$", RegexOptions.Multiline)]
    private static partial Regex SampleWords();

    [GeneratedRegex("\\d+ ms")]
    private static partial Regex Times();

    [GeneratedRegex("\\]\\(([^)\\s]+)\\)")]
    private static partial Regex Links();
}
