using Affekt.Models.Persons;

namespace Affekt.Recognition.Persons;

/// <summary>
/// Names the speakers of one recording or session by their voices: "speaker 1" for the first, and so on, until somebody gives another
/// name. Vectors of voices stay in here and go with it. For use by one thread at a time, but for <see cref="Rename"/>.
/// </summary>
/// <param name="encoder">Voices to vectors; not loaded before a second utterance is there.</param>
/// <param name="count">How many speakers there are; null where that is not known.</param>
internal sealed class VoiceNames(Lazy<SpeakerEncoder> encoder, int? count)
{
    private const string FirstName = "speaker ";

    // An utterance in which two speak for more than this share is given to one of those that there are; it makes nobody new.
    private const double MostOverlap = 0.5;

    private readonly SpeakerGroups _groups = new(count);
    private readonly List<string?> _given = [];
    private readonly List<int?> _places = [];
    private readonly Dictionary<int, string> _names = [];

    // What voices are called that nobody named, by number.
    private readonly List<string> _usual = [];
    private readonly Lock _naming = new();

    // A recording of one utterance needs no vectors: whoever speaks is the first.
    private (ReadOnlyMemory<float> Sound, float[]? Features, double Seconds)? _first;

    /// <summary>
    /// Who speaks in each utterance so far, as all that was heard tells by now: the names that were given with utterances, and those of
    /// voices; null where neither is known.
    /// </summary>
    public IReadOnlyList<string?> Speakers
    {
        get
        {
            lock (_naming)
                return [.. _given.Select((name, i) => _places[i] is { } place ? Name(place == 0 && _first is not null ? 0 : _groups.Speakers[place]) : name)];
        }
    }

    /// <summary>Who speaks in the next utterance.</summary>
    /// <param name="material">The utterance; where it says who speaks, that holds.</param>
    /// <param name="features">What the audio encoder made of its sound; null where it made nothing.</param>
    /// <param name="overlap">The share in which two people speak at once; null where that is not known.</param>
    /// <returns>The name to show, and one that stays the same where that one is changed.</returns>
    public (string? Shown, string? Lasting) Next(UtteranceMaterial material, float[]? features, double? overlap = null)
    {
        lock (_naming)
        {
            bool isHeard = features is not null && material is { Speaker: null, IsOneOfMany: true, IsNamed: false, Sound: not null };
            _given.Add(material.Speaker);
            if (!isHeard)
            {
                _places.Add(null);
                return (material.Speaker, material.Speaker);
            }

            double seconds = overlap > MostOverlap ? 0 : (material.EndMs - material.StartMs) / 1000.0;
            if (_first is null && _groups.Speakers.Count == 0)
            {
                _places.Add(0);
                _first = (material.Sound!.Value.ToArray(), features, seconds);
                return Names(0);
            }

            if (_first is { } first)
            {
                _first = null;
                _groups.Add(encoder.Value.Listen(first.Sound.Span, first.Features), first.Seconds);
            }

            _places.Add(_groups.Speakers.Count);
            return Names(_groups.Add(encoder.Value.Listen(material.Sound!.Value.Span, features), seconds));
        }
    }

    /// <summary>Gives a speaker another name, in what was said before too; false where nobody who spoke has that name.</summary>
    public bool Rename(string from, string to)
    {
        lock (_naming)
        {
            int[] voices = [.. _groups.Speakers.Append(_first is null ? -1 : 0).Distinct().Where(voice => Name(voice) == from)];
            foreach (int voice in voices)
                _names[voice] = to;
            int[] told = [.. Enumerable.Range(0, _given.Count).Where(i => _given[i] == from)];
            foreach (int utterance in told)
                _given[utterance] = to;
            return voices.Length + told.Length > 0;
        }
    }

    /// <summary>As <see cref="Rename"/>, where nobody gave the speaker a name yet.</summary>
    public bool NameAs(string from, string to)
    {
        lock (_naming)
            return !_names.ContainsValue(from) && !_given.Contains(from) && Rename(from, to);
    }

    private (string? Shown, string? Lasting) Names(int voice) => (Name(voice), voice < 0 ? null : Lasting(voice));

    private string? Name(int voice) => voice < 0 ? null : _names.TryGetValue(voice, out string? name) ? name : Usual(voice);

    // A new voice is nobody whom somebody called so before: "speaker 2" may be the name that the first one was given.
    private string Usual(int voice)
    {
        for (int number = _usual.Count + 1; _usual.Count <= voice; number++)
        {
            string name = $"{FirstName}{number}";
            if (!_names.ContainsValue(name) && !_given.Contains(name) && !_usual.Contains(name))
                _usual.Add(name);
        }

        return _usual[voice];
    }

    private static string Lasting(int voice) => $"{FirstName}{voice + 1}";
}
