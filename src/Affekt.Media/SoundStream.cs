using System.Threading.Channels;

namespace Affekt.Media;

/// <summary>
/// A file's sound from its beginning to its end, block by block as it is decoded: memory does not grow with the file. For
/// use by one caller at a time; disposing of it ends the decoder.
/// </summary>
public sealed class SoundStream : IAsyncDisposable
{
    // A block is a second; the decoder waits when so many lie unread.
    private const int BlocksAhead = 8;

    private readonly Channel<float[]> _blocks = Channel.CreateBounded<float[]>(BlocksAhead);
    private readonly CancellationTokenSource _abandoned;
    private readonly Task<(MediaInfo Media, IReadOnlyList<MediaWarning> Warnings)> _decoder;

    internal SoundStream(
        MediaInfo media,
        Func<ChannelWriter<float[]>, CancellationToken, Task<(MediaInfo Media, IReadOnlyList<MediaWarning> Warnings)>> decode,
        CancellationToken cancellation)
    {
        Media = media;
        _abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _decoder = RunAsync(decode, _abandoned.Token);
    }

    /// <summary>The file; with the length that decoding gave once <see cref="ReadAsync"/> gave null.</summary>
    public MediaInfo Media { get; private set; }

    /// <summary>What went less than well; complete once <see cref="ReadAsync"/> gave null.</summary>
    public IReadOnlyList<MediaWarning> Warnings { get; private set; } = [];

    /// <summary>The next samples, 16 kHz mono, one second or fewer at the end; null after the last.</summary>
    /// <exception cref="MediaException">The sound cannot be decoded.</exception>
    public async ValueTask<float[]?> ReadAsync(CancellationToken cancellation = default)
    {
        if (await _blocks.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && _blocks.Reader.TryRead(out float[]? block))
            return block;
        (Media, Warnings) = await _decoder.ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _abandoned.CancelAsync().ConfigureAwait(false);
        await ((Task)_decoder).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _abandoned.Dispose();
    }

    private async Task<(MediaInfo Media, IReadOnlyList<MediaWarning> Warnings)> RunAsync(
        Func<ChannelWriter<float[]>, CancellationToken, Task<(MediaInfo Media, IReadOnlyList<MediaWarning> Warnings)>> decode, CancellationToken cancellation)
    {
        try
        {
            return await decode(_blocks.Writer, cancellation).ConfigureAwait(false);
        }
        finally
        {
            // What failed is told by the task, after the blocks that came before.
            _blocks.Writer.Complete();
        }
    }
}
