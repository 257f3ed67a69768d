using Affekt.Media;
using Affekt.Models.Video;

namespace Affekt.Recognition;

/// <summary>
/// One conversation as it happens: sound comes in pieces of any size, and pictures between them; each utterance is answered
/// after its end as it would be in a file, with those before it in mind, and while it goes on as often as asked. Hearing goes on
/// while an utterance that ended is answered. For use by one thread at a time, best always the same one; its memory does not grow.
/// </summary>
public interface ILiveSession : IDisposable
{
    /// <summary>
    /// Called on another thread when <see cref="Answered"/> has something to give; null for nothing. It tells the session's own thread so,
    /// and calls nothing of the session itself.
    /// </summary>
    Action? WhenAnswered { get; set; }

    /// <summary>
    /// Who speaks from here on; null where that is not known. An utterance belongs to whoever spoke at its beginning.
    /// </summary>
    string? Speaker { get; set; }

    /// <summary>Up to when it has heard, in ms from the session's beginning.</summary>
    int HeardMs { get; }

    /// <summary>Whether somebody speaks, as far as the sound tells.</summary>
    bool IsSpeaking { get; }

    /// <summary>How pictures have to be that are decoded already.</summary>
    FrameRequest Pictures { get; }

    /// <summary>Hears the next piece; waits only where a minute of speech has not been answered yet.</summary>
    /// <param name="samples">Mono, 16 kHz, within [-1, 1].</param>
    /// <returns>
    /// An update for each utterance that has been answered by now, and one without an utterance where somebody began or ceased to
    /// speak; mostly none.
    /// </returns>
    /// <exception cref="ArgumentException">Samples are far beyond [-1, 1], as those of 16 bits are; nothing of the piece was heard.</exception>
    IReadOnlyList<LiveUpdate> Hear(ReadOnlySpan<float> samples);

    /// <summary>An update for each utterance that has been answered and was not told yet, in their order; waits for none.</summary>
    IReadOnlyList<LiveUpdate> Answered();

    /// <summary>
    /// Leaves a stretch of time out in which there is no sound, such as a pause: whoever was speaking is cut off before it.
    /// </summary>
    /// <param name="atMs">When the next piece of sound begins; a time before <see cref="HeardMs"/> changes nothing.</param>
    void SkipTo(double atMs);

    /// <summary>Whoever is speaking is cut off, and answered as at any end; more sound may follow.</summary>
    void Cut();

    /// <summary>As <see cref="Cut"/>, and waits for all answers.</summary>
    /// <returns>An update for each utterance that was not told yet.</returns>
    IReadOnlyList<LiveUpdate> Finish();

    /// <summary>Sees the next picture: it belongs to the utterance in whose stretch it lies.</summary>
    /// <param name="jpeg">A JPEG file.</param>
    /// <param name="atMs">When it came on screen, in ms from the session's beginning.</param>
    /// <param name="cancellation">Ends the decoder.</param>
    /// <returns>
    /// The faces in it, the surest first, none where nothing finds faces; null where a newer picture was seen before, so that this
    /// one is left out. Where the newer one lies more than 3 s ahead, a clock was set back, and what came after this one is forgotten instead.
    /// </returns>
    /// <exception cref="MediaException">
    /// It is no JPEG, is damaged, has too many pixels or takes too long; the session goes on without it.
    /// </exception>
    IReadOnlyList<RecognizedFace>? See(ReadOnlyMemory<byte> jpeg, double atMs, CancellationToken cancellation = default);

    /// <summary>As <see cref="See(ReadOnlyMemory{byte}, double, CancellationToken)"/>, with a picture that is decoded already.</summary>
    /// <param name="picture">One picture, as <see cref="Pictures"/> says; it is copied.</param>
    /// <param name="atMs">When it came on screen, in ms from the session's beginning.</param>
    /// <exception cref="ArgumentException">There is not one picture, or it is larger than <see cref="Pictures"/> says.</exception>
    IReadOnlyList<RecognizedFace>? See(VideoFrames picture, double atMs);

    /// <summary>
    /// What can be said by now of the current utterance. Costs the same however long it is; its words are looked for meanwhile, and
    /// come with one of the next answers.
    /// </summary>
    RunningAnswer Running();

    /// <summary>Gives a voice or a face that was told apart another name, from here on and in what was said before.</summary>
    /// <param name="from">The name that it has, such as "speaker 1" or "face 2".</param>
    /// <param name="to">The name that it gets; where another has it, both count as one from then on.</param>
    /// <returns>An update with the names of all utterances that were told; null where nobody has that name.</returns>
    LiveUpdate? Rename(string from, string to);
}
