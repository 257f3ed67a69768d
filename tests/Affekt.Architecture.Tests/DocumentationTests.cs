using System.Text.RegularExpressions;

namespace Affekt.Tests;

/// <summary>What the pages for engineers name is there.</summary>
public sealed partial class DocumentationTests
{
    private const int FilesInTheWalk = 15;

    public static TheoryData<string> Pages =>
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md", "deploy/README.md",
        .. Directory.GetFiles(TestPaths.InRepository("docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(TestPaths.InRepository("."), file)),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_somewhere(string page)
    {
        string folder = Path.GetDirectoryName(TestPaths.InRepository(page))!;
        string[] dead =
        [
            .. Links(File.ReadAllText(TestPaths.InRepository(page)))
                .Where(link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith('#') && !link.StartsWith("mailto:", StringComparison.Ordinal))
                .Where(link => !Path.Exists(Path.Combine(folder, Uri.UnescapeDataString(link.Split('#')[0])))),
        ];

        Assert.Empty(dead);
    }

    [Fact]
    public void The_walk_names_few_files_and_each_by_what_it_holds()
    {
        string page = File.ReadAllText(TestPaths.InRepository("docs/architecture.md"));
        string walk = page[page.IndexOf("## Following a clip", StringComparison.Ordinal)..page.IndexOf("## What a crash", StringComparison.Ordinal)];
        string[] files = [.. Links(walk).Where(link => File.Exists(Path.Combine(TestPaths.InRepository("docs"), link)) && !link.EndsWith(".md")).Distinct()];

        Assert.InRange(files.Length, 8, FilesInTheWalk);
        Assert.All(Named().Matches(page), match => Assert.Contains(
            match.Groups["name"].Value, File.ReadAllText(Path.Combine(TestPaths.InRepository("docs"), match.Groups["file"].Value))));
    }

    [Theory]
    [InlineData("add a corpus")]
    [InlineData("add an encoder")]
    [InlineData("change the label set")]
    [InlineData("add an output format")]
    public void What_a_newcomer_wants_to_do_has_a_list_of_files(string task)
    {
        string page = File.ReadAllText(TestPaths.InRepository("docs/architecture.md"));
        string list = page.Split($"### To {task}\n")[1].Split("\n#")[0];

        Assert.True(Links(list).Count(link => link.StartsWith("../", StringComparison.Ordinal)) >= 2, list);
    }

    private static IEnumerable<string> Links(string text) => Link().Matches(text).Select(match => match.Groups["target"].Value);

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    // A type or component that is linked by its name.
    [GeneratedRegex(@"\[(?<name>[A-Z]\w+)\]\((?<file>[^)\s]+\.(?:cs|ts|tsx))\)")]
    private static partial Regex Named();
}
