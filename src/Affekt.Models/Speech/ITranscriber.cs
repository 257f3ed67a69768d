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

/// <summary>What speech recognition made of an utterance.</summary>
/// <param name="Words">The words; null where there are none.</param>
/// <param name="Sureness">The mean logarithm of the probability of each token, 0 or less; 0 where there is none.</param>
public readonly record struct Transcription(string? Words, double Sureness)
{
    // Of clips in English (MELD, RAVDESS, TESS) all were surer, the least at -0.55; of those in Mandarin, Polish, Amharic and Spanish
    // with words one in 32 was.
    private const double LeastSureness = -0.6;

    private const int LongestUnit = 40;

    // Laughter and "no, no, no" repeat themselves too.
    private const int MostRepeats = 8;
    private const int ShortUnit = 4;
    private const int MostShortRepeats = 12;

    /// <summary>
    /// Whether the words may be believed. The network knows English alone: of other languages, of music and of noise it makes words
    /// that nobody said, which it is unsure of or repeats without end.
    /// </summary>
    public bool IsUnderstood => Words is not null && Sureness >= LeastSureness && !IsRepetitive(Words);

    /// <summary>Whether half of a text or more says the same again and again; spaces and punctuation do not count.</summary>
    internal static bool IsRepetitive(string text)
    {
        string letters = string.Concat(text.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));
        for (int unit = 1; unit <= Math.Min(LongestUnit, letters.Length / MostRepeats); unit++)
        {
            int most = unit < ShortUnit ? MostShortRepeats : MostRepeats;
            int same = 0;
            for (int i = unit; i < letters.Length; i++)
            {
                same = letters[i] == letters[i - unit] ? same + 1 : 0;
                if (same + unit >= most * unit && 2 * (same + unit) >= letters.Length)
                    return true;
            }
        }

        return false;
    }
}
