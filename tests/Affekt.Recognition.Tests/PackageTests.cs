using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Affekt.Tests;

namespace Affekt.Recognition.Tests;

/// <summary>The packages that a user needs, made once, and the first program of the library's page beside them.</summary>
public sealed class PackedProgram : IAsyncLifetime
{
    private readonly TestMedia _media = new();

    // A version of its own: a package of this name may lie in the user's cache already.
    private readonly string _version = string.Create(CultureInfo.InvariantCulture, $"0.0.{DateTime.UtcNow:yyMMdd}.{Environment.ProcessId}");

    public string Feed => _media.At("feed");

    /// <summary>A package's file, or its symbols'.</summary>
    public string Package(string name, string ending = "nupkg") => Path.Combine(Feed, $"{name}.{_version}.{ending}");

    public string Folder => _media.At("app");

    public string At(string name) => _media.At(name);

    public async ValueTask InitializeAsync()
    {
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        foreach (string package in (string[])["Affekt", "Affekt.Starter", "Affekt.AspNetCore", "Affekt.Training"])
        {
            await PackageTests.RunAsync(
                [], PackageTests.OnPath("dotnet"), "pack", TestPaths.InRepository($"packages/{package}"), "-c", configuration, "--no-build",
                "-o", Feed, $"-p:Version={_version}", "-v", "q", "-nologo");
        }

        Directory.CreateDirectory(Folder);
        string page = File.ReadAllText(TestPaths.InRepository("docs/library.md"));
        File.WriteAllText(Path.Combine(Folder, "Program.cs"), page.Split("```csharp\n")[1].Split("```")[0]);
        File.Copy(TestPaths.InRepository("global.json"), Path.Combine(Folder, "global.json"));
        File.WriteAllText(Path.Combine(Folder, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Affekt" Version="{_version}" />
                <PackageReference Include="Affekt.Starter" Version="{_version}" />
              </ItemGroup>
            </Project>
            """);
    }

    public ValueTask DisposeAsync()
    {
        _media.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What dotnet pack makes can be used by a new project.</summary>
public sealed class PackageTests(PackedProgram program) : IClassFixture<PackedProgram>
{
    // The kind of a document's sources, as the format of portable symbols states it.
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
    private static readonly string s_userPackages = $"{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}/.nuget/packages";

    [Theory]
    [InlineData(
        "Affekt", "Affekt.Abstractions, Affekt.Media, Affekt.Models, Affekt.Onnx, Affekt.Recognition",
        "Microsoft.Extensions.AI.Abstractions, Microsoft.Extensions.DependencyInjection.Abstractions, Microsoft.Extensions.Diagnostics.HealthChecks, "
        + "Microsoft.Extensions.Logging.Abstractions, Microsoft.Extensions.Options.ConfigurationExtensions, Microsoft.ML.OnnxRuntime")]
    [InlineData("Affekt.AspNetCore", "Affekt.AspNetCore", "Affekt, Microsoft.Data.Sqlite")]
    [InlineData("Affekt.Training", "Affekt.Corpora, Affekt.Evaluation, Affekt.Networks, Affekt.Torch, Affekt.Training", "Affekt, CsvHelper")]
    [InlineData("Affekt.Starter", "", "")]
    public void A_package_tells_what_it_is_and_carries_assemblies_with_documentation_symbols_and_sources(
        string name, string assemblies, string dependencies)
    {
        using ZipArchive package = ZipFile.OpenRead(program.Package(name));
        XElement nuspec = XDocument.Load(package.GetEntry($"{name}.nuspec")!.Open()).Root!;
        string? Says(string element) => nuspec.Descendants().FirstOrDefault(node => node.Name.LocalName == element)?.Value;
        string Listed(string element, string attribute) => string.Join(
            ", ", nuspec.Descendants().Where(node => node.Name.LocalName == element).Select(node => node.Attribute(attribute)!.Value).Order(StringComparer.Ordinal));

        Assert.Equal(("MIT", "README.md", "icon.png"), (Says("license"), Says("readme"), Says("icon")));
        Assert.NotNull(package.GetEntry("README.md"));
        Assert.NotNull(package.GetEntry("icon.png"));
        Assert.True(Says("description")!.Length > 40);
        Assert.Equal(dependencies, Listed("dependency", "id"));
        Assert.Equal(name == "Affekt.AspNetCore" ? "Microsoft.AspNetCore.App" : "", Listed("frameworkReference", "name"));
        string[] libraries = [.. package.Entries.Select(entry => entry.FullName).Where(file => file.StartsWith("lib/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string[] expected = assemblies.Length == 0 ? [] : assemblies.Split(", ");
        Assert.Equal(expected.SelectMany(one => (string[])[$"lib/net10.0/{one}.dll", $"lib/net10.0/{one}.xml"]), libraries);
        if (expected.Length == 0)
            return;

        using ZipArchive symbols = ZipFile.OpenRead(program.Package(name, "snupkg"));
        foreach (string assembly in expected)
        {
            using PEReader image = new(new MemoryStream(Read(package, $"lib/net10.0/{assembly}.dll")));
            DebugDirectoryEntry[] debug = [.. image.ReadDebugDirectory()];
            Assert.Contains(debug, entry => entry.Type == DebugDirectoryEntryType.Reproducible);

            // What a debugger asks for is what lies beside it, and no path of the machine that built it is in either.
            DebugDirectoryEntry codeView = debug.Single(entry => entry.Type == DebugDirectoryEntryType.CodeView);
            using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Read(symbols, $"lib/net10.0/{assembly}.pdb")));
            MetadataReader pdb = provider.GetMetadataReader();
            Assert.Equal(image.ReadCodeViewDebugDirectoryData(codeView).Guid, new BlobContentId(pdb.DebugMetadataHeader!.Id).Guid);
            Assert.All(pdb.Documents, document => Assert.StartsWith("/_/", pdb.GetString(pdb.GetDocument(document).Name)));
            Assert.All(pdb.Documents, document => Assert.Contains(
                pdb.GetCustomDebugInformation(document), info => pdb.GetGuid(pdb.GetCustomDebugInformation(info).Kind) == s_embeddedSource));
        }
    }

    [Fact]
    public async Task The_first_program_of_the_librarys_page_answers_with_nothing_but_the_packages()
    {
        // What others publish comes from the user's own cache: the machine may have no network.
        string configuration = program.At("nuget.config");
        File.WriteAllText(configuration, $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{program.Feed}" /></packageSources>
              <fallbackPackageFolders><add key="user" value="{s_userPackages}" /></fallbackPackageFolders>
            </configuration>
            """);
        Dictionary<string, string> empty = new()
        {
            ["HOME"] = Directory.CreateDirectory(program.At("home")).FullName,
            ["DOTNET_CLI_HOME"] = program.At("home"),
            ["NUGET_PACKAGES"] = program.At("packages"),
            ["AFFEKT_CACHE"] = "",
        };
        await RunAsync(
            empty, OnPath("dotnet"), "build", program.Folder, "-c", "Release", "-v", "q", "-nologo", "-o", program.At("built"),
            $"-p:RestoreConfigFile={configuration}", $"-p:BaseIntermediateOutputPath={program.At("obj-here")}/");

        // Neither ffmpeg nor npm can be found.
        empty["PATH"] = program.At("home");
        string output = await RunAsync(empty, OnPath("dotnet"), Path.Combine(program.At("built"), "App.dll"));

        Assert.Matches(@"^Joy at \d\d %\s*$", output);
    }

    [Fact]
    public async Task The_same_program_answers_as_a_program_for_windows()
    {
        string? wine = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "wine")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(wine is null, "needs Wine");
        string output;
        try
        {
            await RunAsync(
                new() { ["NUGET_PACKAGES"] = program.At("packages-windows") }, OnPath("dotnet"), "publish", program.Folder, "-c", "Release",
                "-r", "win-x64", "--self-contained", "-v", "q", "-nologo", "-o", program.At("windows"),
                $"-p:RestoreAdditionalProjectSources={program.Feed}", $"-p:RestoreFallbackFolders={s_userPackages}",
                $"-p:BaseIntermediateOutputPath={program.At("obj-windows")}/");
        }
        catch (Xunit.Sdk.XunitException e) when (e.Message.Contains("NU1101", StringComparison.Ordinal) || e.Message.Contains("NU1301", StringComparison.Ordinal))
        {
            Assert.Skip("needs .NET's runtime for Windows from a package feed");
        }

        // Wine cannot map memory twice, which .NET does to keep code from being written to.
        output = await RunAsync(
            new() { ["WINEPREFIX"] = program.At("wine"), ["WINEDEBUG"] = "-all", ["DOTNET_EnableWriteXorExecute"] = "0" },
            wine!, Path.Combine(program.At("windows"), "App.exe"));

        Assert.Matches(@"^Joy at \d\d %\s*$", output);
    }

    private static byte[] Read(ZipArchive archive, string file)
    {
        using Stream entry = archive.GetEntry(file)?.Open() ?? throw new FileNotFoundException($"found no {file}");
        using MemoryStream bytes = new();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }

    internal static string OnPath(string tool) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, tool)).First(File.Exists);

    internal static async Task<string> RunAsync(Dictionary<string, string> variables, string tool, params string[] arguments)
    {
        ProcessStartInfo start = new(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}\n{output}{await errors}");
        return output;
    }
}
