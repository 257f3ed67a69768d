namespace Affekt.Media;

/// <content>Sound that is read whole.</content>
public sealed partial class MediaTools
{
    // Buffers grow beyond it.
    private static readonly TimeSpan _firstRoom = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Reads a stretch of the file's sound as 16 kHz mono; several channels are mixed down by ffmpeg, unless they cancel each other:
    /// then the loudest of them is taken.
    /// </summary>
    /// <param name="media">The probed file.</param>
    /// <param name="range">The stretch; null for the whole file.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <returns>The samples; missing if the file has no audio stream or none of it lies in the stretch.</returns>
    public async Task<Sound> ReadSoundAsync(
        MediaInfo media, TimeRange? range = null, CancellationToken cancellation = default)
    {
        if (range is null)
            return (await ReadWholeSoundAsync(media, cancellation).ConfigureAwait(false)).Sound;
        string path = await MediaFile.CheckAsync(media.File, _options.Timeout, cancellation).ConfigureAwait(false);
        if (media.Sound is not AudioStream stream)
            return new Sound([], [NoAudioStream]);

        List<MediaWarning> warnings = [.. media.Warnings];
        (media, TimeRange asked) = await CheckRangeAsync(media, range, warnings, cancellation).ConfigureAwait(false);
        TimeSpan likely = (asked.End < media.Duration ? asked.End : media.Duration) - asked.Start;
        bool seeks = !media.IsReadFromStart;
        (ToolResult result, float[] samples) = await DecodeAsync(seeks).ConfigureAwait(false);
        if (samples.Length == 0 && seeks && asked.Start > TimeSpan.Zero)
            (result, samples) = await DecodeAsync(seeks: false).ConfigureAwait(false);
        Review(media.File, "sound", result, samples.Length == 0, warnings);
        if (await LouderAsync(media, path, stream, asked, samples, cancellation).ConfigureAwait(false) is (_, float[] alone))
        {
            samples = alone;
            warnings.Add(ChannelMix.Warning);
        }

        WarnOfEnd(likely, samples.Length, warnings);
        return new Sound(samples, warnings);

        Task<(ToolResult, float[])> DecodeAsync(bool seeks) =>
            DecodeSoundAsync(media.File, path, $"{stream.Index}", asked, likely, seeks, null, cancellation);
    }

    /// <summary>Reads all of a file's sound, and with it how long the file really is.</summary>
    /// <param name="media">The probed file.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <returns>The file as it was found to be, and what <see cref="ReadSoundAsync"/> gives.</returns>
    public async Task<(MediaInfo Media, Sound Sound)> ReadWholeSoundAsync(MediaInfo media, CancellationToken cancellation = default)
    {
        string path = await MediaFile.CheckAsync(media.File, _options.Timeout, cancellation).ConfigureAwait(false);
        if (media.Sound is not AudioStream stream)
            return (media, new Sound([], [NoAudioStream]));
        await CheckRangeAsync(media, null, [], cancellation).ConfigureAwait(false);
        (ToolResult result, float[] samples) = await DecodeSoundAsync(
            media.File, path, $"{stream.Index}", WholeFile, media.Duration, true, null, cancellation).ConfigureAwait(false);
        return await FinishAsync(media, path, stream, result, samples, cancellation).ConfigureAwait(false);
    }

    // The duration may be an estimate: the whole file is read to its end, not to where that should be.
    private TimeRange WholeFile => new(TimeSpan.Zero, _options.MaximumStretch);

    private async Task<(ToolResult Result, float[] Samples)> DecodeSoundAsync(
        string file, string path, string stream, TimeRange read, TimeSpan likely, bool seeks, int? channel, CancellationToken cancellation)
    {
        // Of a length that is only bounded, room for the first seconds is enough to begin with.
        TimeSpan room = likely < _firstRoom ? likely : _firstRoom;
        float[] samples = [];
        SoundTrack track = new(ToolArguments.SoundStart(read, seeks), ToolArguments.SamplesIn(read.Length));
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            file,
            ToolArguments.Sound(path, stream, read, seeks, channel),
            _options.Timeout,
            async output =>
            {
                samples = await PipeReader.ReadSoundAsync(output, track, ToolArguments.SamplesIn(room)).ConfigureAwait(false);
                await PipeReader.DrainAsync(output).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        return (result, samples);
    }

    private async Task<(MediaInfo Media, Sound Sound)> FinishAsync(
        MediaInfo media, string path, AudioStream stream, ToolResult result, float[] samples, CancellationToken cancellation)
    {
        if (samples.Length >= ToolArguments.SamplesIn(_options.MaximumStretch))
            throw TooLong(media.File, $"sound of {_options.MaximumStretch} or more");
        List<MediaWarning> warnings = [.. media.Warnings];
        Review(media.File, "sound", result, samples.Length == 0, warnings);
        if (await LouderAsync(media, path, stream, WholeFile, samples, cancellation).ConfigureAwait(false) is (_, float[] alone))
        {
            samples = alone;
            warnings.Add(ChannelMix.Warning);
        }

        media = await SettleAsync(media, samples.Length, warnings, cancellation).ConfigureAwait(false);
        return (media, new Sound(samples, warnings));
    }

    private static void WarnOfEnd(TimeSpan likely, long samples, List<MediaWarning> warnings)
    {
        TimeSpan missing = likely - TimeSpan.FromSeconds((double)samples / Sound.SampleRate);
        if (samples > 0 && missing > _endTolerance)
        {
            warnings.Add(new MediaWarning(
                MediaWarning.SoundEndsEarly,
                FormattableString.Invariant($"The last {missing.TotalSeconds:0.0} s of the stretch hold no sound.")));
        }
    }
}
