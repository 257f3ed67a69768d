using Affekt.Models.Persons;
using Affekt.Networks;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.AudioText;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sounds;

/// <summary>Fits the two linear maps that tell speakers apart: that of voices in one step and then by training, that of expressions in one step.</summary>
internal static class SpeakersRun
{
    // A batch: so many speakers of one corpus, so many utterances of each to know the speaker by, and as many to be told apart.
    private const int SpeakersOfBatch = 8;
    private const int UtterancesOfHalf = 4;

    // What a cosine is multiplied by before the softmax over speakers.
    private const double Sharpness = 12;

    /// <summary>Follows a recipe.</summary>
    public static void Follow(SpeakersRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        RunFolder run = context.Open(recipe);
        if (run.State.IsFinished)
            return;
        using TensorScope scope = new();
        string features = recipe.Resolve(recipe.Features), encoder = recipe.Resolve(recipe.Encoder);
        IReadOnlyList<VoicedSounds> voices = Read(new SoundExamples(features, SoundFeatureEncoder.Voice(encoder)));
        (Tensor mean, Tensor adaptation) = Adapt(voices, recipe);
        adaptation = Refine(voices, mean, adaptation, recipe, cancellation);
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
                return [.. recipe.Train.Select(part => VoicedSounds.Read(recipe, part, [], sounds, context.Progress, cancellation))];
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

    /// <summary>
    /// Trains the map so that an utterance lies nearer to the mean of others of its speaker than to those of other speakers, while these
    /// others express something else where the speaker's utterances do: what expressions change counts for less than one covariance within
    /// speakers tells.
    /// </summary>
    /// <returns>W [D, D], its largest element 1; in double precision.</returns>
    internal static Tensor Refine(IReadOnlyList<VoicedSounds> corpora, Tensor mean, Tensor weight, SpeakersRecipe recipe, CancellationToken cancellation)
    {
        using TensorScope scope = new();
        Random random = new(recipe.Seeds[0]);
        TorchRuntime.ManualSeed(recipe.Seeds[0]);
        int[][][] speakers = [.. corpora.Select(corpus => Enumerable.Range(0, corpus.Speakers.Count).Select(speaker => corpus.Of(speaker).ToArray())
            .Where(own => own.Length > 1).ToArray())];
        int[] usable = [.. Enumerable.Range(0, corpora.Count).Where(corpus => speakers[corpus].Length > 1)];
        if (recipe.Steps == 0 || usable.Length == 0)
            return scope.Keep(weight * 1);
        Tensor[] apart_ND = [.. corpora.Select(corpus => (Matrix([.. corpus.Sounds.Select(sound => sound.Copies[0])]) - mean).To(Dtype.Float32))];
        Tensor deviation_D = Tensor.Concat([.. apart_ND], 0).Variance(0).Sqrt() * recipe.Noise;
        Tensor start = weight.To(Dtype.Float32);
        double length = Tensor.Concat([.. apart_ND.Select(apart => Lengths(apart.MatMul(start.Transpose(0, 1))))], 0).Mean().Item();
        Tensor map = start * (1 / length);
        map.RequiresGrad = true;
        using AdamW optimizer = new([new ParameterGroup([("adaptation.weight", map)], recipe.LearningRate, new AdamWOptions { WeightDecay = 0 })]);
        for (int step = 0; step < recipe.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using TensorScope batch = new();
            optimizer.ClearGradients();
            foreach (int corpus in usable)
                Loss(corpora[corpus], speakers[corpus], apart_ND[corpus]).Backward();
            optimizer.Step(1);
        }

        map.RequiresGrad = false;
        Tensor trained = map.To(Dtype.Float64);
        return scope.Keep(trained * (1 / Operator.Get("aten::max").Call(Operator.Get("aten::abs").Call(trained)).Item()));

        Tensor Loss(VoicedSounds corpus, int[][] own, Tensor apart)
        {
            int[][] drawn = [.. own.OrderBy(_ => random.Next()).Take(SpeakersOfBatch)];
            List<long> known = [], asked = [];
            foreach (int[] speaker in drawn)
            {
                (int[] one, int[] other) = Halves(corpus, speaker, random);
                known.AddRange(Enumerable.Range(0, UtterancesOfHalf).Select(_ => (long)one[random.Next(one.Length)]));
                asked.AddRange(Enumerable.Range(0, UtterancesOfHalf).Select(_ => (long)other[random.Next(other.Length)]));
            }

            Tensor means_SD = Unit(Mapped(known).Reshape(drawn.Length, UtterancesOfHalf, -1).Mean(1));
            Tensor truth = Tensor.From<long>([.. Enumerable.Range(0, asked.Count).Select(i => (long)(i / UtterancesOfHalf))], asked.Count);
            return (Mapped(asked).MatMul(means_SD.Transpose(0, 1)) * Sharpness).CrossEntropy(truth);

            Tensor Mapped(List<long> places)
            {
                Tensor x_BD = apart.IndexSelect(0, Tensor.From<long>([.. places], places.Count));
                return Unit((x_BD + (Tensor.Randn(x_BD.Shape[0], x_BD.Shape[1]) * deviation_D)).MatMul(map.Transpose(0, 1)));
            }
        }
    }

    // A speaker's utterances in two parts that share no emotion, where there are more emotions than one.
    private static (int[] One, int[] Other) Halves(VoicedSounds corpus, int[] speaker, Random random)
    {
        int[] labels = [.. speaker.Select(i => corpus.Sounds[i].Label).Distinct().OrderBy(_ => random.Next())];
        HashSet<int> first = [.. labels.Take(Math.Max(1, labels.Length / 2))];
        ILookup<bool, int> parts = speaker.ToLookup(i => first.Contains(corpus.Sounds[i].Label));
        return labels.Length == 1 ? (speaker, speaker) : ([.. parts[true]], [.. parts[false]]);
    }

    private static Tensor Lengths(Tensor vectors) => ((vectors * vectors).Sum(1, keep: true) + 1e-12).Sqrt();

    private static Tensor Unit(Tensor vectors) => vectors / Lengths(vectors);

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
