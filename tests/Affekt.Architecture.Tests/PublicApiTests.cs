using System.Reflection;
using System.Xml.Linq;
using PublicApiGenerator;

namespace Affekt.Tests;

/// <summary>What each package offers stands in a file, so that a change of it is seen in review.</summary>
public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions _options = new() { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] };

    // Written anew by this test with AFFEKT_UPDATE=1 in the environment.
    [Theory]
    [InlineData("Affekt", "packages/Affekt/Affekt.csproj")]
    [InlineData("Affekt.AspNetCore", "packages/Affekt.AspNetCore/Affekt.AspNetCore.Package.csproj")]
    [InlineData("Affekt.Training", "packages/Affekt.Training/Affekt.Training.Package.csproj")]
    public void What_a_package_offers_is_what_was_reviewed(string package, string project)
    {
        string[] assemblies = [.. XDocument.Load(TestPaths.InRepository(project)).Descendants("Carried").SelectMany(item => item.Attribute("Include")!.Value.Split(';'))];
        string offered = string.Concat(assemblies.Order(StringComparer.Ordinal)
            .Select(assembly => $"// {assembly}\n{Assembly.Load(assembly).GeneratePublicApi(_options).ReplaceLineEndings("\n").Trim()}\n"));
        string file = TestPaths.InRepository($"tests/Affekt.Architecture.Tests/PublicApi/{package}.txt");
        if (Environment.GetEnvironmentVariable("AFFEKT_UPDATE") == "1")
            File.WriteAllText(file, offered);

        string[] reviewed = File.ReadAllLines(file), found = offered.TrimEnd('\n').Split('\n');
        string[] differences = [.. reviewed.Except(found).Select(line => $"- {line.Trim()}"), .. found.Except(reviewed).Select(line => $"+ {line.Trim()}")];

        Assert.True(
            reviewed.SequenceEqual(found),
            $"{file} states another interface; run this test with AFFEKT_UPDATE=1 and look at what changes:\n{string.Join('\n', differences.Take(40))}");
    }
}
