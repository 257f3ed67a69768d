using System.Text.Json;
using System.Text.Json.Serialization;
using Affekt.Models.Branches;
using Affekt.Models.Fusion;
using Affekt.Models.Published;

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

    /// <summary>The labels in the order of the outputs. Default: the seven emotions.</summary>
    public IReadOnlyList<string> Labels { get; init; } = Emotions.Labels;

    /// <summary>The same as a set.</summary>
    [JsonIgnore]
    public LabelSet LabelSet => Labels.SequenceEqual(Emotions.Labels) ? LabelSet.Emotions : LabelSet.Of(Labels);

    /// <summary>What the audio-text branch estimates beside the labels, after them in its outputs; null where there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DimensionPart>? Dimensions { get; init; }

    /// <summary>The names of what branches, or a published network of measures, estimate beside the labels, in order; mostly none.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> DimensionNames => [.. (Dimensions ?? Video?.Dimensions)?.Select(part => part.Name) ?? Published?.Dimensions?.Labels.Keys ?? []];

    /// <summary>
    /// The experts of a bundle that was made of published classifiers, in place of encoders and branches; null for another bundle.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublishedClassifiers? Published { get; init; }

    /// <summary>The text encoder; there unless the bundle is <see cref="Published"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TextEncoderPart TextEncoder { get; init; } = null!;

    /// <summary>The audio encoder; there unless the bundle is <see cref="Published"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AudioEncoderPart AudioEncoder { get; init; } = null!;

    /// <summary>The audio-text branch; there unless the bundle is <see cref="Published"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AudioTextPart AudioText { get; init; } = null!;

    /// <summary>
    /// The sound branch, the expert for sound in a bundle of experts; null where the audio-text branch hears.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SoundPart? Sound { get; init; }

    /// <summary>The frame encoder; null where the bundle has no video branch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VideoEncoderPart? VideoEncoder { get; init; }

    /// <summary>The video branch; null where the bundle has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VideoPart? Video { get; init; }

    /// <summary>How the two branches' answers become one; null for their plain average.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FusionConfig? Fusion { get; init; }

    /// <summary>Speakers that the branch knows, by their metadata index minus one.</summary>
    public required IReadOnlyList<string> Speakers { get; init; }

    /// <summary>
    /// Everyone whose utterances the bundle was trained on, named as the corpora name them ("actor 01"), so that an
    /// evaluation can say whom the model had heard; null where that was not recorded.
    /// </summary>
    public IReadOnlyList<string>? TrainingSpeakers { get; init; }

    /// <summary>Temperatures and the threshold below which an answer is withheld.</summary>
    public required BundleCalibration Calibration { get; init; }

    /// <summary>Whether the bundle reads words.</summary>
    [JsonIgnore]
    public bool ReadsText => Published is not { Text: null };

    /// <summary>Whether the bundle reads sound.</summary>
    [JsonIgnore]
    public bool ReadsSound => Published is not { Audio: null, Dimensions: null };

    /// <summary>Whether the bundle reads pictures.</summary>
    [JsonIgnore]
    public bool ReadsPictures => Published is null ? Video is not null : Published.Face is not null;

    /// <summary>Reads and checks the file.</summary>
    /// <exception cref="ModelException">It is missing, no JSON, of another schema, or lacks a field.</exception>
    public static BundleConfig Load(string file)
    {
        BundleConfig config;
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && PublishedConfig.IsPublished(folder))
            throw new ModelException(file, "model_type", "a published network", "a bundle; affekt bundle make makes one of published classifiers");
        string run = Path.GetDirectoryName(file) ?? "", best = Path.Combine(run, "best");
        try
        {
            if (!File.Exists(file) && File.Exists(best))
            {
                throw new ModelException(
                    run, null, "a run of several seeds", $"the bundle of one of them; the best on dev is {Path.Combine(run, File.ReadAllText(best).Trim())}");
            }

            if (!File.Exists(file) && PublishedFolder.Others(run).Count > 0)
                throw PublishedFolder.Without(run, ["a bundle's config.json"]);
            config = JsonSerializer.Deserialize<BundleConfig>(File.ReadAllText(file), ModelJson.Options)
                ?? throw new ModelException(file, null, "null", "a JSON object");
        }
        catch (JsonException e)
        {
            throw ModelJson.Wrong(file, e, "a bundle's configuration");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(file, null, e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message, "a bundle's configuration", e);
        }

        if (config.Schema != CurrentSchema)
            throw new ModelException(file, "schema", $"\"{config.Schema}\"", $"\"{CurrentSchema}\"");
        config.CheckLabels(file);
        if (config.Published is not null)
        {
            config.CheckPublished(file);
            return config;
        }

        config.RequireParts(file);
        config.TextEncoder.Check(file);
        config.AudioEncoder.Check(file, config.AudioText.Network);
        config.CheckSizes(file);
        config.CheckSound(file);
        config.CheckVideo(file);
        config.CheckCalibration(file);
        return config;
    }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelJson.Options);

    private void CheckLabels(string file)
    {
        LabelSet set;
        try
        {
            set = LabelSet;
        }
        catch (ArgumentException e)
        {
            throw new ModelException(file, "labels", string.Join(", ", Labels), $"2 to {LabelSet.Most} different labels", e);
        }

        IReadOnlyList<DimensionPart> heard = Dimensions ?? [], seen = Video?.Dimensions ?? [];
        if (Sound is not null && !set.IsEmotions)
            throw new ModelException(file, "labels", $"{set}", $"{LabelSet.Emotions}, for a bundle with a sound branch");
        if (heard.Count + seen.Count > 0 && Published is not null)
            throw new ModelException(file, "dimensions", Names([.. heard, .. seen]), "none, for a bundle of published classifiers; published.dimensions");
        if (Fusion?.Dimensions is { } shares && !(shares.Count == heard.Count && shares.Count == seen.Count && shares.All(share => share is >= 0 and <= 1)))
            throw new ModelException(file, "fusion.dimensions", string.Join(", ", shares), "a weight from 0 to 1 for each dimension that both branches estimate");
        if (heard.Count > 0 && seen.Count > 0 && !heard.Select(part => part.Name).SequenceEqual(seen.Select(part => part.Name)))
            throw new ModelException(file, "video.dimensions", Names(seen), $"{Names(heard)}, the audio-text branch's");
        foreach (DimensionPart dimension in heard.Concat(seen))
        {
            if (string.IsNullOrWhiteSpace(dimension.Name) || !double.IsFinite(dimension.Mean) || !(dimension.Deviation > 0 && double.IsFinite(dimension.Deviation)))
                throw new ModelException(file, "dimensions", $"{dimension}", "a name, a mean, and a deviation above 0");
        }

        foreach ((string field, int? outputs, int wanted) in new[] { ("audio_text", AudioText?.Network.Outputs, set.Count + heard.Count), ("video", Video?.Network.Outputs, set.Count + seen.Count) })
        {
            if (outputs is { } count && count != wanted)
                throw new ModelException(file, $"{field}.network.outputs", $"{count}", $"{wanted}, one for each label{(wanted == set.Count ? "" : " and dimension")}");
        }
    }

    private static string Names(IEnumerable<DimensionPart> dimensions) => string.Join(", ", dimensions.Select(part => part.Name));

    private void CheckPublished(string file)
    {
        foreach ((string field, object? part) in new (string, object?)[]
        {
            ("text_encoder", TextEncoder), ("audio_encoder", AudioEncoder), ("audio_text", AudioText), ("sound", Sound),
            ("video_encoder", VideoEncoder), ("video", Video),
        })
        {
            if (part is not null)
                throw new ModelException(file, field, "a part beside published classifiers", "either");
        }

        Published!.Check(file, LabelSet);
        if (Fusion?.Kind != FusionKind.Experts)
            throw new ModelException(file, "fusion.kind", Fusion?.Name ?? "nothing", "experts, for a bundle of published classifiers");
        Fusion.Check(file, LabelSet);
        CheckCalibration(file);
    }

    private void RequireParts(string file)
    {
        foreach ((string field, object? part) in new (string, object?)[]
        {
            ("text_encoder", TextEncoder), ("audio_encoder", AudioEncoder), ("audio_text", AudioText),
        })
        {
            if (part is null)
                throw new ModelException(file, field, "nothing", "the parts of a bundle, or \"published\" classifiers");
        }
    }

    private void CheckSizes(string file)
    {
        const int LargestWidth = 1 << 16;
        AudioTextConfig network = AudioText.Network;
        (string Field, int Size)[] sizes =
        [
            ("text_width", network.TextWidth), ("audio_width", network.AudioWidth),
            ("metadata_embedding_width", network.MetadataEmbeddingWidth), ("metadata_width", network.MetadataWidth),
            ("lstm_width", network.LstmWidth), ("head_width", network.HeadWidth),
        ];
        foreach ((string field, int size) in sizes)
        {
            if (size is < 1 or > LargestWidth)
                throw new ModelException(file, $"audio_text.network.{field}", $"{size}", $"1 to {LargestWidth}");
        }

        if (Speakers.Distinct().Count() != Speakers.Count || Speakers.Contains(null!))
            throw new ModelException(file, "speakers", "null or a speaker twice", "different names");
        IReadOnlyList<int> categories = new MetadataVocabulary(Speakers).Sizes;
        if (!network.MetadataSizes.SequenceEqual(categories))
        {
            throw new ModelException(
                file, "audio_text.network.metadata_sizes", string.Join(", ", network.MetadataSizes), string.Join(", ", categories));
        }
    }

    private void CheckSound(string file)
    {
        if (Sound is null)
            return;
        if (Sound.Network.AudioWidth != AudioText.Network.AudioWidth)
        {
            throw new ModelException(
                file, "sound.network.audio_width", $"{Sound.Network.AudioWidth}", $"{AudioText.Network.AudioWidth}, the audio encoder's width");
        }

        if (Sound.Network is not { HiddenWidth: > 0, Networks: > 0, Shrinkage: > 0 })
            throw new ModelException(file, "sound.network", $"{Sound.Network}", "a hidden width, networks and a shrinkage above 0");
        if (Fusion?.Kind != FusionKind.Experts)
            throw new ModelException(file, "fusion.kind", Fusion?.Name ?? "nothing", "experts, for a bundle with a sound branch");
    }

    private void CheckVideo(string file)
    {
        if ((VideoEncoder is null) != (Video is null))
        {
            throw new ModelException(
                file, VideoEncoder is null ? "video_encoder" : "video", "nothing", "video_encoder and video, or neither");
        }

        VideoEncoder?.Check(file);
        Fusion?.Check(file, LabelSet);
        if (Video is null)
            return;
        IReadOnlyList<int> categories = new MetadataVocabulary(Speakers).Sizes;
        VideoConfig network = Video.Network;
        network.Check(file, "video.network");
        if (network.MetadataSizes.Count > 0 && !network.MetadataSizes.SequenceEqual(categories))
        {
            throw new ModelException(
                file, "video.network.metadata_sizes", string.Join(", ", network.MetadataSizes), string.Join(", ", categories));
        }
    }

    private void CheckCalibration(string file)
    {
        (string Field, double Temperature)[] temperatures =
        [
            ("text", Calibration.Text), ("audio", Calibration.Audio), ("audio_text", Calibration.AudioText),
            ("video", Calibration.Video), ("fused", Calibration.Fused),
        ];
        foreach ((string field, double temperature) in temperatures)
        {
            if (temperature <= 0)
                throw new ModelException(file, $"calibration.{field}", FormattableString.Invariant($"{temperature}"), "a temperature above 0");
        }

        if (Calibration.AbstainBelow is < 0 or > 1)
            throw new ModelException(file, "calibration.abstain_below", FormattableString.Invariant($"{Calibration.AbstainBelow}"), "0 to 1");
    }
}
