namespace Affekt.Models.Branches;

/// <summary>
/// How the voices of one recording, dialogue or live session usually sound, from what each of them has said so far. It is
/// gone with the session. For use by one thread at a time.
/// </summary>
/// <param name="enrolled">
/// How a voice usually sounds, from recordings given beforehand; it counts for every speaker of the session, who is taken to
/// be the one enrolled. Null for none.
/// </param>
public sealed class VoiceMemory(VoiceBaseline? enrolled = null)
{
    // Speakers without a name are taken for one: a recording that names nobody mostly has one voice.
    private const string Unnamed = "";

    private readonly Dictionary<string, VoiceBaseline> _voices = [];

    /// <summary>What is known of a speaker before the utterance at hand.</summary>
    /// <param name="speaker">The speaker's name, as the recording, transcript or corpus gives it; null where unknown.</param>
    public VoiceBaseline Of(string? speaker) => _voices.GetValueOrDefault(speaker ?? Unnamed, enrolled ?? VoiceBaseline.None);

    /// <summary>Remembers an utterance, for those that follow.</summary>
    /// <param name="speaker">As for <see cref="Of"/>.</param>
    /// <param name="features">What the audio encoder made of it; null where its sound was missing or unusable.</param>
    public void Remember(string? speaker, IReadOnlyList<float>? features)
    {
        if (features is not null)
            _voices[speaker ?? Unnamed] = Of(speaker).With(features);
    }
}
