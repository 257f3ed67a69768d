using System.Diagnostics;
using System.Text.Json;
using Affekt.Tests;
using Microsoft.Playwright;

namespace Affekt.Web.Tests;

/// <summary>Files go in, a result comes out and can be read, filtered and saved.</summary>
[Collection("page")]
public sealed class AnalyzeTests(PageFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_recording_with_its_subtitles_is_analysed_and_opens_in_the_viewer()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "analyze");
        await open.ChooseAsync(Sample(), Subtitles());
        await open.Page.Locator("ul.queue .done").WaitForAsync();
        await Assertions.Expect(open.Page.Locator("ul.queue .file")).ToContainTextAsync("with talk.srt");

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Open talk.mp4" }).ClickAsync();

        await Assertions.Expect(open.Page.Locator(".chosen blockquote")).ToContainTextAsync("You came all this way");
        await Assertions.Expect(open.Page.Locator(".span")).ToHaveCountAsync(2);
        await open.Page.Locator(".span").Nth(1).ClickAsync();
        await Assertions.Expect(open.Page.Locator(".chosen blockquote")).ToContainTextAsync("did not expect");
        await open.Page.WaitForFunctionAsync("() => Math.abs(document.querySelector('video').currentTime - 2.4) < 0.05");

        // Where a person's own colors replace the page's, an emotion keeps its color.
        await open.Page.EmulateMediaAsync(new() { ForcedColors = ForcedColors.Active });
        Assert.Equal(
            7, await open.Page.EvaluateAsync<int>("() => new Set([...document.querySelectorAll('.bars .bar')].map(one => getComputedStyle(one).backgroundColor)).size"));
        await open.Page.Keyboard.PressAsync("k");
        await Assertions.Expect(open.Page.Locator(".lines [aria-current]")).ToContainTextAsync("You came all this way");
        open.AssertClean();
    }

    // The sample twice; the second time somebody else talks meanwhile.
    [Fact]
    public async Task Two_people_who_speak_at_once_are_told()
    {
        string other = _folder.At("other.wav"), media = _folder.At("both.mp4"), subtitles = _folder.At("both.srt");
        using (Process voice = Process.Start(
            "espeak-ng", ["-v", "en-us+f3", "-s", "150", "-p", "50", "-w", other, "--", "Wait, please! I have to tell you something about yesterday."]))
            await voice.WaitForExitAsync(TestContext.Current.CancellationToken);
        PageFixture.Ffmpeg(
            "-stream_loop", "1", "-i", TestPaths.InRepository("samples/sample.mp4"), "-i", other, "-filter_complex",
            "[1:a]adelay=4500:all=1[b];[0:a][b]amix=inputs=2:normalize=0:duration=first[a]", "-map", "0:v", "-map", "[a]", "-c:v", "copy", "-c:a", "aac", media);
        await File.WriteAllTextAsync(
            subtitles, """
            1
            00:00:00,100 --> 00:00:04,200
            Ann: Oh my goodness! You came all this way? I did not expect you!

            2
            00:00:04,400 --> 00:00:08,400
            Bob: Wait, please! I have to tell you something about yesterday.

            """, TestContext.Current.CancellationToken);
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "analyze");
        await open.ChooseAsync(media, subtitles);

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Open both.mp4" }).ClickAsync();

        ILocator lines = open.Page.Locator(".lines > li"), chosen = open.Page.Locator(".chosen");
        await Assertions.Expect(lines).ToHaveCountAsync(2);
        await Assertions.Expect(lines.Nth(0)).Not.ToContainTextAsync("two voices at once");
        await Assertions.Expect(lines.Nth(1)).ToContainTextAsync("two voices at once");
        await lines.Nth(1).ClickAsync();
        await Assertions.Expect(chosen).ToContainTextAsync("two voices at once for");
        await open.Page.WaitForFunctionAsync("() => document.querySelector('video').readyState === 4");
        await open.ShootAsync("viewer-overlap-desktop-light", whole: true);
        open.AssertClean();
    }

    [Fact]
    public async Task A_picture_is_analyzed_and_shown_with_its_result()
    {
        string picture = Path.Combine(_folder, "face.png");
        using (Process ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-i", Sample(), "-frames:v", "1", picture]))
            await ffmpeg.WaitForExitAsync(TestContext.Current.CancellationToken);
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "analyze");
        await open.ChooseAsync(picture);

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Open face.png" }).ClickAsync();

        await Assertions.Expect(open.Page.Locator(".span")).ToHaveCountAsync(1);
        await open.Page.WaitForFunctionAsync("() => document.querySelector('.player img').naturalWidth > 0");
        open.AssertClean();
    }

    [Fact]
    public async Task A_result_is_filtered_and_saved_as_it_was_received_and_opens_again_from_the_file()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "analyze");
        await open.ChooseAsync(Sample(), Subtitles());
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Open talk.mp4" }).ClickAsync();
        await Assertions.Expect(open.Page.GetByText("2 of 2 shown")).ToBeVisibleAsync();
        await open.Page.GetByLabel("Least confidence in percent").FillAsync("100");
        await Assertions.Expect(open.Page.GetByText("0 of 2 shown")).ToBeVisibleAsync();
        ILocator names = open.Page.Locator(".people input");
        await names.First.FillAsync("Anna");
        await open.Page.Keyboard.PressAsync("Enter");
        await open.Page.GetByLabel("Same person as: Bob").SelectOptionAsync("Anna");
        await Assertions.Expect(names).ToHaveCountAsync(1);

        string json = await SaveAsync(open, "JSON"), csv = await SaveAsync(open, "CSV"), html = await SaveAsync(open, "HTML");

        using JsonDocument result = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
        Assert.Equal("affekt.recognition/2", result.RootElement.GetProperty("schema").GetString());
        Assert.Equal(2, result.RootElement.GetProperty("utterances").GetArrayLength());
        string[] lines = await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken);
        Assert.Equal(3, lines.Length);
        Assert.All(lines[1..], line => Assert.Contains(",Anna,", line));
        Assert.Contains("You came all this way?", await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken));
        await open.GoAsync("viewer");
        await open.ChooseAsync(json);
        await Assertions.Expect(open.Page.GetByText("2 of 2 shown")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.GetByText("The recording is not open in this browser.")).ToBeVisibleAsync();
        open.AssertClean();
    }

    [Fact]
    public async Task The_sample_is_judged_against_how_its_voice_usually_sounds_and_all_results_are_saved_together()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "analyze");
        await open.Page.GetByText("More options").ClickAsync();
        await open.Page.GetByLabel("What is expected before").SelectOptionAsync("meld");
        await open.Page.Locator(".baseline input[type=file]").SetInputFilesAsync(Sample());
        await open.ChooseAsync(Sample());
        await open.Page.Locator("ul.queue .done").WaitForAsync();
        await open.Button("Try it with a sample").ClickAsync();
        await open.Page.GetByText("2 of 2 recordings finished").WaitForAsync();

        string json = await SaveAsync(open, "Save all as JSON"), csv = await SaveAsync(open, "Save all as CSV");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Open talk.mp4" }).ClickAsync();

        await Assertions.Expect(open.Page.GetByText("judged against 1 other utterance")).ToBeVisibleAsync();
        using JsonDocument results = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
        Assert.Equal(
            ["talk.mp4", "sample.mp4"],
            results.RootElement.EnumerateArray().Select(one => one.GetProperty("input").GetProperty("file").GetString()));
        double neutral = results.RootElement[0].GetProperty("utterances")[0].GetProperty("prior").GetProperty("neutral").GetDouble();
        Assert.InRange(neutral, 0.4, 0.5);
        Assert.StartsWith("file,", (await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken))[0]);
        open.AssertClean();
    }

    [Fact]
    public async Task A_file_that_is_no_recording_fails_alone_and_says_why()
    {
        string words = _folder.At("words.mp4");
        await File.WriteAllTextAsync(words, "These are words, in a file that says it is a film.\n", TestContext.Current.CancellationToken);
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "analyze");

        await open.ChooseAsync(words, Sample());

        await Assertions.Expect(open.Page.Locator("ul.queue .failed .problem")).ToContainTextAsync("Choose a sound or video file");
        await open.Page.Locator("ul.queue .done").WaitForAsync();
        await Assertions.Expect(open.Page.GetByText("2 of 2 recordings finished, 1 of them failed")).ToBeVisibleAsync();

        // What a screen reader is told.
        ILocator said = open.Page.GetByRole(AriaRole.Status);
        await Assertions.Expect(said.Filter(new() { HasText = "Choose a sound or video file" })).ToContainTextAsync("Nothing is left to analyze");
        open.AssertClean();
    }

    [Fact]
    public async Task A_recording_that_is_canceled_is_gone_from_the_server()
    {
        await using OpenPage open = await OpenPage.AtAsync(await fixture.ReadyAsync(), fixture.Address, "analyze");
        string id = "";
        open.Page.Response += (_, response) =>
        {
            if (response.Status == 202)
                id = response.Headers["location"].Split('/')[^1];
        };
        await open.ChooseAsync(Long());
        await open.Page.Locator("ul.queue .running").WaitForAsync();

        await open.Button("Cancel").ClickAsync();

        await Assertions.Expect(open.Page.Locator("ul.queue .canceled")).ToBeVisibleAsync();
        using HttpClient client = new() { BaseAddress = new Uri(fixture.Address) };
        for (int tries = 0; ; tries++)
        {
            using HttpResponseMessage answer = await client.GetAsync($"v1/recognitions/{id}", TestContext.Current.CancellationToken);
            if (answer.StatusCode == System.Net.HttpStatusCode.NotFound)
                break;
            Assert.True(tries < 600, $"the job is still there: {answer.StatusCode}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string> SaveAsync(OpenPage open, string name)
    {
        IDownload download = await open.Page.RunAndWaitForDownloadAsync(
            () => open.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync());
        string path = Path.Combine(Path.GetDirectoryName(await download.PathAsync())!, download.SuggestedFilename);
        await download.SaveAsAsync(path);
        return path;
    }

    private string Sample()
    {
        string path = _folder.At("talk.mp4");
        File.Copy(TestPaths.InRepository("samples/sample.mp4"), path, overwrite: true);
        return path;
    }

    private string Subtitles()
    {
        string path = _folder.At("talk.srt");
        File.WriteAllText(path, """
            1
            00:00:00,100 --> 00:00:02,300
            Ann: Oh my goodness! You came all this way?

            2
            00:00:02,400 --> 00:00:04,200
            Bob: I did not expect you!

            """);
        return path;
    }

    /// <summary>Long enough to be canceled while it is at work.</summary>
    private string Long()
    {
        string path = _folder.At("long.wav");
        PageFixture.Ffmpeg("-stream_loop", "60", "-i", TestPaths.InRepository("samples/sample.mp4"), "-vn", "-ar", "16000", path);
        return path;
    }
}
