namespace Affekt.Torch.Layers;

/// <summary>
/// A causal LSTM of one layer (Hochreiter and Schmidhuber, 1997): parameters <c>weight_ih_l0</c> [4H, in],
/// <c>weight_hh_l0</c> [4H, H], <c>bias_ih_l0</c> and <c>bias_hh_l0</c> [4H]; gates in the order input, forget, cell,
/// output.
/// </summary>
public sealed class Lstm : Module
{
    private readonly Tensor[] _weights;

    /// <summary>A layer from <paramref name="inputs"/> features to <paramref name="hidden"/> of state.</summary>
    public Lstm(long inputs, long hidden)
    {
        Hidden = hidden;
        double bound = 1 / Math.Sqrt(hidden);
        _weights =
        [
            Parameter("weight_ih_l0", Initial.Uniform(bound, 4 * hidden, inputs)),
            Parameter("weight_hh_l0", Initial.Uniform(bound, 4 * hidden, hidden)),
            Parameter("bias_ih_l0", Initial.Uniform(bound, 4 * hidden)),
            Parameter("bias_hh_l0", Initial.Uniform(bound, 4 * hidden)),
        ];
    }

    /// <summary>Features of the state, H.</summary>
    public long Hidden { get; }

    /// <summary>A state with nothing remembered, for a batch of B sequences.</summary>
    public LstmState ZeroState(long batch) => new(Zeros(batch), Zeros(batch));

    /// <summary>[B, T, in] and the state before to [B, T, H] and the state after.</summary>
    public (Tensor Output, LstmState State) Forward(Tensor x, LstmState state)
    {
        Tensor[] results = Operator.Get("aten::lstm.input").CallMany(
            x, new[] { state.Hidden, state.Cell }, _weights, true, 1, 0.0, Training, false, true);
        return (results[0], new LstmState(results[1], results[2]));
    }

    // Of the weights' type, and where they are.
    private Tensor Zeros(long batch) => Operator.Get("aten::new_zeros").Call(
        _weights[0], new[] { 1, batch, Hidden }, default, default, default, default);
}

/// <summary>What an LSTM remembers.</summary>
/// <param name="Hidden">[1, B, H].</param>
/// <param name="Cell">[1, B, H].</param>
public sealed record LstmState(Tensor Hidden, Tensor Cell);
