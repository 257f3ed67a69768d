using System.Globalization;
using Affekt.Corpora;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>
/// CREMA-D's votes (Cao et al., 2014): what people saw and heard in clips whose emotion an actor meant. A draw tells what voice and face
/// of one such clip show. Viewers had six emotions to choose from: how surprise looks to people, FER+'s votes (Barsoum et al., 2016) tell.
/// </summary>
internal sealed class HumanVotes
{
    private static readonly Emotion[] _order =
        [Emotion.Anger, Emotion.Disgust, Emotion.Fear, Emotion.Joy, Emotion.Neutral, Emotion.Sadness];

    private static readonly Dictionary<string, Emotion> _meant = new()
    {
        ["ANG"] = Emotion.Anger,
        ["DIS"] = Emotion.Disgust,
        ["FEA"] = Emotion.Fear,
        ["HAP"] = Emotion.Joy,
        ["NEU"] = Emotion.Neutral,
        ["SAD"] = Emotion.Sadness,
    };

    private readonly Dictionary<Emotion, List<(int[] Voice, int[] Face)>> _clips = [];

    // Of those who see an emotion in a face, the share that would say surprise; and what a face that means surprise shows instead. Null where nobody tells.
    private readonly (double[] Surprised, double[] Instead)? _surprise;

    private HumanVotes(IReadOnlyList<IReadOnlyList<double>>? confusion)
    {
        const int Surprise = (int)Emotion.Surprise;
        if (confusion is null)
            return;
        double[] instead = [.. confusion[Surprise].Select((share, i) => i == Surprise ? 0 : share)];
        _surprise = (
            [.. confusion.Select((seen, i) => i == Surprise ? 0 : seen[Surprise] / (seen[Surprise] + seen[i]))],
            Array.ConvertAll(instead, share => share / instead.Sum()));
    }

    /// <summary>Reads what a recipe that has votes names.</summary>
    /// <exception cref="RecipeException">A file is not as stated.</exception>
    public static HumanVotes Of(FusionRecipe recipe)
    {
        try
        {
            return Read(recipe.Resolve(recipe.Votes!), recipe.Ferplus is { } file ? FerPlusVotes.ReadConfusion(recipe.Resolve(file)) : null);
        }
        catch (CorpusException e)
        {
            throw new RecipeException(recipe.File, "ferplus", e.Found, e.Expected, e);
        }
    }

    /// <summary>Reads votes.csv: clip, what was shown (voice, face or both), votes for A, D, F, H, N, S.</summary>
    /// <param name="file">The file.</param>
    /// <param name="confusion">What people see in faces of which most see the same, as FER+ has it; null where surprise is taken to look like nothing else.</param>
    /// <exception cref="RecipeException">The file is not as stated.</exception>
    public static HumanVotes Read(string file, IReadOnlyList<IReadOnlyList<double>>? confusion = null)
    {
        const string Header = "clip,shown,A,D,F,H,N,S";
        Dictionary<string, int[]> voices = [], faces = [];
        int number = 0;
        try
        {
            foreach (string line in File.ReadLines(file))
            {
                if (number++ == 0)
                {
                    if (line != Header)
                        throw Wrong($"\"{line}\"", Header);
                    continue;
                }

                string[] fields = line.Split(',');
                if (fields.Length != 2 + _order.Length || Meant(fields[0]) is null)
                    throw Wrong($"\"{line}\"", "a clip of CREMA-D, what was shown, and six numbers of votes");
                int[] votes = [.. fields[2..].Select(field => int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                    ? count
                    : throw Wrong($"\"{field}\"", "a number of votes"))];
                if (fields[1] is "voice" or "face" && votes.Sum() > 0)
                    (fields[1] == "voice" ? voices : faces)[fields[0]] = votes;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException(file, "votes", e.Message, "CREMA-D's votes.csv", e);
        }

        HumanVotes read = new(confusion);
        foreach ((string clip, int[] voice) in voices.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!faces.TryGetValue(clip, out int[]? face))
                continue;
            Emotion meant = Meant(clip)!.Value;
            if (!read._clips.TryGetValue(meant, out List<(int[] Voice, int[] Face)>? clips))
                read._clips.Add(meant, clips = []);
            clips.Add((voice, face));
        }

        return read._clips.Count == _order.Length ? read : throw Wrong($"clips of {read._clips.Count} emotions", "clips of six");

        RecipeException Wrong(string found, string expected) => new(file, $"line {number}", found, expected);
    }

    /// <summary>
    /// What voice and face show of an emotion that somebody means. Surprise, which CREMA-D lacks, is taken to be shown as often as an emotion
    /// drawn from the others is: votes for that one count for surprise. What a face shows instead, and how often it is taken for surprised
    /// where something else is meant, FER+ tells.
    /// </summary>
    public (Emotion Voice, Emotion Face) Draw(Emotion meant, Random random)
    {
        Emotion like = meant;
        while (like == Emotion.Surprise || (meant == Emotion.Surprise && like == Emotion.Neutral))
            like = _order[random.Next(_order.Length)];
        List<(int[] Voice, int[] Face)> clips = _clips[like];
        (int[] voice, int[] face) = clips[random.Next(clips.Count)];
        Emotion heard = Shown(voice), seen = Shown(face);
        if (_surprise is not { } surprise || seen == Emotion.Surprise)
            return (heard, seen);
        if (meant == Emotion.Surprise)
            return (heard, Instead(surprise.Instead));
        return (heard, random.NextDouble() < surprise.Surprised[(int)seen] ? Emotion.Surprise : seen);

        Emotion Shown(int[] votes)
        {
            int left = random.Next(votes.Sum());
            int choice = 0;
            while ((left -= votes[choice]) >= 0)
                choice++;
            return _order[choice] == like ? meant : _order[choice];
        }

        Emotion Instead(double[] shares)
        {
            double left = random.NextDouble();
            return Enum.GetValues<Emotion>().FirstOrDefault(emotion => (left -= shares[(int)emotion]) < 0);
        }
    }

    /// <summary>How often faces show each emotion, for each that somebody means, in label order; surprise as in <see cref="Draw"/>.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Faces() => [.. Enum.GetValues<Emotion>().Select(Of)];

    private double[] Of(Emotion meant)
    {
        const int Surprise = (int)Emotion.Surprise;
        double[] shares = new double[Emotions.Count];
        Emotion[] alike = meant == Emotion.Surprise ? [.. _order.Where(emotion => emotion != Emotion.Neutral)] : [meant];
        foreach (Emotion like in alike)
        {
            foreach ((_, int[] face) in _clips[like])
            {
                double all = (double)face.Sum() * _clips[like].Count * alike.Length;
                for (int i = 0; i < face.Length; i++)
                    shares[(int)(_order[i] == like ? meant : _order[i])] += face[i] / all;
            }
        }

        if (_surprise is not { } surprise)
            return shares;
        if (meant == Emotion.Surprise)
            return [.. surprise.Instead.Select((share, i) => i == Surprise ? shares[i] : (1 - shares[Surprise]) * share)];
        double[] seen = [.. shares.Select((share, i) => share * (1 - surprise.Surprised[i]))];
        seen[Surprise] = 1 - seen.Sum();
        return seen;
    }

    private static Emotion? Meant(string clip) =>
        clip.Split('_') is [_, _, { } name, _] && _meant.TryGetValue(name, out Emotion emotion) ? emotion : null;
}
