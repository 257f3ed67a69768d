using System.Globalization;
using System.Text;

namespace Affekt.Recognition.Persons;

/// <summary>Who is in a recording, from its utterances: voices by their names, faces as they were told apart.</summary>
public static class PersonTable
{
    // At most as many stretches, none shorter than this.
    private const int MostStretches = 120;
    private const int ShortestStretch = 10_000;

    /// <summary>The persons of a recording with what they said and express.</summary>
    /// <param name="utterances">The utterances, in their order.</param>
    /// <param name="found">
    /// Persons that were told apart before, of whom faces are known: <see cref="RecognizedPerson.Id"/>, name and face are taken over.
    /// </param>
    /// <param name="durationMs">The recording's length, in ms.</param>
    /// <returns>Those found, then speakers who are not among them, in the order of their first utterance; none where nobody has a name.</returns>
    public static IReadOnlyList<RecognizedPerson> Of(
        IReadOnlyList<RecognizedUtterance> utterances, IReadOnlyList<RecognizedPerson> found, int durationMs)
    {
        List<RecognizedPerson> persons = [.. found];
        int next = 1;
        foreach (string speaker in utterances.Select(one => one.Speaker).OfType<string>().Distinct())
        {
            if (persons.Exists(person => person.Name == speaker))
                continue;
            while (persons.Exists(person => person.Id == $"p{next}"))
                next++;
            persons.Add(new RecognizedPerson { Id = $"p{next}", Name = speaker });
        }

        double speech = utterances.Sum(one => (double)one.EndMs - one.StartMs);
        return [.. persons.Select(person => With(person, utterances, speech, durationMs))];
    }

    /// <summary>The result with another name for a person.</summary>
    /// <param name="result">A recognition.</param>
    /// <param name="id">Whose name changes.</param>
    /// <param name="name">The new name; where another person has it, both become one, as in <see cref="Merge"/>.</param>
    /// <exception cref="ArgumentException">There is no such person.</exception>
    public static RecognitionResult Rename(RecognitionResult result, string id, string name)
    {
        RecognizedPerson person = Find(result, id);
        if (result.Persons.FirstOrDefault(other => other.Name == name && other.Id != id) is { } same)
            return Merge(result, same.Id, id);
        return Anew(
            result,
            [.. result.Utterances.Select(one => one.Speaker == person.Name ? one with { Speaker = name } : one)],
            [.. result.Persons.Select(one => one.Id == id ? one with { Name = name } : one)]);
    }

    /// <summary>The result with two persons taken for one.</summary>
    /// <param name="result">A recognition.</param>
    /// <param name="into">Whose id and name stay.</param>
    /// <param name="from">Who is the same.</param>
    /// <exception cref="ArgumentException">There is no such person.</exception>
    public static RecognitionResult Merge(RecognitionResult result, string into, string from)
    {
        RecognizedPerson kept = Find(result, into), gone = Find(result, from);
        if (into == from)
            return result;
        PersonFace? face = kept.Face is null || gone.Face is null
            ? kept.Face ?? gone.Face
            : new PersonFace(kept.Face.SeenMs + gone.Face.SeenMs, [.. kept.Face.Stretches.Concat(gone.Face.Stretches).OrderBy(one => one.StartMs)])
            {
                Thumbnail = kept.Face.Thumbnail ?? gone.Face.Thumbnail,
            };
        return Anew(
            result,
            [.. result.Utterances.Select(one => Merged(one, kept, gone))],
            [.. result.Persons.Where(one => one.Id != from).Select(one => one.Id == into ? one with { Face = face } : one)]);
    }

    /// <summary>
    /// The persons as comma-separated values (RFC 4180): for each a row over the whole recording, with utterances, speech and its share,
    /// and one for each of its stretches, each with the mean probabilities.
    /// </summary>
    /// <param name="result">A recognition.</param>
    public static string ToCsv(RecognitionResult result)
    {
        StringBuilder csv = new();
        Row(["file", "person", "name", "start_ms", "end_ms", "utterances", "speech_ms", "share", "emotion", .. result.Labels.Names]);
        foreach (RecognizedPerson person in result.Persons)
        {
            string[] voice = person.Voice is { } heard
                ? [Text(heard.Utterances), Text(heard.SpeechMs), Text(Math.Round(heard.Share, 4))]
                : ["0", "0", "0"];
            Row([result.Input.File, person.Id, person.Name, "0", Text(result.Input.DurationMs), .. voice, .. Probabilities(person.Emotions, result.Labels)]);
            foreach (PersonMoment moment in person.OverTime)
            {
                Row(
                [
                    result.Input.File, person.Id, person.Name, Text(moment.StartMs), Text(moment.EndMs), "", "", "",
                    .. Probabilities(moment.Probabilities, result.Labels),
                ]);
            }
        }

        return csv.ToString();

        void Row(IEnumerable<string> fields) => csv.Append(string.Join(',', fields.Select(Quote))).Append("\r\n");
    }

