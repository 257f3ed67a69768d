using System.Text.Json;
using Affekt.Tests;
using Microsoft.Playwright;

namespace Affekt.Web.Tests;

/// <summary>The live view with a clip as camera and microphone.</summary>
[Collection("page")]
public sealed class LiveTests(PageFixture fixture)
{
    [Fact]
    public async Task A_clip_before_the_camera_is_answered_while_it_plays_and_at_its_end()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "live");
        await Assertions.Expect(open.Page.GetByText("Not for work or school")).ToBeVisibleAsync();

        await open.Button("Open camera and microphone").ClickAsync();

        ILocator verdict = open.Page.Locator(".answer .verdict .number");
        await Assertions.Expect(verdict).ToContainTextAsync("%");
        await Assertions.Expect(open.Page.Locator(".facts")).ToHaveCountAsync(0);
        await open.Page.Keyboard.PressAsync("d");
        await Assertions.Expect(open.Page.Locator(".facts")).ToContainTextAsync("ms");
        await open.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(open.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("show or hide details");
        await open.Page.Keyboard.PressAsync("Escape");
        if (PageFixture.ShowsFaces)
            await Assertions.Expect(open.Page.Locator(".stage .face").First).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator(".lines > li").First).ToBeVisibleAsync();
        await open.Page.Keyboard.PressAsync("p");
        await Assertions.Expect(open.Page.GetByText("Paused: nothing is sent")).ToBeVisibleAsync();
        await open.Button("Go on").ClickAsync();
        await open.Page.GetByLabel("Who speaks").FillAsync("Joey");
        await open.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(open.Page.Locator(".lines > li", new() { HasText = "Joey" }).First).ToBeVisibleAsync();
        await open.Button("Stop").ClickAsync();
        await Assertions.Expect(open.Page.GetByText("Start another session")).ToBeVisibleAsync();
        await open.Page.GetByLabel("Which camera").SelectOptionAsync(new SelectOptionValue { Index = 1 });

        await open.Button("Open in the viewer").ClickAsync();
        await Assertions.Expect(open.Page.Locator(".chosen")).ToBeVisibleAsync();
        open.AssertClean();
    }

    [Fact]
    public async Task The_sample_is_tried_with_one_click_recorded_and_replayed()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "live");
        await open.Page.GetByLabel("Record the session").CheckAsync();

        // It ends by itself.
        await open.Button("Try it with a sample").ClickAsync();
        await Assertions.Expect(open.Page.Locator(".modality").First).ToContainTextAsync("%");
        await Assertions.Expect(open.Page.GetByText("Start another session")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator(".lines > li").First).ToBeVisibleAsync();
        IDownload recording = await open.Page.RunAndWaitForDownloadAsync(() => open.Button("Save the recording").ClickAsync());
        await open.Button("Replay in the viewer").ClickAsync();

        await open.Page.WaitForFunctionAsync(
            "() => { const video = document.querySelector('.player video'); return video && video.duration > 3 && video.duration < 60 && video.videoWidth > 0; }");
        await Assertions.Expect(open.Page.Locator(".course canvas")).ToBeVisibleAsync();
        IDownload json = await open.Page.RunAndWaitForDownloadAsync(
            () => open.Page.GetByRole(AriaRole.Button, new() { Name = "JSON", Exact = true }).ClickAsync());
        using JsonDocument saved = JsonDocument.Parse(await File.ReadAllTextAsync((await json.PathAsync())!, TestContext.Current.CancellationToken));
        Assert.NotEmpty(saved.RootElement.GetProperty("moments").EnumerateArray());
        Assert.True(new FileInfo((await recording.PathAsync())!).Length > 10_000);
        Assert.EndsWith(".webm", recording.SuggestedFilename);

        // Back in the live view the session is still there.
        await open.GoAsync("live");
        await Assertions.Expect(open.Button("Save the recording")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator(".lines > li").First).ToBeVisibleAsync();
        open.AssertClean();
    }

    [Fact]
    public async Task The_microphone_alone_is_enough()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "live");
        await open.Page.GetByLabel("Camera", new() { Exact = true }).UncheckAsync();

        // How the voice usually sounds is recorded here and now.
        await open.Page.GetByText("More options").ClickAsync();
        await open.Button("Record it now").ClickAsync();
        await Assertions.Expect(open.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Recording [4-9] s") })).ToBeVisibleAsync();
        await open.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("speak as usual") }).ClickAsync();
        await Assertions.Expect(open.Page.GetByText("my voice.webm")).ToBeVisibleAsync();
        await open.Button("Open microphone").ClickAsync();

        await Assertions.Expect(open.Page.GetByText("Sound only")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator(".answer .verdict .number")).ToContainTextAsync("%");
        await Assertions.Expect(open.Page.GetByText("Nobody was heard in the recordings")).ToBeHiddenAsync();
        open.AssertClean();
    }

    // The sample's drawn face speaks, and another one like it looks on.
    [Fact]
    public async Task Of_two_people_before_the_camera_each_has_a_name_over_the_face_which_can_be_changed()
    {
        await fixture.ReadyAsync();
        using TemporaryFolder folder = new();
        string two = folder.At("two.mp4");
        PageFixture.Ffmpeg(
            "-i", TestPaths.InRepository("samples/sample.mp4"), "-filter_complex", "[0:v]scale=240:240,pad=320:320:40:40:gray,split[a][b];[b]trim=start=0.88,setpts=PTS-STARTPTS,trim=end_frame=1,loop=-1:1,hflip,setpts=N/FRAME_RATE/TB[c];[a][c]hstack=shortest=1[v]",
            "-map", "[v]", "-map", "0:a", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", two);
        await using IBrowser browser = await fixture.LaunchAsync(PageFixture.FakeDevices(folder, two));
        await using OpenPage open = await OpenPage.AtAsync(browser, fixture.Address, "live");
        await open.Page.GetByText("More options").ClickAsync();
        await open.Page.GetByLabel("Show each person's face").CheckAsync();

        await open.Button("Open camera and microphone").ClickAsync();

        ILocator names = open.Page.Locator(".stage .face .name");
        await Assertions.Expect(names).ToHaveCountAsync(2);
        await Assertions.Expect(open.Page.Locator(".who img")).ToHaveCountAsync(2);
        await open.Page.Locator(".who input").First.FillAsync("Ann");
        await open.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(names.Filter(new() { HasText = "Ann" })).ToHaveCountAsync(1);
        await open.ShootAsync("live-two-desktop-light", whole: true);
        open.AssertClean();
    }

    [Fact]
    public async Task A_server_that_goes_and_comes_back_is_found_again()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "live");
        await open.Button("Open camera and microphone").ClickAsync();
        await Assertions.Expect(open.Page.Locator(".lines > li").First).ToBeVisibleAsync();

        await fixture.StopServerAsync();
        await Assertions.Expect(open.Page.GetByText("connection broken, trying again")).ToBeVisibleAsync();
        await fixture.StartServerAsync();

        await Assertions.Expect(open.Page.GetByText("connected", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.GetByText("a new one was started")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator(".lines > li").Nth(1)).ToBeVisibleAsync();
    }

    // What a phone does that is turned, and a switch, and a plug, through the events by which a browser tells of them.
    [Fact]
    public async Task A_turned_camera_a_muted_microphone_and_an_unplugged_camera_are_seen_and_the_session_goes_on()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "live");
        await open.Button("Open camera and microphone").ClickAsync();
        await Assertions.Expect(open.Page.GetByText("connected", new() { Exact = true })).ToBeAttachedAsync();
        await open.Page.WaitForFunctionAsync("() => document.querySelector('.stage video')?.videoWidth > 0");

        await open.Page.EvaluateAsync("() => document.querySelector('.stage video').srcObject.getVideoTracks()[0].applyConstraints({ width: 240, height: 320 })");
        await open.Page.WaitForFunctionAsync("() => { const { width, height } = document.querySelector('.stage .frame').getBoundingClientRect(); return Math.abs(width / height - 0.75) < 0.02; }");

        await open.Page.EvaluateAsync("() => document.querySelector('.stage video').srcObject.getAudioTracks()[0].dispatchEvent(new Event('mute'))");
        await Assertions.Expect(open.Page.GetByText("The microphone is muted")).ToBeVisibleAsync();
        await open.Page.EvaluateAsync("() => document.querySelector('.stage video').srcObject.getAudioTracks()[0].dispatchEvent(new Event('unmute'))");
        await Assertions.Expect(open.Page.GetByText("The microphone is muted")).ToBeHiddenAsync();

        await open.Page.EvaluateAsync("() => { const [camera] = document.querySelector('.stage video').srcObject.getVideoTracks(); camera.stop(); camera.dispatchEvent(new Event('ended')); }");
        await Assertions.Expect(open.Page.GetByText("Camera disconnected")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.GetByText("The camera was disconnected.")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator(".modality").Nth(2)).ToContainTextAsync("no picture");
        await Assertions.Expect(open.Page.Locator(".lines > li").First).ToBeVisibleAsync();

        // Nothing is left that an answer could be about.
        ILocator sure = open.Page.Locator(".answer .verdict .number");
        await Assertions.Expect(sure).ToBeVisibleAsync();
        await open.Page.EvaluateAsync("() => { const [microphone] = document.querySelector('.stage video').srcObject.getAudioTracks(); microphone.stop(); microphone.dispatchEvent(new Event('ended')); }");
        await Assertions.Expect(open.Page.GetByText("The microphone was disconnected.")).ToBeVisibleAsync();
        await Assertions.Expect(sure).ToBeHiddenAsync();
        open.AssertClean();
    }

    [Fact]
    public async Task From_another_machine_over_http_the_page_says_at_once_that_browsers_open_no_devices_there()
    {
        IBrowser browser = await fixture.ReadyAsync();
        await using IBrowserContext context = await browser.NewContextAsync();
        await context.RouteAsync(
            "http://affekt.test/**", async route => await route.FulfillAsync(new()
            {
                Response = await route.FetchAsync(new()
                {
                    Url = route.Request.Url.Replace("http://affekt.test/", fixture.Address, StringComparison.Ordinal),
                    Headers = new Dictionary<string, string>(),
                }),
            }));
        IPage page = await context.NewPageAsync();

        await page.GotoAsync("http://affekt.test/#/live");

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("or over https");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Open camera and microphone" })).ToBeDisabledAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Try it with a sample" })).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Without_a_camera_the_page_says_so_and_how_to_go_on()
    {
        await fixture.ReadyAsync();
        await using IBrowser browser = await fixture.LaunchAsync("--use-fake-ui-for-media-stream");
        await using OpenPage open = await OpenPage.AtAsync(browser, fixture.Address, "live");

        await open.Button("Open camera and microphone").ClickAsync();

        await Assertions.Expect(open.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("No camera or microphone was found");
        await Assertions.Expect(open.Button("Open camera and microphone")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task A_refused_permission_is_said_as_one()
    {
        await fixture.ReadyAsync();
        await using IBrowser browser = await fixture.LaunchAsync("--use-fake-device-for-media-stream", "--deny-permission-prompts");
        await using OpenPage open = await OpenPage.AtAsync(browser, fixture.Address, "live");

        await open.Button("Open camera and microphone").ClickAsync();

        await Assertions.Expect(open.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("was not allowed to open");
    }
}
