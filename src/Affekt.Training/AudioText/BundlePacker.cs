using System.Globalization;
using System.Text;
using System.Text.Json;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Torch;

namespace Affekt.Training.AudioText;

/// <summary>Takes the bundle out of an audio-text run: the best seed's files, and a card that says what they are.</summary>
public static class BundlePacker
{
    private const string CardFile = "card.md";
    private const string MetricsFile = "metrics.jsonl";

    /// <summary>Copies the bundle of a run's best seed, or of one seed's folder, and writes its card.</summary>
    /// <param name="run">A run's folder with several seeds, or one seed's folder.</param>
    /// <param name="target">The bundle's folder; files of the same names in it are replaced.</param>
    /// <param name="date">The day that the card states.</param>
    /// <exception cref="ModelException">The folder holds no bundle.</exception>
    public static void Pack(string run, string target, DateOnly date)
    {
        string best = Path.Combine(run, AudioTextRun.BestFile);
        string source = File.Exists(best) ? Path.Combine(run, File.ReadAllText(best).Trim()) : run;
        using Bundle bundle = Bundle.Open(source, EncoderPlaces.None);
        Directory.CreateDirectory(target);
        foreach (string name in bundle.FileNames)
        {
            string file = Path.Combine(target, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.Copy(Path.Combine(source, name), file + ".tmp", overwrite: true);
            File.Move(file + ".tmp", file, overwrite: true);
        }

        File.WriteAllText(Path.Combine(target, CardFile), Card(bundle, source, date));
    }

    private static string Card(Bundle bundle, string source, DateOnly date)
    {
        BundleConfig config = bundle.Config;
        StringBuilder card = new();
        card.Append(CultureInfo.InvariantCulture, $"""
            # {config.Name} {config.Version}

            Licence: MIT as far as our own rights go; trained on corpora for research and non-commercial use, whose terms bind you.

            ## What it does
            From an utterance's {(bundle.Video is null ? "sound" : "picture, sound")}, words, speaker and what was said before, one of seven expressed emotions:
            {string.Join(", ", config.Labels)}. It tells what annotators would see expressed, never what a person feels. EU law
            forbids inferring emotions of people at work and in education. Everything is computed on the machine at hand.

            ## Parts
            - Text encoder: BERT of 6 layers, 384 wide, {bundle.TextEncoder.Network.ParameterCount:N0} parameters, matrices stored as
              int8 rows. Fine-tuned from all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers; Wang et al., 2020).
            - Audio encoder: the first three layers of Moonshine-tiny (MIT, Useful Sensors; Jeffries et al., 2024), frozen, fetched
              at first use, not in this folder.
            - Audio-text branch: LSTM over the dialogue and two linear layers, plus a linear layer for each modality;
              {bundle.AudioText.ParameterCount:N0} parameters, trained here.
            {VideoParts(bundle)}
            ## Trained on
            | corpus | used for | licence |
            |---|---|---|
            | MELD train (Poria et al., 2019) | text, history, speakers | GPL-3.0 |
            | GoEmotions, rows with one label (Demszky et al., 2020) | the text encoder | Apache-2.0 |
            | RAVDESS speech, actors 1-14 (Livingstone and Russo, 2018) | sound | CC BY-NC-SA 4.0 |
            {(bundle.Video is null ? "" : "| FER2013, train (Goodfellow et al., 2013) | faces | research |\n")}
            MELD dev and RAVDESS actors 15-16 chose and calibrated; TESS (CC BY-NC-ND 4.0, Pichora-Fuller and Dupuis, 2020) only
            set how far sound is trusted beside text. No corpus here has text and sound of the same utterances: where both are
            present the branch rests on pairs made by label, so figures on pairs are no estimate for real recordings.

            ## Dev figures {(bundle.Video is null ? "of this seed" : "of the fusion")}
            Written by `affekt bundle pack` on {date:yyyy-MM-dd}, libtorch {TorchRuntime.Version}. Test figures with intervals are in
            the README, with the command that gives them.

            | figure | value |
            |---|---|

            """);
        foreach ((string name, double value) in LastMetrics(Path.Combine(source, MetricsFile)))
            card.Append(CultureInfo.InvariantCulture, $"| {name} | {value:0.####} |\n");
        return card.ToString();
    }

    // Lines of the list of parts, and an empty line behind it.
    private static string VideoParts(Bundle bundle) => bundle.Video is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"""
            - Video encoder: the tiny face detector of face-api (MIT, fetched at first use), and an expression network for the face that
              is followed, trained here. Video branch: a transformer over the pictures and two linear layers; it reads neither words nor
              metadata; {bundle.Video.ParameterCount:N0} parameters, trained here on stills that are made to move.
            - Fusion: {bundle.Fusion.Config}.
              Fitted on pairs made by label (a face of FER2013 beside a text of MELD or a sound of RAVDESS), half of whose faces
              were drawn whatever their label: how much a real face tells is not known. FER2013's labels are noisy (people agree
              with them on about 65 %), its faces come from a web search by emotion words, and nothing is known about who is in
              it: expect other results for people and poses that it shows seldom. Nothing here was trained on the picture of
              people who speak.

            """);

    private static IEnumerable<(string Name, double Value)> LastMetrics(string file)
    {
        if (!File.Exists(file) || File.ReadLines(file).LastOrDefault(line => line.Length > 0) is not { } last)
            yield break;
        using JsonDocument line = JsonDocument.Parse(last);
        foreach (JsonProperty field in line.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Number && field.Name != "epoch"))
            yield return (field.Name, field.Value.GetDouble());
    }
}
