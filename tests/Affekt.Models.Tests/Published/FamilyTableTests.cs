using System.Reflection;
using Affekt.Models.Published;

namespace Affekt.Tests.Published;

/// <summary>The table of families in docs/your-model.md is what the code knows and the tests prove.</summary>
public sealed class FamilyTableTests
{
    private static string[][] Rows =>
    [
        .. File.ReadLines(TestPaths.InRepository("docs/your-model.md")).SkipWhile(line => !line.StartsWith("| family |", StringComparison.Ordinal))
            .Skip(2).TakeWhile(line => line.StartsWith('|')).Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
    ];

    [Fact]
    public void It_names_every_family_that_is_known() => Assert.Equal(PublishedConfig.Families, Rows.Select(row => row[0]));

    [Fact]
    public void It_names_every_fixture_that_a_test_compares_with_the_reference()
    {
        IEnumerable<string> tested = typeof(ZooModelTests).GetMethods()
            .SelectMany(method => method.GetCustomAttributes<InlineDataAttribute>())
            .Select(data => (string)data.Data[0]!).Distinct();

        Assert.Equal(tested.Order(), Rows.SelectMany(row => row[3].Split(", ")).Order());
    }

    [Fact]
    public void Every_folder_of_the_fixtures_is_compared_and_is_of_the_family_that_it_stands_beside()
    {
        string zoo = TestPaths.Shared("data/fixtures/zoo");
        IEnumerable<string> folders = Directory.GetDirectories(zoo).Select(folder => Path.GetFileName(folder)!).Where(name => name != "inputs");

        Assert.Equal(folders.Order(), Rows.SelectMany(row => row[3].Split(", ")).Order());
        foreach (string[] row in Rows)
            Assert.All(row[3].Split(", "), name => Assert.Equal(row[0], PublishedConfig.Load(Path.Combine(zoo, name)).Family));
    }
}
