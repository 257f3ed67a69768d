using Affekt.Torch;

namespace Affekt.Networks;

/// <summary>How branches treat what is missing. "present" is 1 where something is there and 0 where not.</summary>
internal static class MissingInputs
{
    /// <summary>The features where present, else 0: what is no number would stay so when multiplied by 0.</summary>
    public static Tensor ZeroMissing(Tensor features, Tensor present) => features.MaskedFill(present.EqualTo(0), 0);

    /// <summary>The features where present, else a learned vector in their place.</summary>
    public static Tensor FillMissing(Tensor features, Tensor present, Tensor standIn) =>
        (features * present) + (standIn * ((present * -1) + 1));

    /// <summary>Added to scores: so low where nothing is present that the weight is 0 in single precision.</summary>
    public static Tensor ScoreMask(Tensor present) => (present + -1) * 1e30;
}
