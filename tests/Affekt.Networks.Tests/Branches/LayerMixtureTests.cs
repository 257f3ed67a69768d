using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Tests.Branches;

public sealed class LayerMixtureTests : IDisposable
{
    private const double Rounding = 1e-5;

    // Three layers of two features, of four utterances.
    private static readonly float[][] _rows = [[1, 2, 0, -1, 4, 0], [2, 1, 1, 1, -4, 2], [0, 3, 2, 0, 0, 1], [1, 1, -1, 3, 8, 5]];

    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    // By PyTorch in double precision: loss = ((softmax(scores)[:, None] * x).sum(1) * c).sum(), with the mean and deviation of the sums.
    [Fact]
    public void Sums_gradients_and_statistics_are_those_of_the_reference()
    {
        using LayerMixture mixture = new(3, 2);
        mixture.NamedParameters().Single().Tensor.SetData(Tensor.From<float>([0.5f, -0.25f, 0.1f], 3));
        mixture.SetStatistics(_rows);
        Tensor states = Tensor.From<float>(_rows.SelectMany(row => row).ToArray(), 2, 2, 6);

        Tensor sums = mixture.Forward(states);
        (Tensor mean, Tensor deviation) = mixture.Statistics();
        ((sums * Tensor.From<float>([1, -2, 3, 0.5f, -1, 2, 0.25f, 1], 2, 2, 2)).Sum() + (deviation * Tensor.From<float>([1, 2], 2)).Sum()).Backward();

        Stored.Close([0.466704f, 0.220455f, 0.312841f], [.. mixture.Weights.Select(weight => (float)weight)], Rounding);
        Stored.Close([1.718067f, 0.712952f, -0.097501f, 1.312841f, 0.440911f, 1.712952f, 2.748976f, 2.692274f], sums.ToArray<float>(), Rounding);
        Stored.Close([1.202613f, 1.607755f], mean.ToArray<float>(), Rounding);
        Stored.Close([1.109889f, 0.720225f], deviation.ToArray<float>(), Rounding);
        Stored.Close([0.271928f, -0.359357f, 0.087429f], mixture.NamedParameters().Single().Tensor.Grad!.ToArray<float>(), 1e-4);
    }
}
