using System.Buffers.Binary;
using Affekt.Media;

namespace Affekt.AspNetCore.Live;

/// <summary>What a client sends as a binary message.</summary>
internal enum LiveKind : byte
{
    /// <summary>16-bit PCM, mono, 16 kHz, little endian.</summary>
    Sound = 1,

    /// <summary>One JPEG file.</summary>
    Picture = 2,
}

/// <summary>A binary message: a header of 16 bytes, then sound or a picture.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Sequence">Its number among those of its kind, from 1.</param>
/// <param name="AtMs">When its first sample was heard, or its picture seen, in ms from the session's start.</param>
/// <param name="Body">Sound or picture.</param>
internal sealed record LiveMessage(LiveKind Kind, uint Sequence, double AtMs, byte[] Body)
{
    public const int HeadBytes = 16;
    public const int BytesASecond = 2 * Sound.SampleRate;

    /// <summary>Reads a message.</summary>
    /// <exception cref="LiveException">It is malformed or too large.</exception>
    public static LiveMessage Read(ReadOnlySpan<byte> message, LiveLimits limits)
    {
        if (message.Length <= HeadBytes)
            throw LiveException.Malformed($"Found a binary message of {message.Length} bytes, expected a header of {HeadBytes} bytes and a body.");
        if (message[0] is not ((byte)LiveKind.Sound or (byte)LiveKind.Picture))
            throw LiveException.Malformed($"Byte 0 of a binary message: found {message[0]}, expected 1 for sound or 2 for a picture.");
        if (message[1..4].ContainsAnyExcept((byte)0))
            throw LiveException.Malformed("Bytes 1 to 3 of a binary message: found other values, expected zeros.");
        uint sequence = BinaryPrimitives.ReadUInt32LittleEndian(message[4..]);
        if (sequence == 0)
            throw LiveException.Malformed("Bytes 4 to 7 of a binary message: found number 0, expected numbers from 1.");
        double at = BinaryPrimitives.ReadDoubleLittleEndian(message[8..]);
        if (!(at >= 0 && at <= int.MaxValue))
            throw LiveException.Malformed($"Bytes 8 to 15 of a binary message: found a time stamp of {at}, expected 0 to {int.MaxValue} ms.");
        ReadOnlySpan<byte> body = message[HeadBytes..];
        LiveKind kind = (LiveKind)message[0];

        // A file begins in the first message alone: further on, samples that look so by chance must not end a session.
        if (kind == LiveKind.Sound && sequence == 1 && FileOf(body) is { } file)
            throw LiveException.Malformed($"Sound: found the beginning of a {file} file, expected bare 16-bit samples, mono, {Sound.SampleRate} Hz.");
        if (kind == LiveKind.Sound && (body.Length % 2 != 0 || body.Length > BytesASecond))
        {
            throw LiveException.Malformed(
                $"Sound: found {body.Length} bytes, expected whole samples of 2 bytes, at most {BytesASecond} of them: 1 s.");
        }

        if (kind == LiveKind.Picture && body.Length > limits.MaxPictureBytes)
            throw TooLarge(body.Length, limits);
        return new LiveMessage(kind, sequence, at, body.ToArray());
    }

    // What a browser's MediaRecorder gives, or somebody reads from a file: noise, if it were heard as samples.
    private static string? FileOf(ReadOnlySpan<byte> sound) => sound switch
    {
        [0x52, 0x49, 0x46, 0x46, _, _, _, _, 0x57, 0x41, 0x56, 0x45, ..] => "WAV",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "WebM",
        [0x4F, 0x67, 0x67, 0x53, ..] => "Ogg",
        [_, _, _, _, 0x66, 0x74, 0x79, 0x70, ..] => "MP4",
        _ => null,
    };

    /// <summary>A message of more bytes than there may be.</summary>
    public static LiveException TooLarge(long bytes, LiveLimits limits) => new(
        LiveClose.TooLarge, Problems.ProblemCode.TooLarge,
        $"Found a message of {bytes} bytes or more, expected at most {limits.MaxPictureBytes} for a picture and {limits.MaxTextBytes} for text.");

    /// <summary>The sound as samples in [-1, 1].</summary>
    public float[] Samples()
    {
        float[] samples = new float[Body.Length / 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(Body.AsSpan(2 * i)) / 32768f;
        return samples;
    }
}
