namespace Affekt.Media;

/// <summary>Something a reader of the result should know, although there is a result.</summary>
/// <param name="Code">One of the constants of this type; stable, for programs.</param>
/// <param name="Message">One sentence for people.</param>
public sealed record MediaWarning(string Code, string Message)
{
    /// <summary>The file has no audio stream.</summary>
    public const string NoAudioStream = "no_audio_stream";

    /// <summary>The file has no video stream; attached cover pictures do not count.</summary>
    public const string NoVideoStream = "no_video_stream";

    /// <summary>The file has sound or pictures, but none in the stretch asked for.</summary>
    public const string NothingInRange = "nothing_in_range";

    /// <summary>The stretch ends after the file does; what is there was read.</summary>
    public const string RangePastEnd = "range_past_end";

    /// <summary>
    /// The sound stops before the stretch does, or before the file says, as in one that was cut off. Sound that is whole and shorter
    /// than the picture is no reason.
    /// </summary>
    public const string SoundEndsEarly = "sound_ends_early";

    /// <summary>The audio stream to be read is silent; another one that is not was taken.</summary>
    public const string OtherAudioStream = "other_audio_stream";

    /// <summary>The channels cancel each other when they are mixed; one of them was taken alone.</summary>
    public const string ChannelsCancel = "channels_cancel";

    /// <summary>The decoder met errors; what it could decode was kept.</summary>
    public const string DecodeErrors = "decode_errors";

    /// <summary>Lines of the transcript were left out or joined, as the message says with the first one's number.</summary>
    public const string TranscriptLines = "transcript_lines";
}
