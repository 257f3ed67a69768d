using System.Diagnostics;
using Affekt.Server.Hosting;
using Affekt.Tests;
using Affekt.Web.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(PageFixture))]

namespace Affekt.Web.Tests;

/// <summary>The real server with the committed bundle and the built page, and Debian's Chromium to open it with.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _starting = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = TestPorts.Free();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private WebApplication? _server;

    /// <summary>The page's address.</summary>
    public string Address => $"http://127.0.0.1:{_port}/";

    /// <summary>Where screenshots go: AFFEKT_SCREENSHOTS, or a folder beside the tests' program.</summary>
    public static string Screenshots { get; } = Directory.CreateDirectory(
        Environment.GetEnvironmentVariable("AFFEKT_SCREENSHOTS") ?? Path.Combine(AppContext.BaseDirectory, "screenshots")).FullName;

    /// <summary>Whether real people are before the camera, not a drawing.</summary>
    public static bool ShowsFaces => Clip == RealClip;

    private static string RealClip => TestPaths.InRepository("../shared/data/clips/meld_train_dia1_utt0.mp4");

    private static string Clip => Environment.GetEnvironmentVariable("AFFEKT_SCREENSHOT_CLIP") is { Length: > 0 } named ? named
        : File.Exists(RealClip) ? RealClip : TestPaths.InRepository("samples/sample.mp4");

    /// <summary>Starts what is not there yet; skips the test where the browser or the built page is absent.</summary>
    public async Task<IBrowser> ReadyAsync()
    {
        await _starting.WaitAsync();
        try
        {
            Assert.SkipUnless(AffektPage.IsBuilt, "needs web/dist: npm ci && npm run build in web/, and then a build of this");
            if (_server is null)
                await StartServerAsync();
            return _browser ??= await LaunchAsync(FakeDevices(_folder, Clip));
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>A browser with other arguments than the usual one.</summary>
    public async Task<IBrowser> LaunchAsync(params string[] arguments)
    {
        string? chromium = Chromium();
        Assert.SkipWhen(chromium is null, "needs Chromium");
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        _playwright ??= await Playwright.CreateAsync();

        // Two cores compute, record and draw at once here: what comes, comes late.
        Assertions.SetDefaultExpectTimeout(45_000);
        return await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", .. arguments],
        });
    }

    /// <summary>Starts the server, at the address that it had.</summary>
    public async Task StartServerAsync() => _server = await ServeAsync(Address, TestPaths.InRepository("bundles/starter"), _folder.At("data"));

    /// <summary>A server with another bundle, once it is ready.</summary>
    /// <param name="address">The page's address there.</param>
    /// <param name="bundle">The bundle's folder.</param>
    /// <param name="data">Where results are kept.</param>
    public static async Task<WebApplication> ServeAsync(string address, string bundle, string data)
    {
        WebApplication server = ServerHost.Build(new ServerOptions
        {
            Urls = [address.TrimEnd('/')],
            BundleFolder = bundle,
            DataFolder = data,
            SandboxProgram = ServerFolders.Sandbox(),
        });
        await server.StartAsync();
        using HttpClient client = new() { BaseAddress = new Uri(address) };
        for (Stopwatch waited = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            using HttpResponseMessage answer = await client.GetAsync("readyz");
            if (answer.IsSuccessStatusCode)
                return server;
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(3), $"the server is not ready: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>Stops the server; sessions and streams end.</summary>
    public async Task StopServerAsync()
    {
        if (_server is null)
            return;
        await _server.StopAsync();
        await _server.DisposeAsync();
        _server = null;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await StopServerAsync();
        _starting.Dispose();
        _folder.Dispose();
    }

    /// <summary>Arguments that give Chromium a clip as its camera and microphone.</summary>
    /// <param name="folder">Takes the clip as Chromium wants it.</param>
    /// <param name="clip">The clip.</param>
    public static string[] FakeDevices(string folder, string clip)
    {
        string picture = Path.Combine(folder, "camera.mjpeg"), sound = Path.Combine(folder, "microphone.wav");

        // As wide as a camera is, for Chromium puts bars beside a picture that is not.
        Ffmpeg("-i", clip, "-vf", "scale=640:-2,crop=640:min(ih\\,480),fps=15", "-pix_fmt", "yuvj420p", "-q:v", "3", picture);

        // A second of silence behind it, in which the utterance ends.
        Ffmpeg("-i", clip, "-vn", "-af", "apad=pad_dur=1.2", "-ac", "1", "-ar", "48000", sound);
        return
        [
            "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", $"--use-file-for-fake-video-capture={picture}",
            $"--use-file-for-fake-audio-capture={sound}",
        ];
    }

    internal static void Ffmpeg(params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }

    private static string? Chromium() =>
        new[] { "/usr/bin/chromium" }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name))))
        .FirstOrDefault(File.Exists);
}
