using System.Net;
using System.Text.RegularExpressions;

namespace Affekt.Evaluation.Tests;

public sealed partial class HtmlReportTests
{
    [Fact]
    public void The_page_asks_nothing_from_outside()
    {
        string html = HtmlReport.Create(NewReport());

        Assert.DoesNotMatch(@"(src|href)\s*=\s*[""']", WithoutScripts(html));
        Assert.DoesNotMatch(@"url\(|@import", WithoutScripts(html));
        Assert.DoesNotMatch(@"fetch\(|XMLHttpRequest|importScripts|sourceMappingURL|https?://(?!www\.w3\.org/|gionkunz\.github\.com/chartist-js/ct)", Scripts(html));
        Assert.Contains("Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\"", html);
    }

    [Fact]
    public void The_page_carries_the_report_that_its_charts_are_drawn_from()
    {
        EvaluationReport report = NewReport();
        string html = HtmlReport.Create(report);

        string json = Data().Match(html).Groups[1].Value;
        Assert.DoesNotContain("<", json);
        Assert.Equal(report.ToJson(), EvaluationReport.FromJson(json).ToJson());
        Assert.All(
            (string[])["scores", "classes", "reliability"],
            chart => Assert.True(html.Contains($"id=\"{chart}\"") && html.Contains($"#{chart}'") || html.Contains($"bars('{chart}'"), chart));
    }

    [Fact]
    public void Every_chart_has_a_table_with_its_numbers()
    {
        EvaluationReport report = NewReport();
        string html = WebUtility.HtmlDecode(HtmlReport.Create(report));

        Assert.Matches(@"accuracy</th><td>50\.0</td><td>[\d.]+ to [\d.]+</td><td>100\.0</td>", html);
        Assert.Matches(@"joy</th><td>100\.0</td><td>50\.0</td><td>66\.7</td><td>4</td>", html);
        Assert.Matches(@"joy</th>(<td class=""heat[^>]*>\d+</td>){7}", html);
        Assert.Matches(@"66\.7 to 73\.3</th><td>4</td><td>70\.0</td><td>50\.0</td>", html);
        Assert.Equal(html.Split("<figure>").Length - 1, Regex.Count(html, "role=\"img\" aria-label=\"[^\"]+; the table below|role=\"img\" aria-label=\"[^\"]+the table below"));
    }

    [Fact]
    public void A_name_cannot_bring_markup_into_the_page()
    {
        EvaluationReport report = NewReport() with { Bundle = new BundleIdentity("</script><b>x", "\"1\"", "h") };

        string html = HtmlReport.Create(report);

        Assert.DoesNotContain("<b>x", html);
        Assert.Contains("&lt;b&gt;x", html);
    }

    [Fact]
    public void Another_model_modalities_and_seeds_are_shown_where_there_are_some()
    {
        Assert.DoesNotContain("<h2>Against", HtmlReport.Create(NewReport()));
        EvaluationReport report = NewReport().WithSeeds([new(1, 0.6, 0.5, 0.4, 0.3, 0.1), new(2, 0.62, 0.5, 0.4, 0.3, 0.1)]) with
        {
            Subsets = [SubsetScores.Of(["text"], Predictions(), 0), new SubsetScores(["audio"], 0, 4) { Note = "no <media>" }],
            Against = AgainstReport.Of(Predictions(), new BundleIdentity("other", "2.0.0", "o"), Predictions(right: 4)),
            Rows = [RowScores.Of("audio-text", Predictions(), 1), RowScores.Of("video", [], 5)],
        };

        Assert.Contains("audio: no &lt;media&gt;", HtmlReport.Create(report));
        string html = WebUtility.HtmlDecode(HtmlReport.Create(report));

        Assert.Matches(@"text</th><td>4</td><td>50\.0</td>", html);
        Assert.Matches(@"audio</th><td>0</td><td>–</td>", html);
        Assert.Matches(@"audio-text</th><td>4</td><td>50\.0 \([\d.]+ to [\d.]+\)</td>", html);
        Assert.Matches(@"video</th><td>0</td><td>–</td>", html);
        Assert.Contains("bars('rows'", html);
        Assert.Matches(@"<h2>Against other 2\.0\.0</h2>", html);
        Assert.Matches(@"accuracy</th><td>100\.0</td><td>−50\.0</td>", html);
        Assert.Matches(@"mean</th><td>61\.0</td>", html);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_an_error_that_names_it()
    {
        string path = Path.Combine(typeof(HtmlReportTests).Assembly.Location, "report.html");

        Assert.Contains(path, Assert.Throws<EvaluationException>(() => HtmlReport.Write(NewReport(), path)).Message);
    }

    [Fact]
    public void Calibration_is_told_before_and_after_the_temperature()
    {
        // Logits (2, 0, ...) over temperature 2.
        double after = Math.E / (Math.E + 6), before = Math.Exp(2) / (Math.Exp(2) + 6);
        Prediction prediction = new("u", "d", 0, [after, .. Enumerable.Repeat((1 - after) / 6, 6)]) { Temperature = 2 };

        ReliabilityReport told = ReliabilityReport.Of([prediction]);

        Assert.Equal(before, prediction.Uncalibrated().Confidence, 1e-12);
        Assert.Equal((1 - before, 1 - after), (told.EceBefore!.Value, told.EceAfter), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-12);
        Assert.Null(ReliabilityReport.Of([prediction with { Temperature = null }]).EceBefore);
    }

    [Fact]
    public void A_comparison_leaves_out_what_only_one_model_answered()
    {
        AgainstReport against = AgainstReport.Of(Predictions()[..3], new BundleIdentity("other", "1", "o"), Predictions(right: 4)[1..]);

        Assert.Equal(2, against.N);
        Assert.Equal(1, against.Scores.Accuracy);
        Assert.Throws<EvaluationException>(() => AgainstReport.Of(Predictions()[..1], new BundleIdentity("o", "1", "o"), Predictions()[1..]));
    }

    private static EvaluationReport NewReport() => EvaluationReport.Create(
        new EvaluationSubject(new BundleIdentity("starter", "0.1.0", "abc"), "meld", "test", ["text"], 2, null), Predictions(), resamples: 20);

    private static Prediction[] Predictions(int right = 2) => Make.Predictions(Enumerable.Range(0, 4).Select(i => i < right));

    private static string WithoutScripts(string html) => Script().Replace(html, "");

    private static string Scripts(string html) => string.Concat(Script().Matches(html).Select(match => match.Value));

    [GeneratedRegex("<script[^>]*>.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Data();
}
