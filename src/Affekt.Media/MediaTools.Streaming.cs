using System.Threading.Channels;

namespace Affekt.Media;

/// <content>Sound that is read while it is decoded, and single pictures to look at.</content>
public sealed partial class MediaTools
{
    private const int LargestJpeg = 1 << 20;

    /// <summary>
    /// Opens the file's sound, 16 kHz mono, to be read from its beginning to its end while it is decoded. The limit on time
    /// holds for each block, not for the whole.
    /// </summary>
    /// <param name="media">The probed file; without an audio stream there is nothing to read, and a warning.</param>
    /// <param name="cancellation">Ends the tool, also after this method returned.</param>
    public SoundStream OpenSound(MediaInfo media, CancellationToken cancellation = default) =>
        new((blocks, abandoned) => StreamSoundAsync(media, blocks, abandoned), cancellation);

    /// <summary>Opens a decoder of JPEG pictures that come one by one; its tool starts with the first.</summary>
    /// <param name="options">Sizes and limits; null for the defaults.</param>
    public PictureDecoder OpenPictures(PictureOptions? options = null) => new(_ffmpeg, options ?? new PictureOptions());

    /// <summary>Reads the picture on screen at a time as JPEG, no wider than asked for.</summary>
    /// <param name="media">The probed file.</param>
    /// <param name="at">The time in the file.</param>
    /// <param name="width">Pixels; a smaller picture stays as it is.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <returns>The picture's bytes; null where there is none.</returns>
    public async Task<byte[]?> ReadJpegAsync(
        MediaInfo media, TimeSpan at, int width, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        string path = MediaFile.Check(media.File);
        if (media.Picture is not VideoStream stream)
            return null;
        byte[] jpeg = new byte[LargestJpeg];
        int length = 0;
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            media.File,
            ToolArguments.Jpeg(path, stream, at, Math.Min(width, stream.Width)),
            _options.Timeout,
            async output => length = await PipeReader.FillAsync(output, jpeg),
            cancellation);
        return result.ExitCode == 0 && length > 0 && length < jpeg.Length ? jpeg[..length] : null;
    }

    private async Task<IReadOnlyList<MediaWarning>> StreamSoundAsync(
        MediaInfo media, ChannelWriter<float[]> blocks, CancellationToken cancellation)
    {
        string path = MediaFile.Check(media.File);
        if (media.Sound is not AudioStream stream)
            return [NoAudioStream];

        long samples = 0;
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            media.File,
            ToolArguments.Sound(path, $"{stream.Index}", new TimeRange(TimeSpan.Zero, _options.MaximumStream)),
            Timeout.InfiniteTimeSpan,
            async output => samples = await PumpAsync(media.File, output, blocks, cancellation),
            cancellation);
        List<MediaWarning> warnings = [];
        Review(media.File, "sound", result, samples == 0, warnings);
        WarnOfEnd(media.Duration, samples, warnings);
        return warnings;
    }

    private async Task<long> PumpAsync(
        string file, Stream output, ChannelWriter<float[]> blocks, CancellationToken cancellation)
    {
        long samples = 0;
        while (true)
        {
            float[] block;
            try
            {
                block = await PipeReader.ReadBlockAsync(output, Sound.SampleRate)
                    .WaitAsync(_options.Timeout, cancellation);
            }
            catch (TimeoutException cause)
            {
                throw new MediaException(
                    MediaError.TimedOut, file, $"no sound from ffmpeg for {_options.Timeout.TotalSeconds:0.###} s",
                    "it sooner (see MediaToolsOptions.Timeout)", cause);
            }

            if (block.Length == 0)
                return samples;
            samples += block.Length;
            await blocks.WriteAsync(block, cancellation);
        }
    }
}
