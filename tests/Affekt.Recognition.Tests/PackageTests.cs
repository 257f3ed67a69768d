using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Affekt.Models.Packages;
using Affekt.Tests;

namespace Affekt.Recognition.Tests;

/// <summary>The packages that a user needs, made once, and the first program of the library's page beside them.</summary>
public sealed class PackedProgram : IAsyncLifetime
{
    // The arguments: samples of 16 bits, 16,000 a second; pictures of 320 x 320; and perhaps a media file.
    private const string ProgramForWindows = """
        using Affekt.Models.Video;
        using Affekt.Recognition;
        using Affekt.Recognition.Library;

        using Recognizer recognizer = await RecognizerFactory.OpenAsync(new AffektOptions());
        byte[] sound = File.ReadAllBytes(args[0]), pictures = File.ReadAllBytes(args[1]);
        float[] samples = new float[sound.Length / 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BitConverter.ToInt16(sound, 2 * i) / 32768f;
        const string Words = "Oh my goodness! You came all this way? I did not expect you!";
        await TellAsync("sound", new("memory") { Text = Words, Recording = new MemoryRecording { Samples = samples } });
        await TellAsync("pictures", new("memory") { Recording = new MemoryRecording { Pictures = new VideoFrames(pictures, pictures.Length / (320 * 320 * 3), 320, 320) } });
        if (args.Length > 2)
            await TellAsync("file", new(args[2]) { Text = Words });

        async Task TellAsync(string name, RecognitionRequest request)
        {
            RecognizedUtterance answer = (await recognizer.RecognizeAsync(request)).Utterances[0];
            Console.WriteLine($"{name}: {answer.Emotion}");
        }
        """;

    // The argument: a folder for jobs.
    private const string ProgramOfHost = """
        using System.Net;

        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAffektEndpoints(endpoints => endpoints.DataFolder = args[0]);
        WebApplication app = builder.Build();
        app.MapAffekt("/affekt");
        app.MapAffektPage("/affekt");
        await app.StartAsync();
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
        Console.WriteLine((await client.GetStringAsync("/affekt")).Contains("<title>Affekt</title>"));
        while (await client.GetAsync("/affekt/v1/bundles") is { StatusCode: HttpStatusCode.ServiceUnavailable })
            await Task.Delay(100);
        Console.WriteLine(await client.GetStringAsync("/affekt/v1/bundles"));
        """;

    // The ffmpeg is of 2018.
    private static readonly NpmPackage[] s_toolsForWindows =
    [
        new("@ffmpeg-installer/win32-x64", "4.1.0", "2aa313be3585994d710197bc4196f5fcbb6a1469be1013b24d200e45d773592f",
            [new("ffmpeg.exe", 64_458_752, "c8abc49e7be62dde8e12972af373959e0076a7b8dc8040eb45978e0608f8781e")]),
        new("@ffprobe-installer/win32-x64", "5.1.0", "97992b5e3b651c7df625831fd369eecc5ec0e9532ac98921138b1c4fbc8de96e",
            [new("ffprobe.exe", 80_995_328, "f28c4751e7367205267025aaf0fcfc921e34d9b7edaa46bd9c8abaf367fc9051")]),
    ];

    private readonly TestMedia _media = new();
    private Task<Dictionary<string, string>>? _built;
    private Task<string[]>? _forWindows;

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
        IEnumerable<string> packages = ((string[])["Affekt/Affekt", "Affekt.Starter/Affekt.Starter", "Affekt.AspNetCore/Affekt.AspNetCore.Package", "Affekt.Training/Affekt.Training.Package"])
            .Select(package => $"<Project Path=\"{TestPaths.InRepository($"packages/{package}.csproj")}\" />");
        File.WriteAllText(At("packages.slnx"), $"<Solution>{string.Concat(packages)}</Solution>");
        await PackageTests.RunAsync(
            [], PackageTests.OnPath("dotnet"), "pack", At("packages.slnx"), "-c", configuration, "--no-build",
            $"-p:PackageOutputPath={Feed}", $"-p:Version={_version}", "-v", "q", "-nologo");