    private static string[] Probabilities(EmotionProbabilities? probabilities, LabelSet labels) => probabilities is null
        ? [.. Enumerable.Repeat("", labels.Count + 1)]
        : [probabilities.TopLabel, .. probabilities.Values.Select(value => Text(Math.Round(value, 4)))];

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Quote(string field) =>
        field.AsSpan().ContainsAny("\",\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private static RecognizedPerson Find(RecognitionResult result, string id) => result.Persons.FirstOrDefault(person => person.Id == id)
        ?? throw new ArgumentException($"found no person {id}, expected one of {string.Join(", ", result.Persons.Select(person => person.Id))}", nameof(id));

    private static RecognizedUtterance Merged(RecognizedUtterance utterance, RecognizedPerson kept, RecognizedPerson gone) => utterance with
    {
        Speaker = utterance.Speaker == gone.Name ? kept.Name : utterance.Speaker,
        Face = utterance.Face?.Person == gone.Id ? utterance.Face with { Person = kept.Id } : utterance.Face,
        Listeners = utterance.Listeners is null
            ? null
            : [.. utterance.Listeners.Select(one => one.Person == gone.Id ? one with { Person = kept.Id } : one)],
    };

    private static RecognitionResult Anew(RecognitionResult result, IReadOnlyList<RecognizedUtterance> utterances, IReadOnlyList<RecognizedPerson> persons) =>
        result with { Utterances = utterances, Persons = Of(utterances, persons, result.Input.DurationMs) };

    private static RecognizedPerson With(
        RecognizedPerson person, IReadOnlyList<RecognizedUtterance> utterances, double speech, int durationMs)
    {
        RecognizedUtterance[] said = [.. utterances.Where(one => one.Speaker == person.Name)];
        int length = said.Sum(one => one.EndMs - one.StartMs);
        (int StartMs, int EndMs, EmotionProbabilities Probabilities)[] shown = said.Length > 0
            ? [.. said.Select(one => (one.StartMs, one.EndMs, one.Probabilities))]
            :
            [
                .. utterances.SelectMany(one => (one.Listeners ?? []).Where(listener => listener.Person == person.Id)
                    .Select(listener => (one.StartMs, one.EndMs, listener.Probabilities))),
            ];
        RecognizedUtterance[] sure = [.. said.Where(one => !one.Abstained)];
        return person with
        {
            Voice = said.Length > 0 ? new PersonVoice(said.Length, length, speech > 0 ? length / speech : 0) : null,
            Emotions = Mean(shown),
            OverTime = OverTime(shown, durationMs),
            Changes =
            [
                .. sure.Zip(sure.Skip(1)).Where(pair => pair.First.Label != pair.Second.Label)
                    .Select(pair => new EmotionChange(pair.Second.StartMs, pair.First.Label, pair.Second.Label)),
            ],
        };
    }

    private static EmotionProbabilities? Mean((int StartMs, int EndMs, EmotionProbabilities Probabilities)[] shown)
    {
        if (shown.Length == 0)
            return null;
        LabelSet labels = shown[0].Probabilities.Labels;
        double[] sums = new double[labels.Count];
        double all = 0;
        foreach ((int start, int end, EmotionProbabilities probabilities) in shown)
        {
            double weight = Math.Max(1, end - start);
            all += weight;
            for (int i = 0; i < sums.Length; i++)
                sums[i] += weight * probabilities.Values[i];
        }

        return new EmotionProbabilities(Array.ConvertAll(sums, sum => sum / all), labels);
    }

    // Utterances belong to the stretch in which their middle lies.
    private static IReadOnlyList<PersonMoment> OverTime(
        IReadOnlyList<(int StartMs, int EndMs, EmotionProbabilities Probabilities)> shown, int durationMs)
    {
        int step = Math.Max(ShortestStretch, (int)Math.Ceiling((double)durationMs / MostStretches));
        return
        [
            .. shown.GroupBy(one => (int)(((long)one.StartMs + one.EndMs) / 2 / step)).OrderBy(group => group.Key)
                .Select(group => new PersonMoment(group.Key * step, Math.Min((group.Key + 1) * step, Math.Max(durationMs, (group.Key * step) + 1)), Mean([.. group])!)),
        ];
    }
}
