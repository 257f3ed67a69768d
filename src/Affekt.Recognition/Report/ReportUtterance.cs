using System.Globalization;
using System.Text;

namespace Affekt.Recognition.Report;

/// <summary>One utterance: a line to read, with details of what the answer rests on.</summary>
internal static class ReportUtterance
{
    public static void Append(StringBuilder html, RecognizedUtterance utterance, int index, byte[]? picture)
    {
        string label = RecognitionReport.Safe(utterance.Label), clock = RecognitionReport.Clock(utterance.StartMs);
        string answer = utterance.Abstained ? $"not sure ({label})" : label;
        string words = utterance.Text is { } text
            ? $"<span class=\"words\">{RecognitionReport.Safe(text)}</span>"
            : "<span class=\"words none\">no words</span>";
        html.Append(CultureInfo.InvariantCulture, $"""
            <li id="u{index + 1}" class="{RecognitionReport.Paint(utterance.Probabilities)}{(utterance.Abstained ? " unsure" : "")}" data-emotion="{label}" data-speaker="{RecognitionReport.Safe(utterance.Speaker ?? "")}" data-start="{utterance.StartMs}" data-end="{utterance.EndMs}">
            <details>
            <summary><span><span class="what">{answer}</span><span class="who">{RecognitionReport.Percent(utterance.Confidence)}</span></span>
            <span><span class="who">{clock}</span><span class="who">{RecognitionReport.Safe(utterance.Speaker ?? "")}</span></span>
            {words}</summary>
            <div class="more">
            <div>

            """);
        if (picture is not null)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<img alt=\"The picture in the middle of the utterance at {clock}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(picture)}\">\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"""
            <p class="note">{clock} to {RecognitionReport.Clock(utterance.EndMs)}, {Source(utterance.TextSource)}{(utterance.Overlap > 0 ? string.Create(CultureInfo.InvariantCulture, $", two voices at once for {RecognitionReport.Percent(utterance.Overlap.Value)}") : "")}
            <button type="button" data-play="{utterance.StartMs}">Play</button></p>
            </div>
            <div><h3>Probabilities</h3>
            <table>

            """);
        LabelSet labels = utterance.Probabilities.Labels;
        foreach (int place in labels.Indices.OrderByDescending(place => utterance.Probabilities.Values[place]))
        {
            double probability = utterance.Probabilities.Values[place];
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr class=\"{RecognitionReport.Paint(labels, place)}\"><th scope=\"row\">{RecognitionReport.Safe(labels[place])}</th><td class=\"number\">{RecognitionReport.Percent(probability)}</td><td><span class=\"bar\" style=\"width:{100 * probability:0.#}%\"></span></td></tr>\n");
        }

        html.Append("</table>\n");
        if (utterance.Dimensions is { } dimensions)
        {
            string values = string.Join(", ", dimensions.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:0.00}")));
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{RecognitionReport.Safe(values)}</p>\n");
        }

        html.Append("</div>\n<div><h3>What each modality adds to the answer</h3>\n<table>\n");
        Modality(html, "sound", utterance.Modalities.Audio, utterance.Contribution.Audio);
        Modality(html, "words", utterance.Modalities.Text, utterance.Contribution.Text);
        Modality(html, "picture", utterance.Modalities.Video, utterance.Contribution.Video);
        html.Append("</table>\n");
        if (utterance.Prior is { } prior)
        {
            Experts(html, utterance, prior);
        }
        else
        {
            Branch(html, "Sound and words", utterance.Branches.AudioText);
            Branch(html, "Picture", utterance.Branches.Video);
        }

        html.Append("</div>\n</div>\n</details>\n</li>\n");
    }

    private static void Modality(StringBuilder html, string name, ModalityUse use, double contribution)
    {
        if (use.Status != ModalityStatus.Used)
        {
            string status = use.Status == ModalityStatus.Missing ? "missing" : "unusable";
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr><th scope=\"row\">{name}</th><td colspan=\"2\">{status}: {RecognitionReport.Safe(use.Reason ?? "")}</td></tr>\n");
            return;
        }

        string side = contribution < 0 ? "minus" : "plus";
        html.Append(
            CultureInfo.InvariantCulture,
            $"<tr><th scope=\"row\">{name}</th><td class=\"number\">{100 * contribution:+0.0;-0.0;0.0}</td><td><span class=\"signed\"><span class=\"bar {side}\" style=\"width:{100 * Math.Min(1, Math.Abs(contribution)):0.#}%\"></span></span></td></tr>\n");
    }

    private static void Branch(StringBuilder html, string name, BranchAnswer? branch)
    {
        if (branch is not null)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"note\">{name}: {RecognitionReport.Safe(branch.Probabilities.TopLabel)} {RecognitionReport.Percent(branch.Probabilities.Confidence)}, weight {branch.Weight:0.##}</p>\n");
        }
    }

    // All that the answer is worked out from, so that a reader can.
    private static void Experts(StringBuilder html, RecognizedUtterance utterance, EmotionProbabilities prior)
    {
        (string Name, ModalityUse Use)[] all =
        [
            ("sound", utterance.Modalities.Audio), ("words", utterance.Modalities.Text), ("picture", utterance.Modalities.Video),
        ];
        (string Name, ModalityUse Use)[] used = [.. all.Where(modality => modality.Use is { Probabilities: not null, Weight: not null })];
        if (used.Length == 0)
            return;
        html.Append("<h3>What each says by itself</h3>\n<table>\n<tr><td></td>");
        foreach ((string name, ModalityUse use) in used)
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{name}, weight {use.Weight:0.##}</th>");
        html.Append("<th scope=\"col\">expected before</th></tr>\n");
        foreach (int label in prior.Labels.Indices.OrderByDescending(label => utterance.Probabilities.Values[label]))
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{RecognitionReport.Safe(prior.Labels[label])}</th>");
            foreach ((_, ModalityUse use) in used)
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{RecognitionReport.Percent(use.Probabilities!.Values[label])}</td>");
            html.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{RecognitionReport.Percent(prior.Values[label])}</td></tr>\n");
        }

        html.Append("</table>\n<p class=\"note\">The answer is what was expected before, times each column divided by it and raised to its")
            .Append(" weight, in proportion.</p>\n");
    }

    private static string Source(TextSource source) => source switch
    {
        TextSource.Given => "words given",
        TextSource.Transcript => "words from the transcript",
        TextSource.Asr => "words by speech recognition",
        _ => "no words",
    };
}
