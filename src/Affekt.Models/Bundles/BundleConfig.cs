using System.Text.Json;
using Affekt.Corpora;
using Affekt.Models.Branches;
using Affekt.Models.Text;

namespace Affekt.Models.Bundles;

/// <summary>A bundle's config.json: what its files are and how they go together.</summary>
public sealed record BundleConfig
{
    /// <summary>The schema that this version reads and writes.</summary>
    public const string CurrentSchema = "affekt.bundle/1";

    /// <summary>The file's name in a bundle's folder.</summary>
    public const string FileName = "config.json";

    /// <summary>"affekt.bundle/1".</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>A short name.</summary>
    public required string Name { get; init; }

    /// <summary>The version, as major.minor.patch.</summary>
    public required string Version { get; init; }

    /// <summary>The seven labels in the order of the outputs.</summary>
    public IReadOnlyList<string> Labels { get; init; } = Emotions.Labels;

    /// <summary>The text encoder.</summary>
    public required TextEncoderPart TextEncoder { get; init; }

    /// <summary>The audio encoder.</summary>
    public required AudioEncoderPart AudioEncoder { get; init; }

    /// <summary>The audio-text branch.</summary>
    public required AudioTextPart AudioText { get; init; }

    /// <summary>Speakers that the branch knows, by their metadata index minus one.</summary>
    public required IReadOnlyList<string> Speakers { get; init; }

    /// <summary>
    /// Everyone whose utterances the bundle was trained on, named as the corpora name them ("actor 01"), so that an
    /// evaluation can say whom the model had heard; null where that was not recorded.
    /// </summary>
    public IReadOnlyList<string>? TrainingSpeakers { get; init; }

    /// <summary>Temperatures and the threshold below which an answer is withheld.</summary>
    public required BundleCalibration Calibration { get; init; }

    /// <summary>Reads and checks the file.</summary>
    /// <exception cref="ModelException">It is missing, no JSON, of another schema, or lacks a field.</exception>
    public static BundleConfig Load(string file)
    {
        BundleConfig config;
        try
        {
            config = JsonSerializer.Deserialize<BundleConfig>(File.ReadAllText(file), ModelJson.Options)
                ?? throw new ModelException(file, null, "null", "a JSON object");
        }
        catch (JsonException e)
        {
            throw new ModelException(file, e.Path, e.Message, "a bundle's configuration", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(file, null, e.Message, "a bundle's configuration", e);
        }

        if (config.Schema != CurrentSchema)
            throw new ModelException(file, "schema", $"\"{config.Schema}\"", $"\"{CurrentSchema}\"");
        if (!config.Labels.SequenceEqual(Emotions.Labels))
            throw new ModelException(file, "labels", string.Join(", ", config.Labels), string.Join(", ", Emotions.Labels));
        if (config.AudioEncoder.Kind != AudioEncoderPart.MoonshineTiny)
            throw new ModelException(file, "audio_encoder.kind", $"\"{config.AudioEncoder.Kind}\"", $"\"{AudioEncoderPart.MoonshineTiny}\"");
        config.CheckSizes(file);
        config.CheckCalibration(file);
        return config;
    }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelJson.Options);

    private void CheckSizes(string file)
    {
        const int LargestWidth = 1 << 16;
        AudioTextConfig network = AudioText.Network;
        (string Field, int Size)[] sizes =
        [
            ("text_width", network.TextWidth), ("metadata_embedding_width", network.MetadataEmbeddingWidth),
            ("metadata_width", network.MetadataWidth), ("lstm_width", network.LstmWidth), ("head_width", network.HeadWidth),
        ];
        foreach ((string field, int size) in sizes)
        {
            if (size is < 1 or > LargestWidth)
                throw new ModelException(file, $"audio_text.network.{field}", $"{size}", $"1 to {LargestWidth}");
        }

        if (network.AudioWidth != Audio.AudioEncoder.Width)
            throw new ModelException(file, "audio_text.network.audio_width", $"{network.AudioWidth}", $"{Audio.AudioEncoder.Width}");
        if (Speakers.Distinct().Count() != Speakers.Count || Speakers.Contains(null!))
            throw new ModelException(file, "speakers", "null or a speaker twice", "different names");
        IReadOnlyList<int> categories = new MetadataVocabulary(Speakers).Sizes;
        if (!network.MetadataSizes.SequenceEqual(categories))
        {
            throw new ModelException(
                file, "audio_text.network.metadata_sizes", string.Join(", ", network.MetadataSizes), string.Join(", ", categories));
        }

        if (TextEncoder.MaxTokens < WordPieceOptions.LeastMaxLength)
        {
            throw new ModelException(
                file, "text_encoder.max_tokens", $"{TextEncoder.MaxTokens}", $"{WordPieceOptions.LeastMaxLength} or more");
        }
    }

    private void CheckCalibration(string file)
    {
        (string Field, double Temperature)[] temperatures =
            [("text", Calibration.Text), ("audio", Calibration.Audio), ("audio_text", Calibration.AudioText)];
        foreach ((string field, double temperature) in temperatures)
        {
            if (temperature <= 0)
                throw new ModelException(file, $"calibration.{field}", $"{temperature}", "a temperature above 0");
        }

        if (Calibration.AbstainBelow is < 0 or > 1)
            throw new ModelException(file, "calibration.abstain_below", $"{Calibration.AbstainBelow}", "0 to 1");
    }
}

/// <summary>Where the text encoder lies.</summary>
/// <param name="Folder">A folder in the bundle, in Hugging Face's layout.</param>
/// <param name="MaxTokens">Tokens that are read of a text.</param>
public sealed record TextEncoderPart(string Folder, int MaxTokens);

/// <summary>Which audio encoder the branch was trained on. Its weights are fetched, not bundled.</summary>
/// <param name="Kind">"moonshine-tiny".</param>
public sealed record AudioEncoderPart(string Kind)
{
    /// <summary>The only kind so far.</summary>
    public const string MoonshineTiny = "moonshine-tiny";
}

/// <summary>The audio-text branch.</summary>
/// <param name="Weights">A file in the bundle.</param>
/// <param name="Network">Its sizes.</param>
public sealed record AudioTextPart(string Weights, AudioTextConfig Network);

/// <summary>How far to believe the answers. Logits are divided by a temperature (Guo et al., 2017) before softmax.</summary>
/// <param name="Text">The temperature where only text is there, above 0.</param>
/// <param name="Audio">The temperature where only sound is there, above 0.</param>
/// <param name="AudioText">The temperature where both are there, above 0.</param>
/// <param name="AbstainBelow">An answer whose confidence is below this is withheld, in [0, 1].</param>
public sealed record BundleCalibration(double Text, double Audio, double AudioText, double AbstainBelow)
{
    /// <summary>Nothing scaled and nothing withheld.</summary>
    public static BundleCalibration None { get; } = new(1, 1, 1, 0);

    /// <summary>The temperature for what is there.</summary>
    public double Temperature(bool hasText, bool hasAudio) => (hasText, hasAudio) switch
    {
        (true, true) => AudioText,
        (false, true) => Audio,
        _ => Text,
    };
}
