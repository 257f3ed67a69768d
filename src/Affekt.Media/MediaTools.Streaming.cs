using System.Threading.Channels;

namespace Affekt.Media;

/// <content>Sound that is read while it is decoded.</content>
public sealed partial class MediaTools
{
    // So much quiet is held back, to be read anew where the channels cancel each other.
    private const int LongestHeld = 30 * Sound.SampleRate;

    /// <summary>
    /// Opens the file's sound, 16 kHz mono, to be read from its beginning to its end while it is decoded. The limit on time
    /// holds for each block, not for the whole.
    /// </summary>
    /// <param name="media">The probed file; without an audio stream there is nothing to read, and a warning.</param>
    /// <param name="cancellation">Ends the tool, also after this method returned.</param>
    public SoundStream OpenSound(MediaInfo media, CancellationToken cancellation = default) =>
        new(media, (blocks, abandoned) => StreamSoundAsync(media, blocks, abandoned), cancellation);

    private async Task<(MediaInfo Media, IReadOnlyList<MediaWarning> Warnings)> StreamSoundAsync(
        MediaInfo media, ChannelWriter<float[]> blocks, CancellationToken cancellation)
    {
        string path = await MediaFile.CheckAsync(media.File, _options.Timeout, cancellation).ConfigureAwait(false);
        if (media.Sound is not AudioStream stream)
            return (media, [NoAudioStream]);

        List<MediaWarning> warnings = [.. media.Warnings];
        (ToolResult result, long samples, int? channel) = await PumpAsync(media, path, stream, null, blocks, cancellation).ConfigureAwait(false);
        if (channel is not null)
        {
            warnings.Add(ChannelMix.Warning);
            (result, samples, _) = await PumpAsync(media, path, stream, channel, blocks, cancellation).ConfigureAwait(false);
        }

        Review(media.File, "sound", result, samples == 0, warnings);
        return (await SettleAsync(media, samples, warnings, cancellation).ConfigureAwait(false), warnings);
    }

    // Gives a channel, and no sound, where all others should be left out.
    private async Task<(ToolResult Result, long Samples, int? Channel)> PumpAsync(
        MediaInfo media, string path, AudioStream stream, int? only, ChannelWriter<float[]> blocks, CancellationToken cancellation)
    {
        TimeRange whole = new(TimeSpan.Zero, _options.MaximumStream);
        SoundTrack track = new(0, ToolArguments.SamplesIn(whole.Length));
        List<float> held = [];
        bool holds = only is null && stream.Channels > 1;
        int? instead = null;
        float[] block = new float[Sound.SampleRate];
        int filled = 0;
        long samples = 0;
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            media.File,
            ToolArguments.Sound(path, $"{stream.Index}", whole, channel: only),
            _options.Timeout,
            async output =>
            {
                await foreach (float[] piece in PipeReader.StreamSoundAsync(output, track).ConfigureAwait(false))
                {
                    for (int at = 0; at < piece.Length;)
                    {
                        int now = Math.Min(piece.Length - at, block.Length - filled);
                        piece.AsSpan(at, now).CopyTo(block.AsSpan(filled));
                        (at, filled) = (at + now, filled + now);
                        if (filled == block.Length && !await GiveAsync(isLast: false).ConfigureAwait(false))
                            return;
                    }
                }

                if (await GiveAsync(isLast: true).ConfigureAwait(false))
                    await PipeReader.DrainAsync(output).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        return (result, samples, instead);

        async Task<bool> GiveAsync(bool isLast)
        {
            float[] full = block[..filled];
            (block, filled) = (new float[Sound.SampleRate], 0);
            if (!holds)
                return await WriteAsync(full).ConfigureAwait(false);
            held.AddRange(full);
            float[] sound = [.. held];
            bool quiet = ChannelMix.IsQuiet(sound);
            if (quiet && sound.Length < LongestHeld && !isLast)
                return true;
            if (quiet && sound.Length > 0)
            {
                TimeRange heard = new(TimeSpan.Zero, TimeSpan.FromSeconds((double)sound.Length / Sound.SampleRate));
                instead = (await LouderAsync(media, path, stream, heard, sound, cancellation).ConfigureAwait(false))?.Channel;
            }

            if (instead is not null)
                return false;
            holds = false;
            held.Clear();
            foreach (float[] second in sound.Chunk(Sound.SampleRate))
                await WriteAsync(second).ConfigureAwait(false);
            return true;
        }

        async Task<bool> WriteAsync(float[] full)
        {
            samples += full.Length;
            if (full.Length > 0)
                await blocks.WriteAsync(full, cancellation).ConfigureAwait(false);
            return true;
        }
    }
}
