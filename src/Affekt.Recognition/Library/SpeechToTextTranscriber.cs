using Affekt.Media;
using Affekt.Models.Speech;
using Microsoft.Extensions.AI;

namespace Affekt.Recognition.Library;

/// <summary>Words from any speech-to-text client of Microsoft.Extensions.AI.</summary>
/// <param name="client">The client; it is not disposed of.</param>
internal sealed class SpeechToTextTranscriber(ISpeechToTextClient client) : ITranscriber
{
    /// <inheritdoc/>
    public Transcription Hear(ReadOnlyMemory<float> samples, CancellationToken cancellation = default)
    {
        using MemoryStream wav = new(Sound.Wav(samples.Span), writable: false);

        // Called on a thread that is there for words alone.
        SpeechToTextResponse response = Task.Run(
            () => client.GetTextAsync(wav, new SpeechToTextOptions { SpeechSampleRate = Sound.SampleRate }, cancellation), cancellation)
            .GetAwaiter().GetResult();
        string words = response.Text.Trim();
        return new Transcription(words.Length == 0 ? null : words, 0);
    }

    /// <summary>The client belongs to whoever gave it.</summary>
    public void Dispose()
    {
    }
}
