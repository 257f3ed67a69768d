using Affekt.Server.Hosting;
using Affekt.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Affekt.Web.Tests;

/// <summary>What a person gave the page stays theirs: camera, key and queue, whatever they do next.</summary>
[Collection("page")]
public sealed class LastingTests(PageFixture fixture) : IDisposable
{
    private const string Key = "a-key-of-this-server";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_camera_that_is_allowed_after_the_view_was_left_is_off_at_once()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "about");

        // The prompt, as long as a person takes to answer it.
        await open.Page.EvaluateAsync(
            """
            () => {
                const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
                const allowed = new Promise(allow => (window.allow = allow));
                navigator.mediaDevices.getUserMedia = async wanted => {
                    await allowed;
                    return (window.given = await ask(wanted));
                };
            }
            """);
        await open.GoAsync("live");
        await open.Button("Open camera and microphone").ClickAsync();
        await open.GoAsync("analyze");
        await open.Page.GetByRole(AriaRole.Heading, new() { Name = "Analyze", Exact = true }).WaitForAsync();

        await open.Page.EvaluateAsync("() => window.allow()");

        await open.Page.WaitForFunctionAsync("() => window.given && window.given.getTracks().every(track => track.readyState === 'ended')");
        open.AssertClean();
    }

    [Fact]
    public async Task In_somebodys_host_the_page_works_under_a_prefix()
    {
        IBrowser browser = await fixture.ReadyAsync();
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAffekt(affekt => affekt.BundleFolder = TestPaths.InRepository("bundles/starter"));
        builder.Services.AddAffektEndpoints(endpoints => endpoints.DataFolder = _folder.At("data"));
        await using WebApplication host = builder.Build();
        host.MapAffekt("/some/affekt");
        host.MapAffektPage("/some/affekt");
        await host.StartAsync(TestContext.Current.CancellationToken);
        await using OpenPage open = await OpenPage.AtAsync(browser, host.Urls.Single() + "/some/affekt", "live");

        await open.Button("Try it with a sample").ClickAsync();
        await open.Page.Locator(".modality", new() { HasText = "%" }).First.WaitForAsync();

        Assert.Equal("/some/affekt/", new Uri(open.Page.Url).AbsolutePath);
        open.AssertClean();
    }

    [Fact]
    public async Task A_wrong_key_is_asked_for_again()
    {
        IBrowser browser = await fixture.ReadyAsync();
        await using WebApplication server = ServerHost.Build(new ServerOptions
        {
            Urls = ["http://127.0.0.1:0"],
            BundleFolder = _folder.At("none"),
            DataFolder = _folder.At("data"),
            SandboxProgram = ServerFolders.Sandbox(),
            ReadSound = false,
            ApiKeys = [Key],
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        await using OpenPage open = await OpenPage.AtAsync(browser, server.Urls.Single() + "/", "analyze");
        ILocator field = open.Page.GetByLabel("API key");

        await field.FillAsync("another-key-of-this-server");
        await open.Button("Use it").ClickAsync();
        await Assertions.Expect(open.Page.GetByText("does not know this key")).ToBeVisibleAsync();
        await open.Page.ReloadAsync();
        await Assertions.Expect(open.Page.GetByText("does not know this key")).ToBeVisibleAsync();
        await field.FillAsync(Key);
        await open.Button("Use it").ClickAsync();

        await Assertions.Expect(field).ToBeHiddenAsync();
        open.AssertClean();
    }

    [Fact]
    public async Task The_queue_goes_on_where_the_page_is_loaded_again()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "analyze");
        string[] files = ["a.wav", "b.wav", "c.wav"];
        foreach (string file in files)
            PageFixture.Ffmpeg("-i", TestPaths.InRepository("samples/sample.mp4"), "-t", "2", "-vn", "-ar", "16000", _folder.At(file));
        await open.ChooseAsync([.. files.Select(file => _folder.At(file))]);

        // One is with the server by now, one waits here.
        await open.Page.Locator("ul.queue .queued, ul.queue .running").First.WaitForAsync();
        await open.Page.ReloadAsync();

        await Assertions.Expect(open.Page.Locator("ul.queue > li")).ToHaveCountAsync(3);
        await Assertions.Expect(open.Page.Locator("ul.queue .done")).ToHaveCountAsync(3);
        await open.Page.ReloadAsync();
        await Assertions.Expect(open.Page.GetByRole(AriaRole.Link, new() { Name = "Open c.wav" })).ToBeVisibleAsync();
        open.AssertClean();
    }
}
