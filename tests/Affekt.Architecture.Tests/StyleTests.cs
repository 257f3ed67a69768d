using System.Text.RegularExpressions;

namespace Affekt.Tests;

/// <summary>What dotnet format does not decide: one way of naming private fields and of bracing, in all of src.</summary>
public sealed partial class StyleTests
{
    private static readonly string[] _files = [.. Sources("src")];

    [Fact]
    public void Private_fields_begin_with_an_underscore_and_a_small_letter() =>
        Assert.Empty(Found(PrivateField()).Where(found => !SmallName().IsMatch(found.Match.Groups["name"].Value)).Select(found => found.Where));

    [Fact]
    public void One_statement_in_one_line_stands_without_braces() =>
        Assert.Empty(Found(BracedLine()).Where(found => !Declaration().IsMatch(found.Match.Groups["body"].Value)).Select(found => found.Where));

    [Fact]
    public void Usings_are_sorted_those_of_the_framework_first() => Assert.All(Sources("src").Concat(Sources("tests")), file =>
    {
        string[] names = [.. Using().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value)];
        Assert.Equal(
            names.OrderBy(name => name != "System" && !name.StartsWith("System.", StringComparison.Ordinal))
                .ThenBy(name => name, StringComparer.OrdinalIgnoreCase),
            names);
    });

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(TestPaths.InRepository(folder), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static IEnumerable<(string Where, Match Match)> Found(Regex pattern)
    {
        Assert.True(_files.Length > 500);
        foreach (string file in _files)
        {
            string text = File.ReadAllText(file);
            foreach (Match match in pattern.Matches(text))
                yield return ($"{file}:{text.AsSpan(0, match.Index).Count('\n') + 1}", match);
        }
    }

    [GeneratedRegex(@"^ +private (?:static |readonly |volatile )*(?!const|static|event|delegate|class|record|sealed|enum|unsafe|fixed)(?:\([^()\n]*\)|[\w.]+<[^\n=;]*>|[\w.]+)[\[\]?,]* (?<name>\w+)(?: =[^>]|;)", RegexOptions.Multiline)]
    private static partial Regex PrivateField();

    [GeneratedRegex("^_[a-z0-9]")]
    private static partial Regex SmallName();

    [GeneratedRegex(@"^using (?<name>[A-Z][\w.]*);$", RegexOptions.Multiline)]
    private static partial Regex Using();

    // Not in a chain of if and else, where one branch's braces ask for the others'.
    [GeneratedRegex(@"(?<!else\n)^(?<indent> +)(?:if|for|foreach|while|lock|fixed|using) \([^\n]*\)\n\k<indent>\{\n(?<body>\k<indent>    (?!if|for|while|using|lock|switch|do|try|//)[^\n]*;)\n\k<indent>\}\n(?! *else)", RegexOptions.Multiline)]
    private static partial Regex BracedLine();

    [GeneratedRegex(@"^ +(?:const )?[\w.<>\[\],?]+ \w+(?: =|;|\(.*=>)")]
    private static partial Regex Declaration();
}
