using System.Globalization;
using System.Net;
using System.Text;
using Affekt.Media;

namespace Affekt.Recognition.Report;

/// <summary>
/// A recognition as one page that needs nothing beside it: a timeline by speaker, and each utterance with its words, its
/// probabilities, what drove the answer, and a picture. It works without scripts, on paper, and for a screen reader.
/// </summary>
public static class RecognitionReport
{
    // Each is some 5 KB. Of longer recordings the pictures are spread evenly.
    private const int MostPictures = 300;
    private const int PictureWidth = 240;

    private static readonly string _style = Resource("report.css");
    private static readonly string _script = Resource("report.js");

    /// <summary>Writes the page.</summary>
    /// <param name="result">What was recognized; its file is read for the pictures, if it is still there.</param>
    /// <param name="tools">What reads the pictures; null for a page without.</param>
    /// <param name="page">
    /// Where the page is going to be. If the media file lies in its folder, or below, the page plays it. Null for a page that plays nothing.
    /// </param>
    /// <param name="cancellation">Ends the reading of pictures.</param>
    /// <returns>The page, HTML.</returns>
    public static async Task<string> WriteAsync(
        RecognitionResult result, MediaTools? tools, string? page, CancellationToken cancellation = default)
    {
        (MediaInfo? media, byte[]?[] pictures) = await PicturesAsync(result, tools, cancellation).ConfigureAwait(false);
        StringBuilder html = new();
        string title = $"{Path.GetFileName(result.Input.File)}: emotions";
        html.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; media-src 'self' file:">
            <title>{Safe(title)}</title>
            <style>
            {_style}</style>
            </head>
            <body>
            <a class="skip" href="#utterances">To the utterances</a>
            <header>
            <h1>{Safe(Path.GetFileName(result.Input.File))}</h1>
            <p class="about">{Clock(result.Input.DurationMs)} · {Count(result.Utterances.Count)} · {Counts(result)}</p>
            <p class="about">Bundle {Safe(result.Bundle.Name)} {Safe(result.Bundle.Version)} ({Safe(Short(result.Bundle.Hash))})</p>
            <p class="note">An emotion here is an expressed one, as a model trained on annotators' judgments sees it; it says
            nothing certain about what a person feels. EU law forbids inferring emotions at work and in education.</p>
            </header>
            <main>

            """);
        AppendPlayer(html, result, media, page);
        AppendWarnings(html, result.Warnings);
        if (result.Utterances.Count > 0)
        {
            ReportTimeline.Append(html, result);
            ReportPersons.Append(html, result);
            AppendFilter(html, result);
        }

        html.Append("<h2 id=\"utterances\">Utterances</h2>\n<ol class=\"utterances\">\n");
        for (int i = 0; i < result.Utterances.Count; i++)
            ReportUtterance.Append(html, result.Utterances[i], i, pictures[i]);
        html.Append(CultureInfo.InvariantCulture, $"</ol>\n</main>\n<script>\n{_script}</script>\n</body>\n</html>\n");
        return html.ToString();
    }

    internal static string Safe(string text) => WebUtility.HtmlEncode(text);

    /// <summary>
    /// The style that a label is shown in: that of the emotion that it names, as "happy" does, else one that no label before it has while
    /// there is one.
    /// </summary>
    internal static string Paint(LabelSet labels, int label)
    {
        Emotion?[] named = [.. labels.Names.Select(name => Emotions.TryParse(name, out Emotion emotion) ? emotion : (Emotion?)null)];
        Emotion[] left = [.. Enum.GetValues<Emotion>().Where(emotion => !named.Contains(emotion))];
        int before = named.Take(label).Count(emotion => emotion is null);
        return (named[label] ?? (left.Length > 0 ? left[before % left.Length] : (Emotion)(before % Emotions.Count))).Label();
    }

    /// <summary>The style of the most probable label.</summary>
    internal static string Paint(EmotionProbabilities probabilities) =>
        Paint(probabilities.Labels, probabilities.TopIndex);

    internal static string Clock(int milliseconds)
    {
        TimeSpan time = TimeSpan.FromMilliseconds(milliseconds);
        string rest = string.Create(CultureInfo.InvariantCulture, $"{time.Seconds:00}.{time.Milliseconds / 100}");
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{rest}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{rest}");
    }

    internal static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.#} %");

    private static string Count(int utterances) => utterances == 1 ? "1 utterance" : $"{utterances} utterances";

    private static string Counts(RecognitionResult result)
    {
        int withheld = result.Utterances.Count(one => one.Abstained);
        string[] parts =
        [
            .. result.Utterances.Where(one => !one.Abstained).GroupBy(one => one.Label).OrderByDescending(group => group.Count())
                .Select(group => $"{Safe(group.Key)} {group.Count()}"),
            .. withheld > 0 ? [$"not sure {withheld}"] : Array.Empty<string>(),
        ];
        return parts.Length > 0 ? string.Join(", ", parts) : "nobody speaks";
    }

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;

    private static void AppendPlayer(StringBuilder html, RecognitionResult result, MediaInfo? media, string? page)
    {
        if (media is null || page is null)
            return;
        string folder = Path.GetDirectoryName(Path.GetFullPath(page))!;
        string relative = Path.GetRelativePath(folder, Path.GetFullPath(result.Input.File));
        if (Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal))
            return;
        string kind = media.Picture is null ? "audio" : "video";
        string address = string.Join('/', relative.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
        html.Append(
            CultureInfo.InvariantCulture,
            $"<{kind} controls preload=\"metadata\" src=\"{Safe(address)}\" aria-label=\"The recording\"></{kind}>\n");
    }

    private static void AppendWarnings(StringBuilder html, IReadOnlyList<RecognitionWarning> warnings)
    {
        if (warnings.Count == 0)
            return;
        html.Append("<h2>Good to know</h2>\n<ul>\n");
        foreach (RecognitionWarning warning in warnings)
            html.Append(CultureInfo.InvariantCulture, $"<li>{Safe(warning.Message)} <code>{Safe(warning.Code)}</code></li>\n");
        html.Append("</ul>\n");
    }

    private static void AppendFilter(StringBuilder html, RecognitionResult result)
    {
        html.Append("<form class=\"filter\">\n<fieldset>\n<legend>Show</legend>\n");
        foreach (int index in result.Labels.Indices.Where(index => result.Utterances.Any(one => one.Label == result.Labels[index])))
        {
            string label = Safe(result.Labels[index]);
            html.Append(
                CultureInfo.InvariantCulture,
                $"<label><input type=\"checkbox\" name=\"emotion\" value=\"{label}\" checked> <span class=\"dot {Paint(result.Labels, index)}\"></span>{label}</label>\n");
        }

        html.Append("<label><input type=\"checkbox\" name=\"unsure\" checked> answers that are not sure</label>\n");
        string[] speakers = [.. result.Utterances.Select(one => one.Speaker).OfType<string>().Distinct()];
        if (speakers.Length > 1)
        {
            html.Append("<label>by <select name=\"speaker\"><option value=\"\">anyone</option>");
            foreach (string speaker in speakers)
                html.Append(CultureInfo.InvariantCulture, $"<option>{Safe(speaker)}</option>");
            html.Append("</select></label>\n");
        }

        html.Append("</fieldset>\n<p class=\"note\"><span id=\"count\" role=\"status\"></span> Keys: j and k go to the next and the")
            .Append(" previous utterance, p plays and pauses.</p>\n</form>\n");
    }

    private static async Task<(MediaInfo? Media, byte[]?[] Pictures)> PicturesAsync(
        RecognitionResult result, MediaTools? tools, CancellationToken cancellation)
    {
        byte[]?[] pictures = new byte[]?[result.Utterances.Count];
        if (tools is null || !File.Exists(result.Input.File))
            return (null, pictures);
        MediaInfo media;
        try
        {
            media = await tools.ProbeAsync(result.Input.File, cancellation).ConfigureAwait(false);
            double step = Math.Max(1, (double)pictures.Length / MostPictures);
            for (double at = 0; at < pictures.Length && media.Picture is not null; at += step)
            {
                RecognizedUtterance utterance = result.Utterances[(int)at];
                pictures[(int)at] = await tools.ReadJpegAsync(
                    media, TimeSpan.FromMilliseconds((utterance.StartMs + utterance.EndMs) / 2.0), PictureWidth, cancellation).ConfigureAwait(false);
            }
        }
        catch (MediaException)
        {
            // A page without pictures is still a page.
            return (null, pictures);
        }

        return (media, pictures);
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(RecognitionReport).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
