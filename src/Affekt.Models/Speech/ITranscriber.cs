namespace Affekt.Models.Speech;

/// <summary>Finds the words of an utterance. Used by one caller at a time.</summary>
public interface ITranscriber : IDisposable
{
    /// <summary>What is said, and whether that is to be believed.</summary>
    /// <param name="samples">Mono, 16 kHz, within [-1, 1].</param>
    /// <param name="cancellation">Ends it soon.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    Transcription Hear(ReadOnlyMemory<float> samples, CancellationToken cancellation = default);
}
