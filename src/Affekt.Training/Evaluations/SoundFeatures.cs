using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Training.Features;

namespace Affekt.Training.Evaluations;

/// <summary>Reads and encodes the sound of utterances; while one is encoded the next ones are decoded.</summary>
/// <param name="tools">What decodes.</param>
/// <param name="encode">What encodes; called by one thread at a time.</param>
/// <param name="options">Whether there is noise to add.</param>
internal sealed class SoundFeatures(MediaTools tools, Func<float[], AudioFeatures> encode, EvaluationOptions options)
{
    /// <summary>The features by utterance id; of sound that cannot be used, the reason.</summary>
    public async Task<Dictionary<string, EncodedSound>> ReadAsync(
        IReadOnlyList<Utterance> utterances, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        Dictionary<string, EncodedSound> features = [];
        await ReadAhead.RunAsync(
            utterances,
            DecodeAsync,
            (_, decoded) =>
            {
                features.Add(decoded.Id, Encode(decoded));
                progress?.Report(new EvaluationProgress("sound", features.Count, utterances.Count));
            },
            cancellation).ConfigureAwait(false);
        return features;
    }

    private EncodedSound Encode(Decoded decoded) => decoded.Samples is not { } samples
        ? new EncodedSound(new AudioFeatures(null, decoded.Reason), null)
        : new EncodedSound(
            encode(options.NoiseDecibels is { } noise ? WhiteNoise.Add(samples, noise, decoded.Id, options.Seed) : samples),
            Sound.Milliseconds(samples.Length));

    private async Task<Decoded> DecodeAsync(Utterance utterance, CancellationToken cancellation)
    {
        try
        {
            MediaInfo media = await tools.ProbeAsync(utterance.Media!, cancellation).ConfigureAwait(false);
            Sound sound = await tools.ReadSoundAsync(media, UtteranceMedia.Range(utterance, media), cancellation).ConfigureAwait(false);
            return sound.IsMissing
                ? new Decoded(utterance.Id, null, $"{utterance.Media}: {sound.Warnings[^1].Message}")
                : new Decoded(utterance.Id, sound.Samples, null);
        }
        catch (MediaException error) when (error.Kind != MediaError.ToolMissing)
        {
            return new Decoded(utterance.Id, null, error.Message);
        }
    }

    private sealed record Decoded(string Id, float[]? Samples, string? Reason);
}

/// <summary>An utterance's sound as the model takes it.</summary>
/// <param name="Features">The features, or why there are none.</param>
/// <param name="DurationMs">How long it lasts; null where it could not be decoded.</param>
internal sealed record EncodedSound(AudioFeatures Features, int? DurationMs);
