namespace Affekt.Models.Audio;

/// <summary>A wav2vec 2.0, frozen and ready for use, whatever computes it. Any number of threads may call it at once.</summary>
public interface IWav2Vec2Network : IDisposable
{
    /// <summary>The sizes.</summary>
    Wav2Vec2Config Config { get; }

    /// <summary>Tensors of the weights' file that the network has no place for, in its names, sorted.</summary>
    IReadOnlyList<string> Unused { get; }

    /// <summary>Whether there is a layer for transcripts.</summary>
    bool HasHead { get; }

    /// <summary>The last layer's states of each sound, which do not depend on the other sounds.</summary>
    /// <param name="sounds">
    /// At 16 kHz and scaled as the network was trained, each at least <see cref="Wav2Vec2Config.ShortestSound"/> long.
    /// </param>
    /// <param name="cancellation">Stops within the network, where what computes it can.</param>
    /// <returns>For each sound its [T, D], row by row.</returns>
    IReadOnlyList<float[]> States(IReadOnlyList<float[]> sounds, CancellationToken cancellation = default);

    /// <summary>The scores of characters and blank for each frame, before softmax: states [T, D] to [T, V].</summary>
    /// <exception cref="InvalidOperationException">There is no layer for transcripts.</exception>
    float[] Logits(float[] states);
}
