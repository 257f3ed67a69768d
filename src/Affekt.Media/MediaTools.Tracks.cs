namespace Affekt.Media;

/// <content>Which of a file's streams and channels hold what is to be heard.</content>
public sealed partial class MediaTools
{
    // -60 dB of full scale: what is not louder anywhere is silent, or the noise of a microphone that is not spoken into.
    private const float AudibleSample = 1e-3f;

    // The first track of a screen recording is often that of a microphone that was off.
    private async Task<MediaInfo> ChooseSoundAsync(MediaInfo media, string path, CancellationToken cancellation)
    {
        AudioStream first = media.Sound!;
        if (await IsHeardAsync(media, path, first, cancellation).ConfigureAwait(false))
            return media;
        foreach (AudioStream other in media.AudioStreams.Where(stream => stream != first))
        {
            if (!await IsHeardAsync(media, path, other, cancellation).ConfigureAwait(false))
                continue;
            int from = Number(first), to = Number(other);
            MediaWarning warning = new(
                MediaWarning.OtherAudioStream, $"Audio stream {from} ({first}) is silent: number {to} ({other}) was taken.");
            return media.WithSound(to) with { Warnings = [.. media.Warnings, warning] };
        }

        return media;

        int Number(AudioStream stream) => media.AudioStreams.Index().First(one => one.Item == stream).Index;
    }

    // Stops at the first sample that can be heard.
    private async Task<bool> IsHeardAsync(MediaInfo media, string path, AudioStream stream, CancellationToken cancellation)
    {
        bool heard = false;
        SoundTrack track = new(0, ToolArguments.SamplesIn(_options.MaximumStretch));
        await ToolProcess.RunAsync(
            _ffmpeg,
            media.File,
            ToolArguments.Sound(path, $"{stream.Index}", WholeFile),
            _options.Timeout,
            async output =>
            {
                await foreach (float[] piece in PipeReader.StreamSoundAsync(output, track).ConfigureAwait(false))
                {
                    heard = piece.Any(sample => Math.Abs(sample) > AudibleSample);
                    if (heard)
                        return;
                }
            },
            cancellation).ConfigureAwait(false);
        return heard;
    }

    /// <summary>The loudest channel alone, where a mix of all is so quiet that they seem to cancel each other; null where not.</summary>
    private async Task<(int Channel, float[] Samples)?> LouderAsync(
        MediaInfo media, string path, AudioStream stream, TimeRange read, float[] mixed, CancellationToken cancellation)
    {
        if (stream.Channels == 1 || mixed.Length == 0 || !ChannelMix.IsQuiet(mixed))
            return null;
        TimeSpan likely = TimeSpan.FromSeconds((double)mixed.Length / Sound.SampleRate);
        (int Channel, float[] Samples)? best = null;
        for (int channel = 0; channel < Math.Min(stream.Channels, ChannelMix.MostChannels); channel++)
        {
            (ToolResult result, float[] alone) = await DecodeSoundAsync(
                media.File, path, $"{stream.Index}", read, likely, !media.IsReadFromStart, channel, cancellation).ConfigureAwait(false);
            if (result.ExitCode == 0 && ChannelMix.IsLouder(alone, best?.Samples ?? mixed, thanMix: best is null))
                best = (channel, alone);
        }

        return best;
    }
}
