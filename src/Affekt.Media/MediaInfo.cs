namespace Affekt.Media;

/// <summary>What a media file holds. Data, subtitle and timecode streams are left out.</summary>
public sealed record MediaInfo
{
    /// <summary>The file as the caller named it.</summary>
    public required string File { get; init; }

    /// <summary>The container's name as ffmpeg spells it, such as "wav" or "mov,mp4,m4a,3gp,3g2,mj2".</summary>
    public required string Container { get; init; }

    /// <summary>
    /// Length of the file; zero if it holds no sample and no picture. For containers that do not state it, measured;
    /// for raw MP3 and AAC streams ffmpeg's estimate.
    /// </summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The audio streams, in the file's order.</summary>
    public required IReadOnlyList<AudioStream> AudioStreams { get; init; }

    /// <summary>The video streams, in the file's order, attached cover pictures included.</summary>
    public required IReadOnlyList<VideoStream> VideoStreams { get; init; }

    /// <summary>The audio stream that is read: the first that the file marks as default, else the first.</summary>
    public AudioStream? Sound => AudioStreams.OrderByDescending(stream => stream.IsDefault).FirstOrDefault();

    /// <summary>The video stream that is read: as for sound, but never an attached cover picture.</summary>
    public VideoStream? Picture => VideoStreams
        .Where(stream => !stream.IsAttachedPicture)
        .OrderByDescending(stream => stream.IsDefault)
        .FirstOrDefault();
}

/// <summary>One audio stream.</summary>
/// <param name="Index">Position among all streams of the file, from 0.</param>
/// <param name="Codec">ffmpeg's name of the codec, such as "aac".</param>
/// <param name="Channels">Number of channels, 1 or more.</param>
/// <param name="SampleRate">Samples per second and channel, 1 or more.</param>
/// <param name="IsDefault">Whether the file marks the stream as one to play by default.</param>
public sealed record AudioStream(int Index, string Codec, int Channels, int SampleRate, bool IsDefault);

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
    bool IsDefault);