        Directory.CreateDirectory(Folder);
        string page = File.ReadAllText(TestPaths.InRepository("docs/library.md"));
        File.WriteAllText(Path.Combine(Folder, "Program.cs"), page.Split("```csharp\n")[1].Split("```")[0]);
        File.Copy(TestPaths.InRepository("global.json"), At("global.json"));
        File.WriteAllText(Path.Combine(Folder, "app.csproj"), $"""
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

    /// <summary>
    /// Has built the page's program, and a web application, with nothing but the packages; their variables, with an empty home. Done once.
    /// </summary>
    public Task<Dictionary<string, string>> BuiltAsync() => _built ??= BuildAsync();

    /// <summary>What was built in a folder under its name.</summary>
    public string Built(string name) => Path.Combine(At(name), "bin", "Release", "net10.0", $"{name}.dll");

    private async Task<Dictionary<string, string>> BuildAsync()
    {
        // What others publish comes from the user's own cache: the machine may have no network.
        File.WriteAllText(At("feed.config"), $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{Feed}" /></packageSources>
              <fallbackPackageFolders><add key="user" value="{PackageTests.UserPackages}" /></fallbackPackageFolders>
            </configuration>
            """);
        string host = Directory.CreateDirectory(At("host")).FullName;
        File.WriteAllText(Path.Combine(host, "Program.cs"), ProgramOfHost);
        File.WriteAllText(Path.Combine(host, "host.csproj"), File.ReadAllText(Path.Combine(Folder, "app.csproj"))
            .Replace("Microsoft.NET.Sdk", "Microsoft.NET.Sdk.Web", StringComparison.Ordinal)
            .Replace("\"Affekt\"", "\"Affekt.AspNetCore\"", StringComparison.Ordinal));
        File.WriteAllText(At("both.slnx"), """<Solution><Project Path="app/app.csproj" /><Project Path="host/host.csproj" /></Solution>""");
        Dictionary<string, string> empty = new()
        {
            ["HOME"] = Directory.CreateDirectory(At("home")).FullName,
            ["DOTNET_CLI_HOME"] = At("home"),
            ["NUGET_PACKAGES"] = At("packages"),
            ["AFFEKT_CACHE"] = "",
        };
        await PackageTests.RunAsync(
            empty, PackageTests.OnPath("dotnet"), "build", At("both.slnx"), "-c", "Release", "-v", "q", "-nologo",
            $"-p:RestoreConfigFile={At("feed.config")}");
        return empty;
    }

    /// <summary>
    /// What a program prints that was published for Windows and runs under Wine: a line for sound with words, one for pictures, and one
    /// for a media file where ffmpeg's programs for Windows are available. Published and run once.
    /// </summary>
    public Task<string[]> ForWindowsAsync() => _forWindows ??= RunForWindowsAsync();

    private async Task<string[]> RunForWindowsAsync()
    {
        string? wine = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "wine")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(wine is null, "needs Wine");
        string folder = Directory.CreateDirectory(At("app-windows")).FullName;
        File.Copy(Path.Combine(Folder, "app.csproj"), Path.Combine(folder, "App.csproj"));
        File.WriteAllText(Path.Combine(folder, "Program.cs"), ProgramForWindows);
        try
        {
            await PackageTests.RunAsync(
                new() { ["NUGET_PACKAGES"] = At("packages-windows") }, PackageTests.OnPath("dotnet"), "publish", folder, "-c", "Release",
                "-r", "win-x64", "--self-contained", "-v", "q", "-nologo", "-o", At("windows"),
                $"-p:RestoreAdditionalProjectSources={Feed}", $"-p:RestoreFallbackFolders={PackageTests.UserPackages}");
        }
        catch (Xunit.Sdk.XunitException e) when (e.Message.Contains("NU1101", StringComparison.Ordinal) || e.Message.Contains("NU1301", StringComparison.Ordinal))
        {
            Assert.Skip("needs .NET's runtime for Windows from a package feed");
        }

        string sample = TestPaths.InRepository("samples/sample.mp4");
        List<string> inputs =
        [
            _media.Make("sample.pcm", "-i", sample, "-vn", "-ac", "1", "-ar", "16000", "-f", "s16le"),
            _media.Make("sample.rgb", "-i", sample, "-vf", "fps=2", "-pix_fmt", "rgb24", "-f", "rawvideo"),
        ];
        string path = "";
        try
        {
            PackageCache cache = new(PackageCacheOptions.FromEnvironment());
            foreach (NpmPackage package in s_toolsForWindows)
                path += $"Z:{await cache.EnsureAsync(package, cancellation: TestContext.Current.CancellationToken)};";
            inputs.Add(sample);
        }
        catch (WeightsException)
        {
            // No feed: no media file is read.
        }

        // Wine cannot map memory twice, which .NET does to keep code from being written to.
        string output = await PackageTests.RunAsync(
            new() { ["WINEPREFIX"] = At("wine"), ["WINEDEBUG"] = "-all", ["WINEPATH"] = path, ["DOTNET_EnableWriteXorExecute"] = "0" },
            wine!, [Path.Combine(At("windows"), "App.exe"), .. inputs]);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}

/// <summary>What dotnet pack makes can be used by a new project.</summary>
public sealed class PackageTests(PackedProgram program) : IClassFixture<PackedProgram>
{
    // The kind of a document's sources, as the format of portable symbols states it.
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    internal static string UserPackages { get; } = $"{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}/.nuget/packages";

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
        // Neither ffmpeg nor npm can be found.
        Dictionary<string, string> variables = new(await program.BuiltAsync()) { ["PATH"] = program.At("home") };
        string output = await RunAsync(variables, OnPath("dotnet"), program.Built("app"));

        Assert.Matches(@"^Joy at \d\d %\s*$", output);
    }

    [Fact]
    public async Task A_web_application_has_the_page_and_its_endpoints_from_the_packages()
    {
        Assert.SkipUnless(File.Exists(TestPaths.InRepository("web/dist/index.html")), "needs web/dist: npm ci && npm run build in web/, and then a build of this");

        string output = await RunAsync(await program.BuiltAsync(), OnPath("dotnet"), program.Built("host"), program.At("data"));

        Assert.StartsWith("True", output);
        Assert.Contains("\"name\":\"starter\"", output);
    }

    [Fact]
    public async Task Sound_with_words_and_pictures_from_memory_are_recognized_in_a_program_for_windows() => Assert.Equal(
        ["sound: Surprise", "pictures: Surprise"], (await program.ForWindowsAsync()).Take(2));

    [Fact]
    public async Task A_program_for_windows_reads_a_media_file_with_ffmpegs_programs_for_it()
    {
        string[] lines = await program.ForWindowsAsync();

        Assert.SkipWhen(lines.Length == 2, "needs ffmpeg.exe and ffprobe.exe from the package feed");
        Assert.Equal("file: Surprise", lines[2]);
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
        // What builds and Wine leave goes with them, and no server of the build's stays behind.
        using TemporaryFolder temporary = new();
        ProcessStartInfo start = new(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = temporary.Path;
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
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
