using Affekt.Models;
using Affekt.Models.Video;
using Affekt.Training.Recipes;

namespace Affekt.Training.Video;

/// <summary>A clip as one epoch sees it.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Change">What happens to its pictures.</param>
/// <param name="Tokens">Its token ids; empty where its text is withheld.</param>
/// <param name="Metadata">Its categories; the speaker may be hidden.</param>
internal sealed record DrawnClip(VideoClip Clip, ClipChange Change, long[] Tokens, MetadataFeatures Metadata)
{
    /// <summary>The clip as recognition sees it.</summary>
    public static DrawnClip AsItIs(VideoClip clip) => new(clip, ClipChange.None, clip.Tokens, clip.Metadata);

    public static DrawnClip Draw(VideoClip clip, VideoRecipe recipe, Random random) => new(
        clip,
        recipe.Changes == ClipChanges.None ? ClipChange.None : ClipChange.Draw(recipe.Changes, random),
        random.NextDouble() < recipe.TextDropout ? [] : clip.Tokens,
        random.NextDouble() < recipe.SpeakerDropout ? clip.Metadata with { Speaker = 0 } : clip.Metadata);
}

/// <summary>The pictures of clips, a few at a time, read while those before are computed.</summary>
internal sealed class ClipStream
{
    private readonly IEnumerator<DrawnClip[]> _parts;
    private readonly ClipReader _reader;
    private readonly CancellationToken _cancellation;
    private Task<VideoFrames[]>? _next;

    /// <summary>A stream of the pictures of some clips after the other.</summary>
    public ClipStream(ClipReader reader, IEnumerable<DrawnClip[]> parts, CancellationToken cancellation)
    {
        _reader = reader;
        _cancellation = cancellation;
        _parts = parts.GetEnumerator();
        _next = Read();
    }

    /// <summary>The next part's pictures.</summary>
    public VideoFrames[] Next()
    {
        VideoFrames[] pictures = _next!.GetAwaiter().GetResult();
        _next = Read();
        return pictures;
    }

    // On the pool's threads: whoever waits for it may hold the caller's.
    private Task<VideoFrames[]>? Read()
    {
        if (!_parts.MoveNext())
            return null;
        DrawnClip[] part = _parts.Current;
        return Task.Run(() => _reader.ReadAsync(part.Select(drawn => (drawn.Clip, drawn.Change)), _cancellation), _cancellation);
    }
}
