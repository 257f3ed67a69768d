using System.Globalization;
using Affekt.Tests;
using Microsoft.Playwright;

namespace Affekt.Web.Tests;

/// <summary>All four views, wide and narrow, light and dark: nothing serious for axe, nothing too wide, nothing from elsewhere.</summary>
[Collection("page")]
public sealed class ViewsTests(PageFixture fixture) : IDisposable
{
    private static readonly string[] Lines =
    [
        "Ann: Oh my goodness! You came all this way?", "Bob: I did! I am so happy to see you.", "Cem: I have to go in a minute.",
        "Ann: What? You only just sat down!", "Cem: Somebody was in my flat, and I am scared to go home.", "Bob: That is terrible. I am so sorry.",
        "Ann: Who would do such a thing? It makes me furious!", "Cem: They left their old socks in my sink. Disgusting!",
        "Bob: You can sleep at my place.", "Cem: Thank you. That is lovely of you!",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("affekt-talk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    [InlineData(true, ColorScheme.Dark)]
    public async Task Every_view_can_be_used_by_everybody(bool phone, ColorScheme scheme)
    {
        string suffix = $"{(phone ? "phone" : "desktop")}-{(scheme == ColorScheme.Dark ? "dark" : "light")}";
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "live", phone, scheme);
        await open.CheckAsync("live, before");
        await open.ShootAsync($"live-before-{suffix}", phone);

        await open.Button("Open camera and microphone").ClickAsync();
        await Assertions.Expect(open.Page.Locator(".lines > li").Nth(1)).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator(".answer .verdict .number")).ToBeVisibleAsync();
        await open.ShootAsync($"live-{suffix}", phone);
        await open.CheckAsync("live");

        await open.GoAsync("analyze");
        await open.ChooseAsync(Talk());
        await open.Page.GetByText("2 of 2 recordings finished").WaitForAsync();
        await open.ShootAsync($"analyze-{suffix}", phone);
        await open.CheckAsync("analyze");

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Open talk.mp4" }).ClickAsync();
        await open.Page.Locator(".span").Nth(3).ClickAsync();
        await open.Page.WaitForFunctionAsync("() => document.querySelector('video').readyState === 4");
        // The browser's own sign that it is loading fades away.
        await open.Page.WaitForTimeoutAsync(1000);
        await open.ShootAsync($"viewer-{suffix}", phone);
        await open.CheckAsync("viewer");

        await open.GoAsync("about");
        await Assertions.Expect(open.Page.GetByRole(AriaRole.Article)).ToContainTextAsync("starter");
        await open.ShootAsync($"about-{suffix}", phone);
        await open.CheckAsync("about");
        open.AssertClean();
    }

    [Fact]
    public async Task The_views_are_reached_and_left_with_the_keyboard()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "live");
        await open.Page.GetByRole(AriaRole.Heading, new() { Name = "Live", Exact = true }).WaitForAsync();
        await open.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(open.Page.GetByText("To the content")).ToBeFocusedAsync();
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "About" }).FocusAsync();
        await open.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(open.Page.GetByRole(AriaRole.Heading, new() { Name = "About", Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator("main")).ToBeFocusedAsync();
        Assert.Equal("About · Affekt", await open.Page.TitleAsync());
    }

    [Fact]
    public async Task The_colours_can_be_chosen_and_stay()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "about");
        ILocator toggle = open.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Colours") });
        await toggle.ClickAsync();
        await toggle.ClickAsync();

        await open.Page.ReloadAsync();

        Assert.Equal("dark", await open.Page.EvaluateAsync<string>("() => document.documentElement.dataset.theme"));
        Assert.Equal("rgb(21, 24, 28)", await open.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
    }

    /// <summary>The sample as often as it takes for a talk between three, its subtitles, and a file that is no recording.</summary>
    private string[] Talk()
    {
        string media = Path.Combine(_folder, "talk.mp4"), subtitles = Path.Combine(_folder, "talk.srt"), words = Path.Combine(_folder, "notes.mp4");
        PageFixture.Ffmpeg("-stream_loop", "5", "-i", TestPaths.InRepository("samples/sample.mp4"), "-c", "copy", media);
        File.WriteAllText(words, "These are words, in a file that says it is a film.\n");
        using StreamWriter writer = new(subtitles);
        for (int i = 0; i < Lines.Length; i++)
            writer.Write($"{i + 1}\n{Time(2400 * i)} --> {Time((2400 * i) + 2100)}\n{Lines[i]}\n\n");
        return [media, subtitles, words];

        static string Time(int ms) => TimeSpan.FromMilliseconds(ms).ToString(@"hh\:mm\:ss\,fff", CultureInfo.InvariantCulture);
    }
}
