using System.Collections.Concurrent;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Video;
using Affekt.Recognition;

namespace Affekt.Training.Video;

/// <summary>
/// Reads clips' pictures as recognition reads them. A file that cannot be read gives a clip without pictures, and is told of
/// once. Pictures that nothing is changed on, such as dev's, are kept while there is room, and are not decoded again.
/// </summary>
internal sealed class ClipReader(MediaTools tools, FrameRequest wanted, Action<string> tell)
{
    // Bytes of pictures.
    private const long MostKept = 1L << 30;

    private readonly ConcurrentDictionary<string, MediaInfo> _probed = new();
    private readonly ConcurrentDictionary<(string File, int? StartMs, int? EndMs), VideoFrames> _kept = new();
    private readonly ConcurrentDictionary<string, bool> _told = new();
    private long _keptBytes;

    /// <summary>The pictures of clips, in their order, read side by side.</summary>
    public Task<VideoFrames[]> ReadAsync(IEnumerable<(VideoClip Clip, ClipChange Change)> clips, CancellationToken cancellation) =>
        Task.WhenAll(clips.Select(clip => ReadAsync(clip.Clip.Utterance, clip.Change, cancellation)));

    private async Task<VideoFrames> ReadAsync(Utterance utterance, ClipChange change, CancellationToken cancellation)
    {
        string file = utterance.Media!;
        (string, int?, int?) key = (file, utterance.StartMs, utterance.EndMs);
        bool plain = change is { TimeAtStart: 0, TimeAtEnd: 0 };
        if (plain && _kept.TryGetValue(key, out VideoFrames? kept))
            return kept;
        try
        {
            if (!_probed.TryGetValue(file, out MediaInfo? media))
                _probed[file] = media = await tools.ProbeAsync(file, cancellation).ConfigureAwait(false);
            TimeRange stretch = new(
                TimeSpan.FromMilliseconds(utterance.StartMs ?? 0),
                utterance.EndMs is { } end ? TimeSpan.FromMilliseconds(end) : media.Duration);
            (VideoFrames frames, _) = await UtteranceFrames.ReadAsync(
                tools, media, change.Of(stretch, wanted.Count), wanted, cancellation).ConfigureAwait(false);
            if (plain && Interlocked.Add(ref _keptBytes, frames.Rgb.Length) <= MostKept)
                _kept.TryAdd(key, frames);
            return frames;
        }
        catch (MediaException e)
        {
            if (_told.TryAdd(utterance.Id, true))
                tell($"{utterance.Id} has no pictures: {e.Message}");
            return new VideoFrames(default, 0, 0, 0);
        }
    }
}
