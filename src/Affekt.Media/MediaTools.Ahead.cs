using Affekt.Media.Prestart;

namespace Affekt.Media;

/// <content>What is begun before it is known to be needed.</content>
public sealed partial class MediaTools
{
    /// <summary>
    /// Has ffmpeg loaded in the background, for readings to come: a copy of it waits for them as long as this process lives.
    /// Without this, tools are preloaded from the third use on. Does nothing in a sandbox, and where the native part's
    /// libaffekt_prestart.so was not found.
    /// </summary>
    public void Prestart() => PrestartedTool.Begin(_ffmpeg);

    /// <summary>
    /// Reads what a file holds and all of its sound at once: starting a tool takes longer than reading a short clip, so both
    /// start together, on the guess that the file's first audio stream is the one to read.
    /// </summary>
    /// <param name="file">Path of a local file.</param>
    /// <param name="cancellation">Ends the tools.</param>
    /// <returns>The file as it was found to be, and its sound.</returns>
    public Task<(MediaInfo Media, Sound Sound)> ReadWholeSoundAsync(string file, CancellationToken cancellation = default) =>
        ReadWholeSoundAsync(file, _ => { }, cancellation);

    /// <summary>
    /// As <see cref="ReadWholeSoundAsync(string, CancellationToken)"/>, for a caller that reads more of the file meanwhile.
    /// </summary>
    /// <param name="file">Path of a local file.</param>
    /// <param name="probed">Told what the file holds while its sound is still being read.</param>
    /// <param name="cancellation">Ends the tools.</param>
    public async Task<(MediaInfo Media, Sound Sound)> ReadWholeSoundAsync(
        string file, Action<MediaInfo> probed, CancellationToken cancellation = default)
    {
        string path = await MediaFile.CheckAsync(file, _options.Timeout, cancellation).ConfigureAwait(false);
        using CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<(ToolResult Result, float[] Samples)> guess = DecodeSoundAsync(
            file, path, "a:0", WholeFile, _options.MaximumStretch, true, null, abandoned.Token);
        try
        {
            MediaInfo media = await ProbeFileAsync(file, path, cancellation).ConfigureAwait(false);
            probed(media);
            if (media.Sound is not { } stream || stream != media.AudioStreams[0])
                return await ReadWholeSoundAsync(media, cancellation).ConfigureAwait(false);
            await CheckRangeAsync(media, null, [], cancellation).ConfigureAwait(false);
            (ToolResult result, float[] samples) = await guess.ConfigureAwait(false);
            return await FinishAsync(media, path, stream, result, samples, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await abandoned.CancelAsync().ConfigureAwait(false);
            await ((Task)guess).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
