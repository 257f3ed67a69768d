namespace Affekt.Models.Text;

/// <summary>A BERT or one of its relatives, frozen and ready for use, whatever computes it. Any number of threads may call it at once.</summary>
public interface ITextNetwork : IDisposable
{
    /// <summary>The sizes.</summary>
    TextNetworkConfig Config { get; }

    /// <summary>How many numbers were trained.</summary>
    long ParameterCount { get; }

    /// <summary>Tensors of the weights' file that the network has no place for, in its names, sorted.</summary>
    IReadOnlyList<string> Unused { get; }

    /// <summary>The last layer's states of all tokens [B, T, D], row by row; those of padding hold nothing of use.</summary>
    /// <param name="texts">B.</param>
    /// <param name="ids">Token ids [B, T].</param>
    /// <param name="mask">1 for a token, 0 for padding after it [B, T].</param>
    /// <param name="cancellation">Stops within the network, where what computes it can.</param>
    float[] LastStates(int texts, long[] ids, long[] mask, CancellationToken cancellation = default);
}
