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
    public async Task A_new_console_project_recognises_a_clip_with_the_packages_of_a_local_feed()
    {
        // A version of its own: a package of this name may lie in the user's cache already.
        string version = string.Create(CultureInfo.InvariantCulture, $"0.0.{DateTime.UtcNow:yyMMdd}.{Environment.ProcessId}");
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        string feed = Directory.CreateDirectory(_media.At("feed")).FullName, app = Directory.CreateDirectory(_media.At("app")).FullName;
        foreach (string project in (string[])["Abstractions", "Onnx", "Media", "Models", "Recognition"])
        {
            await DotnetAsync(
                "pack", TestPaths.InRepository($"src/Affekt.{project}"), "-c", configuration, "--no-build", "-o", feed, $"-p:Version={version}");
        }

        File.Copy(TestPaths.InRepository("global.json"), Path.Combine(app, "global.json"));
        File.WriteAllText(Path.Combine(app, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <InvariantGlobalization>true</InvariantGlobalization>
                <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{_media.At("packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}/.nuget/packages</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Affekt.Recognition" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(app, "Program.cs"), """
            using Affekt.Recognition;
            using Affekt.Recognition.Library;

            AffektOptions options = new() { BundleFolder = args[0], ReadSound = false, CutAtPauses = false };
            using Recognizer recognizer = await RecognizerFactory.OpenAsync(options);
            RecognitionResult result = await recognizer.RecognizeAsync(new RecognitionRequest(args[1]) { Text = "so happy" });
            Console.WriteLine(result.ToJson(indented: false));
            """);
        await DotnetAsync("build", app, "-v", "q", "-nologo", "-o", _media.At("built"));

        string output = await DotnetAsync(Path.Combine(_media.At("built"), "App.dll"), _media.Bundle(), _media.Silent());

        Assert.Equal("so happy", RecognitionResult.FromJson(output).Utterances[0].Text);
    }

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}{await errors}");
        return output;
    }
}
