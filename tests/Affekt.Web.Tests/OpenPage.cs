using System.Text.Json;
using Affekt.Tests;
using Microsoft.Playwright;

namespace Affekt.Web.Tests;

/// <summary>A tab with the page, watched: what it asks of other hosts and what it complains about is kept.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private static readonly string Axe = TestPaths.InRepository("web/node_modules/axe-core/axe.min.js");
    private readonly IBrowserContext _context;
    private readonly string _address;
    private readonly List<string> _outside = [];
    private readonly List<string> _errors = [];

    private OpenPage(IBrowserContext context, IPage page, string address)
    {
        (_context, Page, _address) = (context, page, address);
        page.Request += (_, request) =>
        {
            if (!IsOwn(request.Url))
                _outside.Add(request.Url);
        };
        page.WebSocket += (_, socket) =>
        {
            if (!socket.Url.StartsWith(address.Replace("http", "ws", StringComparison.Ordinal), StringComparison.Ordinal))
                _outside.Add(socket.Url);
        };
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
                _errors.Add(message.Text);
        };
    }

    public IPage Page { get; }

    public static async Task<OpenPage> AtAsync(IBrowser browser, string address, string view, bool phone = false)
    {
        IBrowserContext context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = phone ? new ViewportSize { Width = 360, Height = 740 } : new ViewportSize { Width = 1280, Height = 860 },
            ColorScheme = ColorScheme.Light,
            AcceptDownloads = true,
        });
        context.SetDefaultTimeout(60_000);
        OpenPage open = new(context, await context.NewPageAsync(), address);
        await open.GoAsync(view);
        return open;
    }

    public Task GoAsync(string view) => Page.GotoAsync($"{_address}#/{view}");

    /// <summary>A button by its name, or the start of it.</summary>
    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name });

    /// <summary>Puts files into the view's first field for files.</summary>
    public Task ChooseAsync(params string[] files) => Page.Locator("main input[type=file]").First.SetInputFilesAsync(files);

    /// <summary>What axe finds that is serious or critical; the page and its bar fit the window's width.</summary>
    public async Task CheckAsync(string name)
    {
        Assert.SkipUnless(File.Exists(Axe), "needs axe-core: npm ci in web/");

        // Through the debugger, which no content security policy holds back.
        await Page.EvaluateAsync($"() => {{ {await File.ReadAllTextAsync(Axe)} }}");
        JsonElement found = (await Page.EvaluateAsync("async () => (await axe.run()).violations"))!.Value;
        string[] serious =
        [
            .. found.EnumerateArray().Where(one => one.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(one => $"{one.GetProperty("id").GetString()}: {one.GetProperty("nodes")[0].GetProperty("html").GetString()}"),
        ];
        Assert.True(serious.Length == 0, $"{name}: {string.Join("; ", serious)}");
        Assert.False(
            await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth"), $"{name} is wider than the window");
        Assert.False(
            await Page.EvaluateAsync<bool>("() => { const bar = document.querySelector('nav'); return bar.scrollWidth > bar.clientWidth; }"),
            $"{name} hides a view's name");
    }

    public Task ShootAsync(string name, bool whole) => Page.ScreenshotAsync(
        new PageScreenshotOptions
        {
            Path = Path.Combine(PageFixture.Screenshots, name + ".png"),
            FullPage = whole,
            Animations = ScreenshotAnimations.Disabled,
        });

    /// <summary>Nothing was asked of another host, and nothing was thrown or refused by the content security policy.</summary>
    public void AssertClean()
    {
        Assert.Empty(_outside);
        Assert.Empty(_errors);
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private bool IsOwn(string url) => url.StartsWith(_address, StringComparison.Ordinal)
        || url.StartsWith("blob:" + _address, StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal);
}
