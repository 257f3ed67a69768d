using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Torch;

namespace Affekt.Training.AudioText;

/// <summary>
/// A bundle's card: what its configuration and the recipe beside it say. What neither says is not claimed; words about one bundle
/// alone are added by whoever publishes it.
/// </summary>
internal static class BundleCard
{
    // The corpora that recipes name by a field of their own, with their source and license.
    private static readonly (string Field, string Corpus, string License)[] _corpora =
    [
        ("meld", "MELD (Poria et al., 2019)", "GPL-3.0"),
        ("goemotions", "GoEmotions (Demszky et al., 2020)", "Apache-2.0"),
        ("ravdess", "RAVDESS speech (Livingstone and Russo, 2018)", "CC BY-NC-SA 4.0"),
        ("tess", "TESS (Pichora-Fuller and Dupuis, 2020)", "CC BY-NC-ND 4.0"),
        ("fer2013", "FER2013 (Goodfellow et al., 2013)", "research"),
    ];

    /// <summary>The card as Markdown.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="source">The folder of its run, with recipe.json and metrics.jsonl where it has them.</param>
    /// <param name="date">The day that the card states.</param>
    public static string Write(Bundle bundle, string source, DateOnly date)
    {
        BundleConfig config = bundle.Config;
        JsonObject? recipe = File.Exists(Path.Combine(source, RunFolder.RecipeFile)) ? RunFiles.Read(Path.Combine(source, RunFolder.RecipeFile)) : null;
        StringBuilder card = new();
        card.Append(CultureInfo.InvariantCulture, $"""
            # {config.Name} {config.Version}

            License: that of whoever trained it; the terms of the encoders and corpora below bind you too.

            ## What it does
            From an utterance's {(bundle.Video is null ? "sound" : "picture, sound")}, words, speaker and what was said before, one of {config.Labels.Count} {(config.LabelSet.IsEmotions ? "expressed emotions" : "labels")}:
            {string.Join(", ", config.Labels)}. It tells what annotators would see expressed, never what a person feels. EU law
            forbids inferring emotions of people at work and in education. Everything is computed on the machine at hand.

            ## Parts
            - Text encoder: {Text(bundle)}.
            - Audio encoder: {Audio(config.AudioEncoder)}.
            - Audio-text branch: LSTM over the dialogue, {config.AudioText.Network.LstmWidth} wide, and two linear layers{(config.AudioText.Network.DirectLogits ? ", plus a linear layer for each modality" : "")};
              {bundle.AudioText.ParameterCount:N0} parameters, trained here.
            {Sound(bundle)}{Video(bundle)}
            {Prior(bundle.Config)}## Trained on

            """);
        card.Append(TrainedOn(recipe));
        if (config.TrainingSpeakers is { Count: > 0 } speakers)
            card.Append(CultureInfo.InvariantCulture, $"\n{speakers.Count} speakers were heard in training; config.json names them.\n");
        card.Append(CultureInfo.InvariantCulture, $"""

            ## Dev figures
            The last line of the run's metrics, written by `affekt bundle pack` on {date:yyyy-MM-dd}, libtorch {TorchRuntime.Version}. They were
            used to choose; `affekt evaluate` gives figures on a test split, with intervals.

            | figure | value |
            |---|---|

            """);
        foreach ((string name, double value) in LastMetrics(Path.Combine(source, RunFolder.MetricsFile)))
            card.Append(CultureInfo.InvariantCulture, $"| {name} | {value:0.####} |\n");
        return card.ToString();
    }

