using Affekt.Models.Persons;
using Affekt.Networks;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Training.AudioText;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sounds;

/// <summary>Fits the two linear maps that tell speakers apart, each in one step.</summary>
public static class SpeakersRun
{
    /// <summary>Follows a recipe.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to write.</param>
    /// <param name="resume">Whether to go on with the run that the folder holds.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    public static void Follow(
        SpeakersRecipe recipe, string folder, bool resume, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        RunFolder run = RunFolder.Open(folder, recipe, resume);
        if (run.State.IsFinished)
            return;
        using TensorScope scope = new();
        string features = recipe.Resolve(recipe.Features), encoder = recipe.Resolve(recipe.Encoder);
        (Tensor mean, Tensor adaptation) = Adapt(Read(new SoundExamples(features, SoundFeatureEncoder.Voice(encoder))), recipe);
        (Tensor expression, Tensor bias) = Express(Read(new SoundExamples(features, VoicedSounds.Moonshine(cancellation))), recipe);
        using StateFile published = StateFile.Open(encoder);
        SafetensorsWriter.Write(
            run.File(SpeakerEncoder.FileName),
            [
                .. published.Tensors.Values.SelectMany(Compact),
                mean.To(Dtype.Float32).ToWrite("adaptation.mean"), adaptation.To(Dtype.Float16).ToWrite("adaptation.weight"),
                expression.To(Dtype.Float16).ToWrite("expression.weight"), bias.To(Dtype.Float32).ToWrite("expression.bias"),
            ],
            new Dictionary<string, string>
            {
                ["source"] = $"Resemblyzer (Apache-2.0), int8 rows; adapted on {string.Join(", ", recipe.Train.Select(part => Path.GetFileNameWithoutExtension(part.Root)).Distinct())}",
            });
        run.Finish();

        IReadOnlyList<VoicedSounds> Read(SoundExamples sounds)
        {
            using (sounds)
                return [.. recipe.Train.Select(part => VoicedSounds.Read(recipe, part, [], sounds, progress, cancellation))];
        }
    }

    private static IEnumerable<TensorToWrite> Compact(StoredTensor stored)
    {
        Tensor tensor = stored.ToTorch().To(Dtype.Float32);
        return tensor.Rank == 2 ? NetworkState.AsInt8Rows(stored.Name, tensor) : [tensor.ToWrite(stored.Name)];
    }

    /// <summary>
    /// Within-class covariance normalization (Hatch et al., 2006): with (v - mean) W^T two utterances of a speaker differ by about as
    /// much in every direction.
    /// </summary>
    /// <returns>[D], the mean of the speakers' means, and W [D, D], its largest element 1; in double precision.</returns>
    internal static (Tensor Mean, Tensor Weight) Adapt(IReadOnlyList<VoicedSounds> corpora, SpeakersRecipe recipe)
    {
        using TensorScope scope = new();
        long width = corpora[0].Sounds[0].Copies[0].Length;
        Tensor within = Tensor.Zeros(width, width).To(Dtype.Float64), means = Tensor.Zeros(width).To(Dtype.Float64);
        double all = 0, speakers = 0;
        foreach (VoicedSounds corpus in corpora)
        {
            for (int speaker = 0; speaker < corpus.Speakers.Count; speaker++)
            {
                float[][] voices = [.. corpus.Of(speaker).Select(i => corpus.Sounds[i].Copies[0])];
                if (voices.Length == 0)
                    continue;
                double counts = Math.Min(voices.Length, recipe.MostUtterances);
                Tensor x_ND = Matrix(voices), mean = x_ND.Mean(0);
                Tensor apart_ND = x_ND - mean;
                within = within + (apart_ND.Transpose(0, 1).MatMul(apart_ND) * (counts / Math.Max(1, voices.Length - 1)));
                means = means + mean;
                all += counts;
                speakers++;
            }
        }

        within = within * (1 / all);
        Tensor same = Identity(width);
        within = (within * (1 - recipe.Shrinkage)) + (same * (recipe.Shrinkage * (within * same).Sum().Item() / width));
        Tensor weight = Operator.Get("aten::linalg_inv").Call(Operator.Get("aten::linalg_cholesky").Call(within, false));
        double largest = Operator.Get("aten::max").Call(Operator.Get("aten::abs").Call(weight)).Item();
        return (scope.Keep(means * (1 / speakers)), scope.Keep(weight * (1 / largest)));
    }

    /// <summary>Ridge regression from features to which of the emotions an utterance was meant to express.</summary>
    /// <returns>[7, D] and [7], for features as they are, in double precision.</returns>
    internal static (Tensor Weight, Tensor Bias) Express(IReadOnlyList<VoicedSounds> corpora, SpeakersRecipe recipe)
    {
        using TensorScope scope = new();
        int classes = Emotions.Labels.Count;
        VoicedSound[] sounds = [.. corpora.SelectMany(corpus => corpus.Sounds)];
        double[] weights = [.. corpora.SelectMany(corpus => corpus.Sounds.Select(sound =>
            Math.Sqrt(corpus.Sounds.Count) / corpus.Sounds.Count(other => other.Label == sound.Label)))];
        double usual = weights.Average();
        Tensor x_ND = Matrix([.. sounds.Select(sound => sound.Copies[0])]);
        Tensor mean_D = x_ND.Mean(0), deviation_D = x_ND.Variance(0).Sqrt() + 1e-6;
        Tensor z_ND = (x_ND - mean_D) / deviation_D;
        Tensor y_NK = Tensor.From<double>(
            [.. sounds.SelectMany(sound => Enumerable.Range(0, classes).Select(label => (sound.Label == label ? 1 : 0) - (1.0 / classes)))], sounds.Length, classes);
        Tensor weighted_DN = (z_ND * Tensor.From<double>([.. weights.Select(one => one / usual)], sounds.Length, 1)).Transpose(0, 1);
        Tensor left = weighted_DN.MatMul(z_ND) + (Identity(z_ND.Shape[1]) * recipe.Ridge);
        Tensor weight_DK = Operator.Get("aten::linalg_solve").Call(left, weighted_DN.MatMul(y_NK), true) / deviation_D.Reshape(-1, 1);
        return (scope.Keep(weight_DK.Transpose(0, 1).Contiguous()), scope.Keep(mean_D.Reshape(1, -1).MatMul(weight_DK).Reshape(-1) * -1));
    }

    private static Tensor Matrix(float[][] rows) => Tensor.From<float>([.. rows.SelectMany(row => row)], rows.Length, rows[0].Length).To(Dtype.Float64);

    private static Tensor Identity(long width)
    {
        double[] one = new double[width * width];
        for (long i = 0; i < width; i++)
            one[(i * width) + i] = 1;
        return Tensor.From<double>(one, width, width);
    }
}
