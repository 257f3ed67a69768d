using System.Runtime.CompilerServices;
using Affekt.Media;

namespace Affekt.Recognition;

/// <summary>Other ways to hand sound and files over.</summary>
public static class RecognizerExtensions
{
    /// <summary>
    /// Recognizes a media file that comes as a stream. It is kept in the temporary folder, for this user's eyes alone, as long as it
    /// takes: decoders look back and forth in a file.
    /// </summary>
    /// <param name="recognizer">What recognizes.</param>
    /// <param name="media">The file's bytes, read to their end.</param>
    /// <param name="request">What is known of it; its file is the name that the result repeats.</param>
    /// <param name="cancellation">Ends the reading, the decoder, or what comes after the current utterance.</param>
    /// <exception cref="MediaException">It is no media file that can be read.</exception>
    /// <exception cref="ArgumentException">The request has a recording in memory beside it.</exception>
    public static async Task<RecognitionResult> RecognizeAsync(
        this IEmotionRecognizer recognizer, Stream media, RecognitionRequest? request = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recognizer);
        ArgumentNullException.ThrowIfNull(media);
        if (request?.Recording is not null)
            throw new ArgumentException("found a recording in memory beside the stream, expected one of them", nameof(request));
        string name = request?.File ?? "stream";
        DirectoryInfo folder = Directory.CreateTempSubdirectory("affekt-stream-");
        string file = Path.Combine(folder.FullName, "media");
        try
        {
            FileStream copy = new(file, FileMode.CreateNew);
            await using (copy.ConfigureAwait(false))
                await media.CopyToAsync(copy, cancellation).ConfigureAwait(false);
            RecognitionRequest asked = (request ?? new RecognitionRequest(file)) with { File = file };
            RecognitionResult result = await recognizer.RecognizeAsync(asked, cancellation).ConfigureAwait(false);
            return result with { Input = result.Input with { File = name } };
        }
        catch (MediaException e) when (e.File == file)
        {
            throw new MediaException(e.Kind, name, e.Found, e.Expected, e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Listens to sound, and looks at pictures, as they come; tells each utterance when it is answered.</summary>
    /// <param name="recognizer">What recognizes.</param>
    /// <param name="input">Sound in pieces of any size, with pictures between them. The session ends when it does.</param>
    /// <param name="options">How to listen; null for the defaults.</param>
    /// <param name="cancellation">Ends the session.</param>
    /// <returns>
    /// An update for each utterance that was answered, and one without an utterance where somebody began or ceased to speak.
    /// </returns>
    /// <exception cref="MediaException">A picture is no JPEG, or is damaged.</exception>
    public static async IAsyncEnumerable<LiveUpdate> ListenAsync(
        this IEmotionRecognizer recognizer, IAsyncEnumerable<LiveInput> input, LiveOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recognizer);
        ArgumentNullException.ThrowIfNull(input);
        using ILiveSession session = await recognizer.ListenAsync(options, cancellation).ConfigureAwait(false);
        await foreach (LiveInput next in input.WithCancellation(cancellation).ConfigureAwait(false))
        {
            // A source need not look at it.
            cancellation.ThrowIfCancellationRequested();
            if (next.Jpeg is { } jpeg)
                session.See(jpeg, next.AtMs ?? session.HeardMs, cancellation);
            foreach (LiveUpdate update in next.Samples.IsEmpty ? session.Answered() : session.Hear(next.Samples.Span))
                yield return update;
        }

        foreach (LiveUpdate update in session.Finish())
            yield return update;
    }
}
