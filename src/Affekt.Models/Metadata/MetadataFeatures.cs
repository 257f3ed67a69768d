namespace Affekt.Models;

/// <summary>
/// What a model is told about an utterance besides sound, words and picture: five categories, each an index from 0 up
/// to its size in <see cref="MetadataVocabulary.Sizes"/>, 0 for unknown. None is a label or derived from one.
/// </summary>
/// <param name="Speaker">Index into the vocabulary's speakers, from 1; 0 for anyone else.</param>
/// <param name="Position">
/// How many utterances the dialogue has had, this one included: 1, 2, 3, 4-5, 6-8, 9-12, 13-20, 21 or more give 1 to 8.
/// </param>
/// <param name="SpeakerCount">How many known speakers have spoken so far, this one included; 6 means 6 or more.</param>
/// <param name="SpeakerChanged">
/// 1: the speaker of the utterance before goes on; 2: another one speaks; 0 for the first.
/// </param>
/// <param name="Duration">
/// Below 0.5 s, 1 s, 2 s, 4 s, 8 s, 16 s, or longer give 1 to 7; 0 where the duration is unknown or not above 0.
/// </param>
public readonly record struct MetadataFeatures(int Speaker, int Position, int SpeakerCount, int SpeakerChanged, int Duration)
{
    /// <summary>Names of the five categories in the order of <see cref="CopyTo"/>.</summary>
    public static IReadOnlyList<string> Names { get; } =
        Array.AsReadOnly(["speaker", "position", "speaker_count", "speaker_changed", "duration"]);

    /// <summary>Writes the five indexes, in the order of <see cref="Names"/>, into the first five places.</summary>
    /// <exception cref="ArgumentException">The span is shorter than five.</exception>
    public void CopyTo(Span<long> indexes)
    {
        ReadOnlySpan<long> all = [Speaker, Position, SpeakerCount, SpeakerChanged, Duration];
        all.CopyTo(indexes);
    }
}
