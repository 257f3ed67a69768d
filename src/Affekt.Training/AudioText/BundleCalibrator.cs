using Affekt.Evaluation;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>
/// Fits how far to believe a bundle, on its weights as they are stored: temperatures for text and for sound on the dev
/// splits, the trust in sound beside text on a corpus of sound that it never heard, and the threshold for answers.
/// </summary>
internal static class BundleCalibrator
{
    /// <summary>Writes the calibration into the bundle and gives what was found, by name.</summary>
    public static IReadOnlyDictionary<string, double> Calibrate(RunFolder run, AudioTextRecipe recipe, AudioTextData data)
    {
        using Bundle bundle = Bundle.Open(run.Path, EncoderLocations.None);
        List<Answer> text = OfDialogues(bundle, data.Dev);
        List<Answer> sound = OfSounds(bundle, data.DevSounds, data.Vocabulary);
        List<Answer> strange = OfSounds(bundle, data.OtherSounds, data.Vocabulary);
        double textTemperature = Fit(text), soundTemperature = Fit(sound), strangeTemperature = Fit(strange);

        // Beside text, sound is to weigh what it would deserve on recordings unlike those that it was trained on:
        // (text + trust * sound) / T_text = text / T_text + sound / T_strange.
        double trust = Math.Min(1, textTemperature / strangeTemperature);
        using (AudioTextBranch branch = new(bundle.Config.AudioText.Network))
        {
            NetworkState.Load(branch, run.File(bundle.Config.AudioText.Weights));
            branch.AudioTrust = trust;
            NetworkState.Save(branch, run.File(bundle.Config.AudioText.Weights), halfPrecision: true);
        }

        Prediction[] predictions = [.. Predictions(text, textTemperature), .. Predictions(sound, soundTemperature)];
        double threshold = RiskCoverage.Choose(RiskCoverage.Curve(predictions), recipe.AbstainRisk)?.Threshold ?? 1;
        BundleConfig config = bundle.Config with
        {
            Calibration = new BundleCalibration(textTemperature, soundTemperature, textTemperature, threshold),
        };
        run.WriteAtomically(BundleConfig.FileName, config.ToJson());
        Scores textScores = Score(text), soundScores = Score(sound), strangeScores = Score(strange);
        return new Dictionary<string, double>
        {
            ["dev_text_weighted_f1"] = textScores.WeightedF1,
            ["dev_text_macro_f1"] = textScores.MacroF1,
            ["dev_sound_uar"] = soundScores.Uar,
            ["tess_uar"] = strangeScores.Uar,
            ["temperature_text"] = textTemperature,
            ["temperature_audio"] = soundTemperature,
            ["temperature_tess"] = strangeTemperature,
            ["audio_trust"] = trust,
            ["dev_text_ece"] = Calibration.ExpectedError([.. Predictions(text, textTemperature)]),
            ["dev_sound_ece"] = Calibration.ExpectedError([.. Predictions(sound, soundTemperature)]),
            ["abstain_below"] = threshold,
        };
    }

    private static List<Answer> OfDialogues(Bundle bundle, IReadOnlyList<DialogueExample> dialogues)
    {
        List<Answer> answers = [];
        foreach (DialogueExample dialogue in dialogues)
        {
            float[] values = bundle.TextEncoder.Encode(dialogue.Tokens);
            using DialogueMemory memory = new(bundle);
            int width = bundle.TextEncoder.Width;
            for (int i = 0; i < dialogue.Labels.Count; i++)
            {
                double[] logits = memory.NextLogits(
                    new UtteranceFeatures(values.AsSpan(i * width, width).ToArray(), null, dialogue.Metadata[i]));
                if (dialogue.Labels[i] != DialogueExample.NoLabel)
                    answers.Add(new Answer(logits, dialogue.Labels[i]));
            }
        }

        return answers;
    }

    private static List<Answer> OfSounds(Bundle bundle, IReadOnlyList<SoundExample> sounds, MetadataVocabulary vocabulary)
    {
        List<Answer> answers = [];
        foreach (SoundExample sound in sounds)
        {
            using DialogueMemory memory = new(bundle);
            MetadataFeatures metadata = new MetadataTracker(vocabulary).Next(null, sound.DurationMs);
            answers.Add(new Answer(
                memory.NextLogits(new UtteranceFeatures(null, sound.Features, metadata)), sound.Label));
        }

        return answers;
    }

    private static double Fit(List<Answer> answers) =>
        TemperatureScaling.Fit([.. answers.Select(answer => answer.Logits)], [.. answers.Select(answer => answer.Truth)]);

    private static IEnumerable<Prediction> Predictions(List<Answer> answers, double temperature) => answers.Select(
        (answer, i) => new Prediction($"{i}", $"{i}", answer.Truth, Softmax.Of(answer.Logits, temperature)));

    private static Scores Score(List<Answer> answers) => new ConfusionMatrix(
        answers.Select(answer => (answer.Truth, Array.IndexOf(answer.Logits, answer.Logits.Max())))).Score();

    private sealed record Answer(double[] Logits, int Truth);
}
