using System.Text.RegularExpressions;
using System.Xml.Linq;
using Affekt.Media;
using Affekt.Recognition.Report;
using Affekt.Tests;

namespace Affekt.Recognition.Tests;

public sealed partial class ReportTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task The_page_needs_nothing_beside_it_and_holds_every_utterance()
    {
        RecognitionResult result = Result(_media.Silent(), Utterance(0, 400, "Ann", "so <b>happy</b> & \"glad\""), Utterance(400, 900, "Bob", null));

        string page = await RecognitionReport.WriteAsync(result, MediaTools.Find(), _media.At("page.html"), TestContext.Current.CancellationToken);

        Assert.DoesNotMatch(@"(?:src|href)=""(?!#|data:image/jpeg;base64,|silent\.mp4"")", page);
        Assert.DoesNotContain("http", page.Replace("Content-Security-Policy", "", StringComparison.Ordinal).Replace("http-equiv", "", StringComparison.Ordinal));
        Assert.Contains("so &lt;b&gt;happy&lt;/b&gt; &amp; &quot;glad&quot;", page);
        Assert.Equal(2, Item().Count(page));
        Assert.Equal(2, Regex.Count(page, "data:image/jpeg;base64,"));
        Assert.Equal(2, Regex.Count(page, "<rect "));
        Assert.Contains("<video controls preload=\"metadata\" src=\"silent.mp4\"", page);
        Assert.Contains("<option>Ann</option><option>Bob</option>", page);
        Assert.Contains("says\nnothing certain about what a person feels", page);
    }

    [Fact]
    public async Task A_page_elsewhere_has_no_player_and_a_file_that_is_gone_no_pictures()
    {
        RecognitionResult there = Result(_media.Silent(), Utterance(0, 400, null, "so happy"));
        string elsewhere = Path.Combine(_media.Folder, "pages", "page.html");

        string away = await RecognitionReport.WriteAsync(there, MediaTools.Find(), elsewhere, TestContext.Current.CancellationToken);
        string gone = await RecognitionReport.WriteAsync(
            Result(_media.At("gone.mp4"), Utterance(0, 400, null, "so happy")), MediaTools.Find(), _media.At("page.html"), TestContext.Current.CancellationToken);

        Assert.DoesNotContain("<video", away);
        Assert.Contains("data:image/jpeg", away);
        Assert.DoesNotContain("<video", gone);
        Assert.DoesNotContain("data:image/jpeg", gone);
    }

    [Fact]
    public async Task Every_box_of_the_timeline_lies_within_it_and_leads_to_its_utterance()
    {
        RecognizedUtterance[] utterances = [.. Enumerable.Range(0, 100).Select(i => Utterance(i * 36_000, (i * 36_000) + 30_000, i % 3 == 0 ? "A very long name indeed" : "B", "x"))];

        string page = await RecognitionReport.WriteAsync(
            Result("an hour.wav", utterances), null, _media.At("page.html"), TestContext.Current.CancellationToken);

        string svg = page[page.IndexOf("<svg", StringComparison.Ordinal)..(page.IndexOf("</svg>", StringComparison.Ordinal) + 6)];
        XElement[] marks = [.. XElement.Parse(svg).Elements("a")];
        Assert.Equal(100, marks.Length);
        Assert.All(marks, mark =>
        {
            XElement box = mark.Element("rect")!;
            double x = (double)box.Attribute("x")!, width = (double)box.Attribute("width")!;
            Assert.InRange(x, 0, 960);
            Assert.InRange(x + width, 0, 960);
            Assert.Contains($"<li id=\"{mark.Attribute("href")!.Value[1..]}\"", page);
            Assert.NotEmpty(mark.Attribute("aria-label")!.Value);
        });
    }

    // A bundle from anywhere names its labels itself.
    [Fact]
    public async Task Names_of_labels_are_words_on_the_page_wherever_they_stand()
    {
        EmotionProbabilities said = new([0.4, 0.6], LabelSet.Of(["calm", "<b>bad</b>"]));
        ModalityUse used = new(ModalityStatus.Used, null) { Probabilities = said, Weight = 1 };
        RecognizedUtterance utterance = Utterance(0, 400, "Ann", "so") with
        {
            Probabilities = said,
            Prior = EmotionProbabilities.Uniform(said.Labels),
            Modalities = new ModalityUses(used, used, used),
            Branches = new BranchAnswers(new BranchAnswer(1, said)),
        };

        string page = await RecognitionReport.WriteAsync(Result("a.wav", utterance), null, _media.At("page.html"), TestContext.Current.CancellationToken);

        Assert.Equal(2, Regex.Count(page, "<th scope=\"row\">&lt;b&gt;bad&lt;/b&gt;</th>"));
        Assert.DoesNotContain("<b>bad", page);
    }

    [GeneratedRegex("<li id=\"u[0-9]+\"")]
    private static partial Regex Item();

    private static RecognitionResult Result(string file, params RecognizedUtterance[] utterances) => new()
    {
        Bundle = new BundleIdentity("test", "1.2.3", "00ff"),
        Input = new RecognizedInput(file, Math.Max(1000, utterances.Max(one => one.EndMs))),
        Utterances = utterances,
        Warnings = [],
        TimingMs = new RecognitionTiming(0, 0, 0, 0),
    };

    private static RecognizedUtterance Utterance(int startMs, int endMs, string? speaker, string? text)
    {
        EmotionProbabilities probabilities = new([0.1, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1]);
        return new RecognizedUtterance
        {
            StartMs = startMs,
            EndMs = endMs,
            Speaker = speaker,
            Text = text,
            TextSource = text is null ? TextSource.None : TextSource.Transcript,
            Confidence = 0.4,
            Abstained = startMs > 0,
            Probabilities = probabilities,
            Modalities = new ModalityUses(
                ModalityUse.Missing("The file has no audio stream."), new ModalityUse(ModalityStatus.Used, null), ModalityUse.Missing("no branch")),
            Branches = new BranchAnswers(new BranchAnswer(1, probabilities)),
            Contribution = new ModalityContributions(0, -0.25, 0),
        };
    }
}
