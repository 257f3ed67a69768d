using System.Xml.Linq;

namespace Affekt.Tests;

/// <summary>Asserts who may reference whom. A reference that is not in this table does not build a release.</summary>
public sealed class LayerTests
{
    // Direct references only; what a reference carries over is allowed with it.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Affekt.Abstractions"] = [],
        ["Affekt.Media"] = ["Affekt.Abstractions"],
        ["Affekt.Onnx"] = [],
        ["Affekt.Corpora"] = ["Affekt.Abstractions"],
        ["Affekt.Models"] = ["Affekt.Abstractions", "Affekt.Onnx"],
        ["Affekt.Recognition"] = ["Affekt.Media", "Affekt.Models"],
        ["Affekt.Torch"] = [],
        ["Affekt.Networks"] = ["Affekt.Torch", "Affekt.Models", "Affekt.Corpora"],
        ["Affekt.Evaluation"] = ["Affekt.Abstractions"],
        ["Affekt.Training"] = ["Affekt.Recognition", "Affekt.Networks", "Affekt.Evaluation", "Affekt.Corpora"],
        ["Affekt.AspNetCore"] = ["Affekt.Recognition"],
        ["Affekt.Server"] = ["Affekt.AspNetCore"],
        ["Affekt.Cli"] = ["Affekt.Training"],
    };

    private static readonly string[] ConsoleAndWeb = ["Spectre.Console", "System.CommandLine", "Microsoft.AspNetCore"];

    public static TheoryData<string> Projects =>
        [.. Directory.GetDirectories(TestPaths.InRepository("src")).Select(folder => Path.GetFileName(folder)!)];

    [Fact]
    public void The_table_lists_exactly_the_projects_under_src() =>
        Assert.Equal(Allowed.Keys.Order(), Projects.Select(row => row.Data).Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_layer_may(string project)
    {
        string[] references = [.. Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path))];

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_hosts_reference_console_and_web_libraries(string project)
    {
        if (project is "Affekt.Cli" or "Affekt.Server" or "Affekt.AspNetCore")
        {
            return;
        }

        string[] packages = [.. Items(project, "PackageReference"), .. Items(project, "FrameworkReference")];

        Assert.DoesNotContain(packages, package => ConsoleAndWeb.Any(package.StartsWith));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_project_is_built_by_the_solution_and_has_tests(string project)
    {
        string solution = File.ReadAllText(TestPaths.InRepository("Affekt.slnx"));

        Assert.Contains($"src/{project}/{project}.csproj", solution);
        Assert.Contains($"tests/{project}.Tests/{project}.Tests.csproj", solution);
    }

    // What recognizes runs where there is no libtorch.
    [Theory]
    [InlineData("Affekt.Abstractions")]
    [InlineData("Affekt.Media")]
    [InlineData("Affekt.Onnx")]
    [InlineData("Affekt.Corpora")]
    [InlineData("Affekt.Models")]
    [InlineData("Affekt.Recognition")]
    [InlineData("Affekt.Evaluation")]
    [InlineData("Affekt.AspNetCore")]
    [InlineData("Affekt.Server")]
    public void What_recognizes_does_without_libtorch(string project) => Assert.DoesNotContain("Affekt.Torch", Below(project));

    private static IEnumerable<string> Below(string project) => Allowed[project].SelectMany(below => Below(below).Prepend(below));

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(TestPaths.InRepository($"src/{project}/{project}.csproj"))
            .Descendants(kind)
            .Select(item => item.Attribute("Include")!.Value);
}
