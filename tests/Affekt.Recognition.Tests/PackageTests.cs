using System.Diagnostics;
using System.Globalization;
using Affekt.Tests;

namespace Affekt.Recognition.Tests;

/// <summary>What dotnet pack makes can be used by a new project.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task The_first_program_of_the_librarys_page_answers_with_nothing_but_the_packages()
    {
        string feed = _media.At("feed"), app = Directory.CreateDirectory(_media.At("app")).FullName;

        // A version of its own: a package of this name may lie in the user's cache already.
        string version = string.Create(CultureInfo.InvariantCulture, $"0.0.{DateTime.UtcNow:yyMMdd}.{Environment.ProcessId}");
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        foreach (string package in (string[])["Affekt", "Affekt.Starter"])
        {
            await DotnetAsync(
                "pack", TestPaths.InRepository($"packages/{package}"), "-c", configuration, "--no-build", "-o", feed, $"-p:Version={version}", "-v", "q", "-nologo");
        }

        string page = File.ReadAllText(TestPaths.InRepository("docs/library.md"));
        File.WriteAllText(Path.Combine(app, "Program.cs"), page.Split("```csharp\n")[1].Split("```")[0]);
        File.Copy(TestPaths.InRepository("global.json"), Path.Combine(app, "global.json"));
        File.WriteAllText(Path.Combine(app, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Affekt" Version="{version}" />
                <PackageReference Include="Affekt.Starter" Version="{version}" />
              </ItemGroup>
            </Project>
            """);

        // What others publish comes from the user's own cache: the machine may have no network.
        File.WriteAllText(Path.Combine(app, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{feed}" /></packageSources>
              <fallbackPackageFolders><add key="user" value="{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}/.nuget/packages" /></fallbackPackageFolders>
            </configuration>
            """);
        Dictionary<string, string> empty = new()
        {
            ["HOME"] = Directory.CreateDirectory(_media.At("home")).FullName,
            ["DOTNET_CLI_HOME"] = _media.At("home"),
            ["NUGET_PACKAGES"] = _media.At("packages"),
            ["AFFEKT_CACHE"] = "",
        };
        await DotnetAsync(empty, "build", app, "-c", "Release", "-v", "q", "-nologo", "-o", _media.At("built"));

        // Neither ffmpeg nor npm can be found.
        empty["PATH"] = _media.At("home");
        string output = await DotnetAsync(empty, Path.Combine(_media.At("built"), "App.dll"));

        Assert.Matches(@"^Joy at \d\d %\s*$", output);
    }

    private static Task<string> DotnetAsync(params string[] arguments) => DotnetAsync([], arguments);

    private static async Task<string> DotnetAsync(Dictionary<string, string> variables, params string[] arguments)
    {
        ProcessStartInfo start = new(TestProgram("dotnet"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}{await errors}");
        return output;
    }

    private static string TestProgram(string tool) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, tool)).First(File.Exists);
}
