using System.Globalization;
using System.Text.Json;
using Affekt.AspNetCore.Problems;
using Affekt.Media;
using Affekt.Recognition;
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

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_view_can_be_used_by_everybody(bool phone)
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "live", phone);
        await LookAsync(open, "live-before", phone);

        await LookAsync(open, "live", phone, async () =>
        {
            // The page's own sample, in which all three modalities are read; it ends by itself, so that each look has its own.
            // A machine that is so busy that it ends first has it played again.
            ILocator third = open.Page.Locator(".modality", new() { HasText = "%" }).Nth(2), ended = open.Page.GetByText("Start another session");
            int tries = 0;
            do
            {
                await open.GoAsync("about");
                await open.GoAsync("live");
                await open.Button("Try it with a sample").ClickAsync();
                await third.Or(ended).First.WaitForAsync();
            }
            while (!await third.IsVisibleAsync() && ++tries < 20);
            await third.WaitForAsync();
        });

        await open.GoAsync("analyze");
        await open.ChooseAsync(Talk());
        await open.Page.GetByText("2 of 2 recordings finished").WaitForAsync();
        await LookAsync(open, "analyze", phone);

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Open talk.mp4" }).ClickAsync();
        await open.Page.Locator(".span").Nth(3).ClickAsync();
        await open.Page.WaitForFunctionAsync("() => document.querySelector('video').readyState === 4");
        // The browser's own sign that it is loading fades away.
        await open.Page.WaitForTimeoutAsync(1000);
        await LookAsync(open, "viewer", phone);

        await open.GoAsync("about");
        await Assertions.Expect(open.Page.GetByRole(AriaRole.Article)).ToContainTextAsync("starter");
        await LookAsync(open, "about", phone);
        open.AssertClean();
    }

    /// <summary>Shoots and checks what is on screen, light and dark; each time after what brings it there.</summary>
    private static async Task LookAsync(OpenPage open, string view, bool phone, Func<Task>? begin = null)
    {
        foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await open.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            if (begin is not null)
                await begin();
            await open.ShootAsync($"{view}-{(phone ? "phone" : "desktop")}-{(scheme == ColorScheme.Dark ? "dark" : "light")}", phone);
            await open.CheckAsync($"{view}, {scheme}");
        }
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
    public async Task The_colors_can_be_chosen_and_stay()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "about");
        ILocator toggle = open.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Colors") });
        await toggle.ClickAsync();
        await toggle.ClickAsync();

        await open.Page.ReloadAsync();

        Assert.Equal("dark", await open.Page.EvaluateAsync<string>("() => document.documentElement.dataset.theme"));
        Assert.Equal("rgb(21, 24, 28)", await open.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
    }

    [Theory]
    [InlineData("de", "Auswerten")]
    [InlineData("es", "Analizar")]
    public async Task Every_view_speaks_the_chosen_language_and_fits_a_phone_in_it(string language, string analyze)
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "about", phone: true);

        // As narrow as 1280 pixels are at 400 %.
        await open.Page.SetViewportSizeAsync(320, 640);
        await open.Page.GetByLabel("Language").SelectOptionAsync(language);
        await open.Page.ReloadAsync();

        await Assertions.Expect(open.Page.GetByRole(AriaRole.Link, new() { Name = analyze, Exact = true })).ToBeVisibleAsync();
        Assert.Equal(language, await open.Page.EvaluateAsync<string>("() => document.documentElement.lang"));
        foreach (string view in (string[])["live", "analyze", "viewer", "about"])
        {
            await open.GoAsync(view);
            await open.Page.Locator("main h1").WaitForAsync();
            await open.CheckAsync($"{view} in {language}");
            await open.ShootAsync($"{view}-{language}", whole: true);
        }

        open.AssertClean();
    }

    [Fact]
    public void Every_problem_and_warning_of_the_server_has_words_on_the_page()
    {
        using JsonDocument texts = JsonDocument.Parse(File.ReadAllText(TestPaths.InRepository("web/src/i18n/en.json")));
        string[] problems = [.. typeof(ProblemCode).GetFields().Select(field => field.GetValue(null)).OfType<ProblemCode>().Select(code => $"problem.{code.Name}")];
        string[] warnings =
        [
            .. new[] { typeof(MediaWarning), typeof(RecognitionWarning) }.SelectMany(type => type.GetFields()).Where(field => field.IsLiteral)
                .Select(field => $"warning.{field.GetRawConstantValue()}"),
        ];

        Assert.NotEmpty(problems);
        Assert.NotEmpty(warnings);
        Assert.All([.. problems, .. warnings], key => Assert.True(texts.RootElement.TryGetProperty(key, out _), key));
    }

    /// <summary>The sample as often as it takes for a talk between three, its subtitles, and a file that is no recording.</summary>
    private string[] Talk()
    {
        string media = _folder.At("talk.mp4"), subtitles = _folder.At("talk.srt"), words = _folder.At("notes.mp4");
        PageFixture.Ffmpeg("-stream_loop", "5", "-i", TestPaths.InRepository("samples/sample.mp4"), "-c", "copy", media);
        File.WriteAllText(words, "These are words, in a file that says it is a film.\n");
        using StreamWriter writer = new(subtitles);
        for (int i = 0; i < Lines.Length; i++)
            writer.Write($"{i + 1}\n{Time(2400 * i)} --> {Time((2400 * i) + 2100)}\n{Lines[i]}\n\n");
        return [media, subtitles, words];

        static string Time(int ms) => TimeSpan.FromMilliseconds(ms).ToString(@"hh\:mm\:ss\,fff", CultureInfo.InvariantCulture);
    }
}
