using System.Globalization;
using Affekt.Evaluation;
using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Training.Sounds;

/// <summary>How well a sound branch does on corpora, knowing nothing, a little, or all else of a speaker.</summary>
/// <param name="Rows">A corpus's scores under each of <see cref="Conditions"/>.</param>
internal sealed record SoundScores(IReadOnlyList<(string Corpus, IReadOnlyList<SoundScore> Scores)> Rows)
{
    /// <summary>How many other utterances of the speaker are known, and what that is called.</summary>
    public static readonly IReadOnlyList<(string Name, int Utterances)> Conditions =
        [("none", 0), ("1", 1), ("2", 2), ("4", 4), ("8", 8), ("all", int.MaxValue)];

    // Of the conditions those that choose: as strangers come, and as they are known after a while.
    private static readonly string[] _choosing = ["none", "2", "8", "all"];

    private const int ScoredTogether = 256;

    // Baselines are drawn alike in every epoch.
    private const int Seed = 1;

    /// <summary>The mean recall over corpora and conditions.</summary>
    public double Mean => Rows.SelectMany(row => Conditions.Zip(row.Scores).Where(one => _choosing.Contains(one.First.Name)))
        .Average(one => one.Second.Uar);

    /// <summary>Asks a branch.</summary>
    public static SoundScores Of(SoundBranch branch, IReadOnlyList<VoicedSounds> corpora) =>
        new([.. corpora.Select(corpus => (corpus.Name, (IReadOnlyList<SoundScore>)[.. Conditions.Select(condition => Score(branch, corpus, condition.Utterances))]))]);

    /// <summary>
    /// Fits what the branch's logits are divided by: for voices that are unknown and for those that are known well, on corpora that it
    /// was not trained on; and for what sounds like a home corpus, on that corpus's speakers who were not.
    /// </summary>
    /// <param name="branch">The branch.</param>
    /// <param name="corpora">Speakers and corpora that it was not trained on.</param>
    /// <param name="home">The names of the home corpora; where there are none, or nothing else is at hand, all corpora count for all.</param>
    /// <param name="doubt">The share of the home corpora's labels that are taken to be another, drawn at random.</param>
    public static void Calibrate(SoundBranch branch, IReadOnlyList<VoicedSounds> corpora, IReadOnlyList<string> home, double doubt)
    {
        IReadOnlyList<VoicedSounds> known = branch.Config.HomeNetworks > 0 ? [.. corpora.Where(corpus => home.Contains(corpus.Name))] : [];
        IReadOnlyList<VoicedSounds> strange = [.. corpora.Except(known)];
        branch.SetTemperatures(1, 1, 1);
        double unknown = Fit(strange, 0, 0), usual = Fit(strange, int.MaxValue, 0);
        branch.SetTemperatures(unknown, usual, Fit(known, 0, doubt));

        double Fit(IReadOnlyList<VoicedSounds> some, int utterances, double wrong)
        {
            Random random = new(Seed);
            IReadOnlyList<VoicedSounds> heard = some.Count > 0 ? some : corpora;
            double[][] logits = [.. heard.SelectMany(corpus => Logits(branch, corpus, utterances))];
            int[] truth = [.. heard.SelectMany(corpus => corpus.Sounds).Select(
                sound => random.NextDouble() < wrong ? (sound.Label + random.Next(1, Emotions.Count)) % Emotions.Count : sound.Label)];
            return TemperatureScaling.Fit(logits, truth);
        }
    }

    /// <summary>All as metrics.jsonl has it.</summary>
    public IReadOnlyDictionary<string, double> ToMetrics(double trainLoss)
    {
        Dictionary<string, double> metrics = [];
        if (!double.IsNaN(trainLoss))
            metrics["train_loss"] = trainLoss;
        metrics["mean_uar"] = Mean;
        foreach ((string corpus, IReadOnlyList<SoundScore> scores) in Rows)
        {
            foreach (((string name, _), SoundScore score) in Conditions.Zip(scores))
            {
                metrics[$"{corpus}_{name}_uar"] = score.Uar;
                metrics[$"{corpus}_{name}_ece"] = score.CalibrationError;
            }
        }

        return metrics;
    }

    /// <summary>One line: each corpus's recall knowing nothing and knowing all.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"UAR {Mean:F4} ({string.Join(", ", Rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Corpus} {row.Scores[0].Uar:F3}-{row.Scores[^1].Uar:F3}")))})");

    private static SoundScore Score(SoundBranch branch, VoicedSounds corpus, int utterances)
    {
        Prediction[] predictions =
        [
            .. Logits(branch, corpus, utterances).Select((logits, i) => new Prediction(
                $"{i}", $"{i}", corpus.Sounds[i].Label, Softmax.Of(logits, 1))),
        ];
        return new SoundScore(
            new ConfusionMatrix(predictions.Select(one => (one.Truth, Array.IndexOf([.. one.Probabilities], one.Probabilities.Max())))).Score().Uar,
            Calibration.ExpectedError(predictions));
    }

    private static List<double[]> Logits(SoundBranch branch, VoicedSounds corpus, int utterances)
    {
        using GradMode noGrad = GradMode.NoGrad();
        Random random = new(Seed);
        int width = MoonshineEncoder.Width;
        List<double[]> answers = [];
        foreach (int[] chunk in Enumerable.Range(0, corpus.Sounds.Count).Chunk(ScoredTogether))
        {
            using TensorScope scope = new();
            float[] features = new float[chunk.Length * width], baseline = new float[chunk.Length * width], counts = new float[chunk.Length];
            foreach ((int row, int sound) in chunk.Index())
            {
                corpus.Sounds[sound].Copies[0].CopyTo(features, row * width);
                counts[row] = corpus.Baseline(sound, utterances, 0, false, random, baseline.AsSpan(row * width, width));
            }

            float[] logits = branch.Forward(new SoundInput(
                Tensor.From<float>(features, chunk.Length, width), Tensor.From<float>(baseline, chunk.Length, width),
                Tensor.From<float>(counts, chunk.Length, 1))).ToArray<float>();
            answers.AddRange(logits.Chunk(Emotions.Count).Select(row => Array.ConvertAll(row, value => (double)value)));
        }

        return answers;
    }
}

/// <summary>A corpus's scores under one condition.</summary>
/// <param name="Uar">Mean recall over the classes that the corpus has.</param>
/// <param name="CalibrationError">Expected calibration error.</param>
internal sealed record SoundScore(double Uar, double CalibrationError);