    private static string Text(Bundle bundle)
    {
        TextEncoderPart part = bundle.Config.TextEncoder;
        TextNetworkConfig sizes = bundle.TextEncoder.Network.Config;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Name(sizes.ModelType)} of {sizes.NumHiddenLayers} layers, {sizes.HiddenSize} wide, {bundle.TextEncoder.Network.ParameterCount:N0} parameters, {Place(part.Folder, part.Repository, part.Revision)}");
    }

    private static string Name(string family) => family switch
    {
        "bert" => "BERT",
        "distilbert" => "DistilBERT (Sanh et al., 2019)",
        "roberta" => "RoBERTa (Liu et al., 2019)",
        "xlm-roberta" => "XLM-RoBERTa (Conneau et al., 2020)",
        "electra" => "ELECTRA (Clark et al., 2020)",
        "hubert" => "HuBERT (Hsu et al., 2021)",
        "wavlm" => "WavLM (Chen et al., 2022)",
        "whisper" => "Whisper's encoder (Radford et al., 2023)",
        _ => "wav2vec 2.0 (Baevski et al., 2020)",
    };

    private static string Audio(AudioEncoderPart part) => part.Kind == AudioEncoderPart.MoonshineTiny
        ? "the first three layers of Moonshine-tiny (MIT, Useful Sensors; Jeffries et al., 2024), frozen, fetched at first use, not in this folder"
        : $"{Name(part.Kind)}, frozen, {Place(part.Folder, part.Repository, part.Revision)}";

    private static string Place(string? folder, string? repository, string? revision) => folder is null
        ? $"{repository}{(revision is null ? "" : $" at {revision}")} on Hugging Face's hub, fetched at first use, not in this folder"
        : "in this folder";

    // Lines of the list of parts, and an empty line after it.
    private static string Video(Bundle bundle) => bundle is { Video: { } branch, Config.VideoEncoder: { } encoder }
        ? string.Create(CultureInfo.InvariantCulture, $"""
            - Video encoder: {encoder.Kind switch
        {
            VideoEncoderPart.Mc3 => "MC3-18 up to its last block (Tran et al., 2018)",
            VideoEncoderPart.Vit => "face-api's tiny face detector (MIT, fetched at first use) and a published ViT, frozen, for the face that is followed",
            _ => "face-api's tiny face detector (MIT, fetched at first use) and an expression network for the face that is followed"
                + (encoder.Shift > 0 ? $", moved by {encoder.Shift} pixels, its mirror image the other way" : ""),
        }}, {(encoder.Trained ? "trained here" : "as it was published")}.
            - Video branch: {(branch.Config.Blocks > 0 ? "a transformer over" : "the mean over")} the pictures and two linear layers; it reads {Reads(branch.Config.TextWidth > 0, branch.Config.MetadataSizes.Count > 0)} beside pictures;
              {branch.ParameterCount:N0} parameters, trained here.
            - Fusion: {bundle.Config.Fusion?.ToString() ?? bundle.Fusion.Config.ToString()}.

            """)
        : "";

    // A line of the list of parts.
    private static string Sound(Bundle bundle) => bundle is { Sound: { } branch, Config.Sound: { } part }
        ? string.Create(CultureInfo.InvariantCulture, $"""
            - Sound branch: {part.Network.Networks} networks of one hidden layer, averaged, which hear an utterance against how its speaker usually sounds;
              {Home(part.Network)}{branch.ParameterCount:N0} parameters, trained here.

            """)
        : "";

    private static string Home(SoundConfig network) => network.HomeNetworks == 0
        ? ""
        : $"{network.HomeNetworks} more of its home corpus alone, which count where a recording sounds like that corpus;\n  ";

    private static string Prior(BundleConfig config) => config.Fusion?.Experts is not { } experts
        ? ""
        : $"""
            ## What is expected before
            {(experts.Prior is null ? "All emotions alike (`--prior uniform`): it favors nothing, so that an answer shows what was seen and heard. " : $"By default {string.Join(", ", config.LabelSet.Names.Zip(experts.Prior, (label, p) => string.Create(CultureInfo.InvariantCulture, $"{label} {p:0.###}")))}. ")}Where emotions are
            known to be rarer or more frequent, `--prior meld` (as in MELD, 47 % neutral) or a file says so. An answer below a probability of
            the bundle's threshold is withheld.


            """;

    private static string Reads(bool words, bool metadata) => (words, metadata) switch
    {
        (true, true) => "words and metadata",
        (true, false) => "words",
        (false, true) => "metadata",
        _ => "neither words nor metadata",
    };

    private static string TrainedOn(JsonObject? recipe)
    {
        if (recipe is null)
            return "No recipe lies beside the run: what it was trained on was not recorded.\n";
        StringBuilder table = new();
        table.Append(CultureInfo.InvariantCulture, $"By a recipe of the task {recipe["task"]}, seeds {recipe["seeds"]?.ToJsonString() ?? "not stated"}");
        foreach (string part in (string[])["text_encoder", "audio_text", "sound", "video"])
        {
            if (recipe[part] is JsonValue from)
                table.Append(CultureInfo.InvariantCulture, $"; {part} from {from}, whose own recipe says more");
        }

        table.Append(":\n\n| corpus | license |\n|---|---|\n");
        foreach ((string field, string corpus, string license) in _corpora)
        {
            if (recipe[field] is JsonValue || (recipe["corpus"] is JsonValue named && named.ToString() == field))
                table.Append(CultureInfo.InvariantCulture, $"| {corpus} | {license} |\n");
        }

        foreach (JsonNode? voices in recipe["voices"] as JsonArray ?? [])
            table.Append(CultureInfo.InvariantCulture, $"| voices of {voices!["name"]}, to join experts on | its owner's |\n");
        foreach (JsonNode? faces in recipe["faces"] as JsonArray ?? [])
            table.Append(CultureInfo.InvariantCulture, $"| faces of {Path.GetFileName(faces!["root"]!.ToString())}, to join experts on | its owner's |\n");
        if (recipe["votes"] is JsonValue)
            table.Append("| CREMA-D's votes (Cao et al., 2014), to draw from the others with | ODbL |\n");
        if (recipe["ferplus"] is JsonValue)
            table.Append("| FER+'s votes (Barsoum et al., 2016), the same for surprise | MIT |\n");
        if (recipe["corpus"] is JsonValue own && !_corpora.Any(corpus => corpus.Field == own.ToString()))
            table.Append(CultureInfo.InvariantCulture, $"| {own}{(recipe["root"] is JsonValue root ? $" {Path.GetFileName(root.ToString())}" : "")} | its owner's |\n");
        return table.ToString();
    }

    private static IEnumerable<(string Name, double Value)> LastMetrics(string file)
    {
        if (!File.Exists(file) || File.ReadLines(file).LastOrDefault(line => line.Length > 0) is not { } last)
            yield break;
        using JsonDocument line = JsonDocument.Parse(last);
        foreach (JsonProperty field in line.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Number && field.Name != "epoch"))
            yield return (field.Name, field.Value.GetDouble());
    }
}
