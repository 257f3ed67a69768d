using Affekt.Models.Fusion;

namespace Affekt.Models.Branches;

/// <summary>
/// How the speakers of one recording, dialogue or live session usually sound and look, from what each of them has said so far. It
/// is gone with the session. For use by one thread at a time.
/// </summary>
/// <param name="enrolled">
/// How a speaker usually is, from recordings given beforehand; it counts for every speaker of the session, who is taken to
/// be the one enrolled. Null for none.
/// </param>
public sealed class SpeakerMemory(SpeakerBaseline? enrolled = null)
{
    // Speakers without a name are taken for one: a recording that names nobody mostly has one voice.
    private const string Unnamed = "";

    private readonly Dictionary<string, SpeakerBaseline> _speakers = [];

    /// <summary>What is known of a speaker before the current utterance.</summary>
    /// <param name="speaker">The speaker's name, as the recording, transcript or corpus gives it; null where unknown.</param>
    public SpeakerBaseline Of(string? speaker) => _speakers.GetValueOrDefault(speaker ?? Unnamed, enrolled ?? SpeakerBaseline.None);

    /// <summary>Remembers an utterance's sound, for the utterances that follow.</summary>
    /// <param name="speaker">As for <see cref="Of"/>.</param>
    /// <param name="features">What the audio encoder made of it; null where its sound was missing or unusable.</param>
    public void Hear(string? speaker, IReadOnlyList<float>? features)
    {
        if (features is not null)
            Keep(speaker, Of(speaker) with { Voice = Of(speaker).Voice.With(features) });
    }

    /// <summary>Remembers how a face looked in an utterance, for the utterances that follow.</summary>
    /// <param name="speaker">As for <see cref="Of"/>.</param>
    /// <param name="answer">
    /// What the picture's expert said, not yet seen against a baseline; null where no face was seen, or there is no such expert.
    /// </param>
    /// <param name="expert">The expert's numbers.</param>
    public void See(string? speaker, IReadOnlyList<double>? answer, ExpertConfig expert)
    {
        if (answer is not null)
            Keep(speaker, Of(speaker) with { Face = Of(speaker).Face.With(answer, expert) });
    }

    private void Keep(string? speaker, SpeakerBaseline now) => _speakers[speaker ?? Unnamed] = now;
}
