using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sounds;

/// <summary>
/// Draws training batches: corpora by the root of their size times their weight, classes alike, any copy, and for each sound a
/// baseline of other sounds of its speaker in the same kind of copy, as they would be in one recording.
/// </summary>
internal sealed class SoundDraws
{
    private readonly SoundRecipe _recipe;
    private readonly (VoicedSounds Corpus, int Sound)[] _sounds;
    private readonly double[] _upTo;

    public SoundDraws(SoundRecipe recipe, IReadOnlyList<VoicedSounds> corpora)
    {
        _recipe = recipe;
        _sounds = [.. corpora.SelectMany(corpus => Enumerable.Range(0, corpus.Sounds.Count).Select(sound => (corpus, sound)))];
        double[] weights = Weights(corpora);
        _upTo = new double[weights.Length];
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
            _upTo[i] = sum += weights[i];
        HomeShare = weights.Where((_, i) => _sounds[i].Corpus.Home).Sum() / sum;
    }

    /// <summary>How many sounds there are, without copies.</summary>
    public int Count => _sounds.Length;

    /// <summary>The share of what is drawn that is of home corpora.</summary>
    public double HomeShare { get; }

    /// <summary>A batch, its labels [B], and whether each sound is of a home corpus, 0 or 1 [B].</summary>
    public (SoundInput Input, Tensor Labels, Tensor Home) Next(Random random)
    {
        int width = MoonshineEncoder.Width, batch = _recipe.Batch;
        float[] features = new float[batch * width], baseline = new float[batch * width], counts = new float[batch];
        long[] labels = new long[batch], home = new long[batch];
        for (int row = 0; row < batch; row++)
        {
            (VoicedSounds corpus, int sound) = _sounds[Draw(random)];
            VoicedSound drawn = corpus.Sounds[sound];
            int copy = drawn.Copies.Length == 1 || random.NextDouble() < _recipe.Unaltered ? 0 : random.Next(1, drawn.Copies.Length);
            drawn.Copies[copy].CopyTo(features, row * width);
            labels[row] = drawn.Label;
            home[row] = corpus.Home ? 1 : 0;
            int wanted = random.NextDouble() < _recipe.UnknownVoices
                ? 0
                : (int)Math.Round(Math.Pow(_recipe.MostUtterances, random.NextDouble()));
            bool neutral = random.NextDouble() < _recipe.NeutralBaselines;
            counts[row] = corpus.Baseline(sound, wanted, copy, neutral, random, baseline.AsSpan(row * width, width));
        }

        return (
            new SoundInput(Tensor.From<float>(features, batch, width), Tensor.From<float>(baseline, batch, width), Tensor.From<float>(counts, batch, 1)),
            Tensor.From<long>(labels, batch), Tensor.From<long>(home, batch));
    }

    /// <summary>A share from the symmetric Beta distribution (Joehnk, 1964): near 0 or 1 where a is small.</summary>
    /// <param name="a">Both parameters, above 0.</param>
    /// <param name="random">Draws.</param>
    internal static double Beta(double a, Random random)
    {
        while (true)
        {
            double x = Math.Pow(random.NextDouble(), 1 / a), y = Math.Pow(random.NextDouble(), 1 / a);
            if (x + y is > 0 and <= 1)
                return x / (x + y);
        }
    }

    private int Draw(Random random)
    {
        int found = Array.BinarySearch(_upTo, random.NextDouble() * _upTo[^1]);
        return Math.Min(_upTo.Length - 1, found < 0 ? ~found : found + 1);
    }

    /// <summary>In each corpus all classes count the same, a corpus by the root of its size times its weight; then all classes the same over all corpora.</summary>
    private double[] Weights(IReadOnlyList<VoicedSounds> corpora)
    {
        List<double> weights = [];
        foreach (VoicedSounds corpus in corpora)
        {
            int[] counts = new int[Emotions.Count];
            foreach (VoicedSound sound in corpus.Sounds)
                counts[sound.Label]++;
            double share = corpus.Weight * Math.Sqrt(corpus.Sounds.Count) / counts.Count(count => count > 0);
            weights.AddRange(corpus.Sounds.Select(sound => share / counts[sound.Label]));
        }

        double[] ofClass = new double[Emotions.Count];
        foreach ((int i, double weight) in weights.Index())
            ofClass[Label(i)] += weight;
        return [.. weights.Select((weight, i) => weight / ofClass[Label(i)])];
    }

    private int Label(int i) => _sounds[i].Corpus.Sounds[_sounds[i].Sound].Label;
}
