using Affekt.Media;

namespace Affekt.Recognition;

/// <summary>
/// Recognizes emotions in recordings and live sound. One recognizer serves any number of callers at once; a model computes
/// for one of them at a time.
/// </summary>
public interface IEmotionRecognizer
{
    /// <summary>Opens the models where they are not open yet, and says whose they are.</summary>
    /// <param name="cancellation">Ends the opening.</param>
    Task<BundleIdentity> OpenAsync(CancellationToken cancellation = default);

    /// <summary>Recognizes a media file and waits for its last utterance.</summary>
    /// <param name="request">The file, and what is known of it.</param>
    /// <param name="cancellation">Ends the decoder, or what comes after the current utterance.</param>
    /// <returns>
    /// Always an answer for a file that can be read. What is missing is told in it; where there is neither usable sound nor
    /// text, all emotions are equally probable, and the answer is withheld.
    /// </returns>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    Task<RecognitionResult> RecognizeAsync(RecognitionRequest request, CancellationToken cancellation = default);

    /// <summary>
    /// Recognizes a media file and tells each utterance as soon as it is done; an utterance knows those before it. The last
    /// update has no utterance.
    /// </summary>
    /// <param name="request">The file, and what is known of it.</param>
    /// <param name="cancellation">Ends the decoder, or what comes after the current utterance.</param>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    IAsyncEnumerable<RecognitionUpdate> RecognizeStreamingAsync(
        RecognitionRequest request, CancellationToken cancellation = default);

    /// <summary>Begins to listen to sound that comes in pieces, and to look at pictures that come between them.</summary>
    /// <param name="options">How to listen; null for the defaults.</param>
    /// <param name="cancellation">Ends the opening of models that are not open yet.</param>
    /// <exception cref="InvalidOperationException">The recognizer has no detector of speech.</exception>
    Task<ILiveSession> ListenAsync(LiveOptions? options = null, CancellationToken cancellation = default);

    /// <summary>
    /// How a speaker usually sounds and looks, from recordings, which are cut at pauses as others are. Where nobody is heard or seen,
    /// nothing is added.
    /// </summary>
    /// <param name="files">Paths of sound, video or picture files.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What <see cref="LiveOptions.Baseline"/> takes; of no utterance where the bundle goes by neither.</returns>
    /// <exception cref="MediaException">A file cannot be read.</exception>
    Task<ISpeakerBaseline> EnrollAsync(IReadOnlyList<string> files, CancellationToken cancellation = default);
}
