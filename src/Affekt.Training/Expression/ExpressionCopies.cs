using Affekt.Networks;
using Affekt.Torch;
using Affekt.Training.Recipes;
using Affekt.Training.Sounds;

namespace Affekt.Training.Expression;

/// <summary>
/// Copies of the network that each work on a part of a step, on a thread of their own. The first one is trained; the others
/// give it their gradients and take its weights. The same seed gives the same numbers, however the threads run.
/// </summary>
internal sealed class ExpressionCopies : IDisposable
{
    private readonly ExpressionRecipe _recipe;
    private readonly ExpressionNetwork[] _networks;
    private readonly float[] _targets;
    private readonly int _threadsBefore = TorchRuntime.Threads;

    /// <param name="recipe">What to do.</param>
    /// <param name="targets">What each of the faces is to be taken for, [n, 7].</param>
    public ExpressionCopies(ExpressionRecipe recipe, float[] targets)
    {
        _recipe = recipe;
        _targets = targets;
        _networks = [.. Enumerable.Range(0, recipe.Copies).Select(_ => new ExpressionNetwork())];
        foreach (ExpressionNetwork network in _networks)
        {
            network.UseMixedPrecision(recipe.Precision == "bf16");
            network.Train();
        }

        if (recipe.Start is { } start)
            NetworkState.Load(Network, recipe.Resolve(start));
        CopyWeights();
        TorchRuntime.Threads = Math.Max(1, _threadsBefore / recipe.Copies);
    }

    /// <summary>The network that is trained.</summary>
    public ExpressionNetwork Network => _networks[0];

    /// <summary>Adds the gradients of some faces, altered at random, to <see cref="Network"/>.</summary>
    /// <returns>Their mean loss.</returns>
    public double Accumulate(Faces faces, ReadOnlyMemory<int> batch, int size, Random random)
    {
        int part = batch.Length / _networks.Length;
        int[] seeds = [.. _networks.Select(_ => random.Next())];
        double[] losses = new double[_networks.Length];
        Parallel.For(0, _networks.Length, new ParallelOptions { MaxDegreeOfParallelism = _networks.Length }, i => losses[i] =
            Backward(_networks[i], faces, batch.Span.Slice(i * part, part), size, new Random(seeds[i])));

        using GradMode noGrad = GradMode.NoGrad();
        foreach (ExpressionNetwork other in _networks.Skip(1))
        {
            using TensorScope scope = new();
            foreach (((_, Tensor own), (_, Tensor theirs)) in Network.NamedParameters().Zip(other.NamedParameters()))
            {
                own.Grad!.AddScaled(theirs.Grad!, 1);
                theirs.ClearGrad();
            }
        }

        return losses.Sum();
    }

    /// <summary>Gives the trained network's weights to the others.</summary>
    public void CopyWeights()
    {
        using GradMode noGrad = GradMode.NoGrad();
        foreach (ExpressionNetwork other in _networks.Skip(1))
        {
            foreach (((_, Tensor own), (_, Tensor theirs)) in Network.NamedParameters().Zip(other.NamedParameters()))
                theirs.CopyFrom(own);
        }
    }

    public void Dispose()
    {
        foreach (ExpressionNetwork network in _networks)
            network.Dispose();
        TorchRuntime.Threads = _threadsBefore;
    }

    private double Backward(ExpressionNetwork network, Faces faces, ReadOnlySpan<int> part, int size, Random random)
    {
        using TensorScope scope = new();
        float[] pixels = Pictures(faces, part, size, _recipe.Augmentation, random);
        float[] targets = new float[part.Length * Emotions.Count];
        for (int i = 0; i < part.Length; i++)
            _targets.AsSpan(part[i] * Emotions.Count, Emotions.Count).CopyTo(targets.AsSpan(i * Emotions.Count));
        if (_recipe.Mixing > 0)
            Mix(pixels, targets, part.Length, _recipe.Mixing, random);
        Tensor features = network.Features(Tensor.From<float>(pixels, part.Length, 1, size, size));

        // Dropped here and not by libtorch, whose one generator the threads would draw from in any order.
        float[] kept = new float[features.Count];
        for (int i = 0; i < kept.Length; i++)
            kept[i] = random.NextDouble() < _recipe.Dropout ? 0 : (float)(1 / (1 - _recipe.Dropout));
        Tensor logits = network.Logits(features * Tensor.From<float>(kept, [.. features.Shape]));
        Tensor target = Tensor.From<float>(targets, part.Length, Emotions.Count);
        Tensor loss = logits.CrossEntropy(target, null, _recipe.LabelSmoothing) / _networks.Length;
        loss.Backward();
        return loss.Item();
    }

    // mixup (Zhang et al., 2018): each face is joined with its neighbor in the part, and so is what they are taken for.
    private static void Mix(float[] pixels, float[] targets, int count, double parameter, Random random)
    {
        float[] shares = [.. Enumerable.Range(0, count).Select(_ => (float)SoundDraws.Beta(parameter, random))];
        Join(pixels);
        Join(targets);

        void Join(float[] rows)
        {
            int width = rows.Length / count;
            float[] first = rows[..width];
            for (int i = 0; i < count; i++)
            {
                Span<float> row = rows.AsSpan(i * width, width);
                ReadOnlySpan<float> next = i + 1 < count ? rows.AsSpan((i + 1) * width, width) : first;
                for (int at = 0; at < width; at++)
                    row[at] = next[at] + (shares[i] * (row[at] - next[at]));
            }
        }
    }

    private static float[] Pictures(Faces faces, ReadOnlySpan<int> batch, int size, FaceAugmentation limits, Random random)
    {
        float[] pixels = new float[batch.Length * size * size];
        for (int i = 0; i < batch.Length; i++)
        {
            Span<float> picture = pixels.AsSpan(i * size * size, size * size);
            FaceMotion motion = FaceMotion.Draw(limits, random);
            ReadOnlySpan<byte> face = faces.Face(batch[i]);
            if (limits.Mouth > 0 && random.NextDouble() < limits.Mouth)
                face = FaceDisturbance.OpenMouth(face, Faces.Side, random);
            motion.Apply(face, Faces.Side, picture, size);
            FaceDisturbance.Apply(limits, picture, size, random);
            if (random.NextDouble() < limits.Cover)
                CoverSquare(picture, size, random);
        }

        return pixels;
    }

    // Cutout (DeVries and Taylor, 2017), with the picture's mean so that nothing bright or dark appears.
    private static void CoverSquare(Span<float> picture, int size, Random random)
    {
        int side = random.Next(size / 8, (size / 3) + 1);
        int left = random.Next(0, size - side + 1), top = random.Next(0, size - side + 1);
        float sum = 0;
        foreach (float value in picture)
            sum += value;
        for (int row = top; row < top + side; row++)
            picture.Slice((row * size) + left, side).Fill(sum / picture.Length);
    }
}
