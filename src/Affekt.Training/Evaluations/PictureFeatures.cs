using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Video;
using Affekt.Recognition;
using Affekt.Training.Features;

namespace Affekt.Training.Evaluations;

/// <summary>Reads and encodes the pictures of utterances; while one is encoded the next ones are decoded.</summary>
/// <param name="tools">What decodes.</param>
/// <param name="encoder">What encodes.</param>
internal sealed class PictureFeatures(MediaTools tools, IFrameEncoder encoder)
{
    /// <summary>The features by utterance id; of pictures that cannot be used, the reason.</summary>
    public async Task<Dictionary<string, FrameFeatures>> ReadAsync(
        IReadOnlyList<Utterance> utterances, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        Dictionary<string, FrameFeatures> features = [];
        await ReadAhead.RunAsync(
            utterances,
            DecodeAsync,
            (utterance, decoded) =>
            {
                features.Add(
                    utterance.Id,
                    decoded.Frames is { } frames ? encoder.Encode(frames) : FrameFeatures.Unusable(0, decoded.Reason!));
                progress?.Report(new EvaluationProgress("pictures", features.Count, utterances.Count));
            },
            cancellation).ConfigureAwait(false);
        return features;
    }

    private async Task<Decoded> DecodeAsync(Utterance utterance, CancellationToken cancellation)
    {
        try
        {
            MediaInfo media = await tools.ProbeAsync(utterance.Media!, cancellation).ConfigureAwait(false);
            (VideoFrames frames, IReadOnlyList<MediaWarning> warnings) = await UtteranceFrames.ReadAsync(
                tools, media, UtteranceMedia.Range(utterance, media), encoder.Frames, cancellation).ConfigureAwait(false);
            return frames.Count == 0
                ? new Decoded(null, $"{utterance.Media}: {warnings[^1].Message}")
                : new Decoded(frames, null);
        }
        catch (MediaException error) when (error.Kind != MediaError.ToolMissing)
        {
            return new Decoded(null, error.Message);
        }
    }

    private sealed record Decoded(VideoFrames? Frames, string? Reason);
}
