namespace Affekt.Models.Persons;

/// <summary>
/// Tells by their voices who speaks in a recording or session, without knowing how many there are. With each utterance all that were
/// heard so far are grouped anew, so that what was taken for two speakers at first may become one later, and one two; speakers keep
/// their numbers. Memory does not grow beyond some hundred utterances, of which only vectors are kept. For use by one thread at a
/// time.
/// </summary>
public sealed class SpeakerGroups
{
    /// <summary>Utterances shorter than this, in s, are given to one of the speakers there are; they make no new one.</summary>
    public const double ShortestNews = 1.0;

    private readonly int? _count;
    private readonly int _most;
    private readonly List<Heard> _heard = [];
    private readonly List<int> _speakers = [];

    // Who was taken to speak when an utterance was heard: two who were joined by mistake get their numbers back.
    private readonly List<int> _atFirst = [];
    private int _next;

    /// <summary>Hears nobody yet.</summary>
    /// <param name="count">How many speakers there are, 1 or more; null where that is not known, as mostly.</param>
    public SpeakerGroups(int? count = null)
        : this(count, 400)
    {
    }

    /// <inheritdoc cref="SpeakerGroups(int?)"/>
    /// <param name="count">How many speakers there are.</param>
    /// <param name="most">How many utterances are kept; beyond them the oldest of the speaker who has most goes.</param>
    internal SpeakerGroups(int? count, int most) => (_count, _most) = (count, most);

    /// <summary>
    /// Who speaks in each utterance, by numbers from 0, as all that was heard so far tells; -1 where that is not known.
    /// </summary>
    public IReadOnlyList<int> Speakers => _speakers;

    /// <summary>Hears an utterance.</summary>
    /// <param name="voice">What <see cref="SpeakerEncoder"/> made of it; null where there was too little sound.</param>
    /// <param name="seconds">How long it is; 0 where others speak meanwhile, so that it tells of nobody new.</param>
    /// <returns>Who speaks in it, as far as can be told by now: a number from 0; -1 where that is not known.</returns>
    public int Add(VoiceVectors? voice, double seconds)
    {
        int utterance = _speakers.Count;
        _speakers.Add(-1);
        _atFirst.Add(-1);
        if (voice is null)
            return -1;
        if (_heard.Count >= _most)
            Forget();
        _heard.Add(new Heard(utterance, voice, IsNews: seconds >= ShortestNews || _heard.Count == 0));
        Regroup();
        return _atFirst[utterance] = _speakers[utterance];
    }

    private void Forget()
    {
        int speaker = _heard.CountBy(one => _speakers[one.Utterance]).MaxBy(group => group.Value).Key;
        _heard.RemoveAt(_heard.FindIndex(one => _speakers[one.Utterance] == speaker));
    }

    // The groups that were found get the numbers of those speakers whose utterances they mostly hold.
    private void Regroup()
    {
        Heard[] news = [.. _heard.Where(one => one.IsNews)];
        int[] groups = VoiceClusters.Find([.. news.Select(one => one.Vectors)], _count);
        var shared = news.Zip(groups)
            .SelectMany(pair => new[]
            {
                (Group: pair.Second, Speaker: _speakers[pair.First.Utterance], Weight: 2), (Group: pair.Second, Speaker: _atFirst[pair.First.Utterance], Weight: 1),
            })
            .Where(vote => vote.Speaker >= 0).GroupBy(vote => (vote.Group, vote.Speaker))
            .Select(votes => (votes.Key, Weight: votes.Sum(vote => vote.Weight)))
            .OrderByDescending(votes => votes.Weight).ThenBy(votes => votes.Key.Speaker);
        Dictionary<int, int> numbers = [];
        foreach (((int group, int speaker), _) in shared)
        {
            if (!numbers.ContainsKey(group) && !numbers.ContainsValue(speaker))
                numbers[group] = speaker;
        }

        for (int i = 0; i < groups.Length; i++)
        {
            if (!numbers.TryGetValue(groups[i], out int number))
                numbers[groups[i]] = number = _next++;
            _speakers[news[i].Utterance] = number;
        }

        // Too short to tell who there is, long enough to tell which of them.
        (int Number, VoiceGroup Voices)[] known =
            [.. groups.Distinct().Select(group => (numbers[group], new VoiceGroup([.. news.Where((_, i) => groups[i] == group).Select(one => one.Vectors)])))];
        foreach (Heard other in _heard.Where(one => !one.IsNews))
            _speakers[other.Utterance] = known.MaxBy(one => one.Voices.Likeness(other.Vectors.Voice)).Number;
    }

    private sealed record Heard(int Utterance, VoiceVectors Vectors, bool IsNews);
}
