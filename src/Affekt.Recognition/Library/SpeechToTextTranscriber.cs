using System.Buffers.Binary;
using Affekt.Media;
using Affekt.Models.Speech;
using Microsoft.Extensions.AI;

namespace Affekt.Recognition.Library;

/// <summary>Words from any speech-to-text client of Microsoft.Extensions.AI.</summary>
/// <param name="client">The client; it is not disposed of.</param>
internal sealed class SpeechToTextTranscriber(ISpeechToTextClient client) : ITranscriber
{
    // RIFF's header of 16-bit PCM without extensions (Microsoft and IBM, 1991).
    private const int HeaderBytes = 44;

    /// <inheritdoc/>
    public Transcription Hear(ReadOnlyMemory<float> samples, CancellationToken cancellation = default)
    {
        using MemoryStream wav = new(Wav(samples.Span), writable: false);

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

    /// <summary>Mono sound at 16 kHz as a WAV file of 16-bit samples.</summary>
    internal static byte[] Wav(ReadOnlySpan<float> samples)
    {
        byte[] wav = new byte[HeaderBytes + (2 * samples.Length)];
        Span<byte> at = wav;
        "RIFF"u8.CopyTo(at);
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], wav.Length - 8);
        "WAVEfmt "u8.CopyTo(at[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(at[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(at[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(at[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(at[24..], Sound.SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(at[28..], 2 * Sound.SampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(at[32..], 2);
        BinaryPrimitives.WriteInt16LittleEndian(at[34..], 16);
        "data"u8.CopyTo(at[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(at[40..], 2 * samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            short value = (short)Math.Round(Math.Clamp(samples[i], -1, 1) * short.MaxValue);
            BinaryPrimitives.WriteInt16LittleEndian(at[(HeaderBytes + (2 * i))..], value);
        }

        return wav;
    }
}
