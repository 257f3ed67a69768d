using Affekt.Models.Video;

namespace Affekt.Recognition;

/// <summary>One picture that is kept for the utterance at hand.</summary>
/// <param name="AtMs">When it came on screen, in ms.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">Its pixels, exactly.</param>
/// <param name="Faces">The faces in it; null where none were looked for.</param>
internal sealed record LivePicture(double AtMs, int Width, int Height, byte[] Rgb, IReadOnlyList<FaceBox>? Faces)
{
    /// <summary>What the frame encoder makes of it alone; null until it was asked.</summary>
    public FrameFeatures? Features { get; set; }

    /// <summary>For each of its faces whose it is; null where that is not known.</summary>
    public IReadOnlyList<string?> Persons { get; init; } = [];

    public VideoFrames Frame => new(Rgb, 1, Width, Height);
}

/// <summary>
/// The pictures since the utterance's beginning, or of the last seconds where nobody speaks. Their number is bounded: of an
/// utterance with more, every other one of the older ones goes.
/// </summary>
internal sealed class LivePictures
{
    // 640 x 480 pixels take 0.9 MB.
    private const int Most = 40;

    // Beyond them pictures are no part of an utterance that might still begin.
    private const double LongestWait = 3_000;

    // Clocks of sound and picture differ by less.
    private const double Slack = 1;

    private readonly List<LivePicture> _kept = [];
    private readonly List<byte[]> _free = [];

    /// <summary>The newest picture; null where there is none.</summary>
    public LivePicture? Newest => _kept.Count > 0 ? _kept[^1] : null;

    /// <summary>The newest picture, where it is still on screen at a time, in ms; null where the camera was off since.</summary>
    public LivePicture? OnScreen(double atMs) => Newest is { } newest && newest.AtMs >= atMs - LongestWait ? newest : null;

    /// <summary>
    /// Whether a picture of that time, in ms, would come after all others; where it lies so far before the newest that a clock was set back, the
    /// later ones go, for they would keep the session blind until that clock has caught up.
    /// </summary>
    public bool Accepts(double atMs)
    {
        if (Newest is { } newest && newest.AtMs - atMs > LongestWait)
        {
            while (_kept.Count > 0 && _kept[^1].AtMs >= atMs)
                Drop(_kept.Count - 1);
        }

        return !(Newest?.AtMs >= atMs);
    }

    /// <summary>Memory for a picture, used again and again.</summary>
    public byte[] Buffer(int bytes)
    {
        int at = _free.FindIndex(free => free.Length == bytes);
        if (at < 0)
            return GC.AllocateUninitializedArray<byte>(bytes);
        byte[] buffer = _free[at];
        _free.RemoveAt(at);
        return buffer;
    }

    /// <summary>Takes a buffer back that holds no picture.</summary>
    public void Return(byte[] buffer)
    {
        if (_free.Count < 4)
            _free.Add(buffer);
    }

    /// <summary>Keeps a picture that is newer than all others.</summary>
    public void Add(LivePicture picture)
    {
        if (_kept.Count >= Most)
        {
            // The newer half stays as dense as it came.
            for (int i = Most / 2; i > 0; i -= 2)
                Drop(i);
        }

        _kept.Add(picture);
    }

    /// <summary>Lets go of what is no part of a stretch that begins then or later.</summary>
    /// <param name="ms">The utterance's beginning, or the earliest that the next one may have.</param>
    /// <param name="speaking">Whether an utterance began there.</param>
    public void Forget(double ms, bool speaking)
    {
        if (!speaking && _kept.Count > 0)
            ms = Math.Max(ms, _kept[^1].AtMs - LongestWait);

        // What was on screen at the beginning came before it.
        while (_kept.Count > 1 && _kept[1].AtMs <= ms)
            Drop(0);
    }

    /// <summary>
    /// Pictures evenly spread over a stretch: number k of n is the one on screen at start + (k + 0.5) * length / n. All have the
    /// newest one's size; none where no picture came up to the stretch's end.
    /// </summary>
    public IReadOnlyList<LivePicture> SampleEvenly(double startMs, double endMs, int count)
    {
        LivePicture? last = _kept.FindLast(picture => picture.AtMs <= endMs + Slack);
        if (last is null)
            return [];
        List<LivePicture> fitting = _kept.FindAll(
            picture => picture.AtMs <= endMs + Slack && picture.Width == last.Width && picture.Height == last.Height);

        // A picture from long before is on screen no more: the camera was off.
        if (last.AtMs < startMs - LongestWait)
            return [];
        double step = (endMs - startMs) / count;
        return
        [
            .. Enumerable.Range(0, count).Select(k => startMs + ((k + 0.5) * step) + Slack)
                .Select(at => fitting.FindLast(picture => picture.AtMs <= at) ?? fitting[0]),
        ];
    }

    /// <summary>All pictures of a stretch that are kept and have the newest one's size, in their order.</summary>
    public IReadOnlyList<LivePicture> Within(double startMs, double endMs)
    {
        LivePicture? last = _kept.FindLast(picture => picture.AtMs <= endMs + Slack);
        return last is null
            ? []
            : _kept.FindAll(picture => picture.AtMs >= startMs && picture.AtMs <= endMs + Slack && picture.Width == last.Width && picture.Height == last.Height);
    }

    /// <summary>The pictures as one, in their order.</summary>
    public static VideoFrames Join(IReadOnlyList<LivePicture> pictures)
    {
        int bytes = pictures[0].Rgb.Length;
        byte[] rgb = GC.AllocateUninitializedArray<byte>(pictures.Count * bytes);
        for (int i = 0; i < pictures.Count; i++)
            pictures[i].Rgb.CopyTo(rgb, i * bytes);
        return new VideoFrames(rgb, pictures.Count, pictures[0].Width, pictures[0].Height);
    }

    private void Drop(int index)
    {
        Return(_kept[index].Rgb);
        _kept.RemoveAt(index);
    }
}
