namespace Affekt.Media;

/// <summary>What a media file holds. Data, subtitle and timecode streams are left out.</summary>
public sealed record MediaInfo
{
    /// <summary>The file as the caller named it.</summary>
    public required string File { get; init; }

    /// <summary>The container's name as ffmpeg spells it, such as "wav" or "mov,mp4,m4a,3gp,3g2,mj2".</summary>
    public required string Container { get; init; }

    /// <summary>
    /// Length of the file, from its first sample or picture to the end of its last; zero if it holds neither. What the file states is
    /// taken where it is likely to be true; otherwise, and always where it states nothing, the length is counted.
    /// </summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Whether <see cref="Duration"/> was counted from what the file holds, not taken from what it states.</summary>
    public bool IsCounted { get; init; }

    /// <summary>The audio streams, in the file's order.</summary>
    public required IReadOnlyList<AudioStream> AudioStreams { get; init; }

    /// <summary>The video streams, in the file's order, attached cover pictures included.</summary>
    public required IReadOnlyList<VideoStream> VideoStreams { get; init; }

    /// <summary>
    /// The audio stream that is read: the one that was chosen, else the first that the file marks as default, else the first. Where that
    /// one is silent and another is not, <c>MediaTools.ProbeAsync</c> chooses the other, and warns.
    /// </summary>
    public AudioStream? Sound =>
        Chosen ?? AudioStreams.OrderByDescending(stream => stream.IsDefault).FirstOrDefault();

    /// <summary>What a reader of the file should know.</summary>
    public IReadOnlyList<MediaWarning> Warnings { get; init; } = [];

    /// <summary>The video stream that is read: as for sound, but never an attached cover picture.</summary>
    public VideoStream? Picture => VideoStreams
        .Where(stream => !stream.IsAttachedPicture)
        .OrderByDescending(stream => stream.IsDefault)
        .FirstOrDefault();

    /// <summary>The audio stream that was chosen; null where none was.</summary>
    internal AudioStream? Chosen { get; init; }

    /// <summary>What the file's own clock says at its beginning.</summary>
    internal TimeSpan ClockStart { get; init; }

    /// <summary>Where the file says that its audio streams end, by their index; without those of which it does not say.</summary>
    internal IReadOnlyDictionary<int, TimeSpan> StatedEnds { get; init; } = new Dictionary<int, TimeSpan>();

    /// <summary>Where the sound that is read ends, counted; null where that is not known.</summary>
    internal TimeSpan? SoundEnd { get; init; }

    /// <summary>
    /// Whether times are found only by decoding from the beginning: the file's clock jumps, or its length is far from what it states,
    /// so that a seek would end anywhere.
    /// </summary>
    internal bool IsReadFromStart { get; init; }

    /// <summary>The same file with another audio stream to be read.</summary>
    /// <param name="number">Which of <see cref="AudioStreams"/>, from 0.</param>
    /// <exception cref="MediaException">There is no such stream (<see cref="MediaError.NoSuchStream"/>).</exception>
    public MediaInfo WithSound(int number) => number >= 0 && number < AudioStreams.Count
        ? this with { Chosen = AudioStreams[number], SoundEnd = null, Warnings = [.. Warnings.Where(warning => warning.Code != MediaWarning.OtherAudioStream)] }
        : throw new MediaException(
            MediaError.NoSuchStream,
            File,
            $"audio stream {number}",
            AudioStreams.Count == 0
                ? "none, for the file has no audio stream"
                : $"0 to {AudioStreams.Count - 1}: {string.Join(", ", AudioStreams.Select((stream, i) => $"{i} is {stream}"))}");
}

/// <summary>One audio stream.</summary>
/// <param name="Index">Position among all streams of the file, from 0.</param>
/// <param name="Codec">ffmpeg's name of the codec, such as "aac".</param>
/// <param name="Channels">Number of channels, 1 or more.</param>
/// <param name="SampleRate">Samples per second and channel, 1 or more.</param>
/// <param name="IsDefault">Whether the file marks the stream as one to play by default.</param>
public sealed record AudioStream(int Index, string Codec, int Channels, int SampleRate, bool IsDefault)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Codec}, {Channels} channel{(Channels == 1 ? "" : "s")}, {SampleRate} Hz");
}

/// <summary>One video stream.</summary>
/// <param name="Index">Position among all streams of the file, from 0.</param>
/// <param name="Codec">ffmpeg's name of the codec, such as "h264".</param>
/// <param name="Width">Width in pixels as displayed: after rotation, and with square pixels.</param>
/// <param name="Height">Height in pixels as displayed.</param>
/// <param name="FrameRate">Average frames per second; 0 if the file does not tell.</param>
/// <param name="IsVariableRate">Whether the frames are spaced unevenly, judged by the file's rates.</param>
/// <param name="IsAttachedPicture">Whether this is a cover picture that belongs to the sound.</param>
/// <param name="IsDefault">Whether the file marks the stream as one to play by default.</param>
public sealed record VideoStream(
    int Index,
    string Codec,
    int Width,
    int Height,
    double FrameRate,
    bool IsVariableRate,
    bool IsAttachedPicture,
    bool IsDefault)
{
    /// <summary>Degrees by which pictures are turned for display.</summary>
    internal int Rotation { get; init; }

    /// <summary>What ffmpeg calls the format of a file that is one picture; null for video.</summary>
    internal string? PictureFormat { get; init; }
}
