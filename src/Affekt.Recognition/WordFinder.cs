using Affekt.Models.Speech;

namespace Affekt.Recognition;

/// <summary>
/// Finds words for any number of callers, one at a time. It has its own lock, so that the other models answer meanwhile.
/// </summary>
/// <param name="transcriber">Finds them; it stays open as long as this is used.</param>
internal sealed class WordFinder(ITranscriber transcriber) : IDisposable
{
    private readonly Lock _transcriber = new();
    private readonly WorkThread _later = new("affekt words");

    /// <summary>The words of a whole utterance, and whether they may be believed.</summary>
    /// <param name="sound">Mono, 16 kHz.</param>
    /// <param name="cancellation">Ends it soon: they are wanted no more.</param>
    public Transcription Find(ReadOnlyMemory<float> sound, CancellationToken cancellation)
    {
        lock (_transcriber)
            return transcriber.Hear(sound, cancellation);
    }

    /// <summary>The words as far as they are spoken, some time later; null where there are none to be believed.</summary>
    /// <param name="sound">Mono, 16 kHz.</param>
    /// <param name="cancellation">Ends it soon: they are wanted no more.</param>
    public Task<string?> FindLaterAsync(float[] sound, CancellationToken cancellation) =>
        _later.RunAsync(() => Find(sound, cancellation) is { IsUnderstood: true } heard ? heard.Words : null, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _later.Dispose();
}
