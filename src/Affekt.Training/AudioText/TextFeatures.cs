using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Training.AudioText;

/// <summary>Text features of dialogues: computed anew, with gradients, while the encoder is trained; else computed once.</summary>
internal sealed class TextFeatures
{
    private const int AtOnce = 256;

    private readonly TrainedTextEncoder _encoder;
    private readonly Dictionary<long[], float[]>? _frozen;

    public TextFeatures(TrainedTextEncoder encoder, bool trained, IReadOnlyList<DialogueExample> dialogues)
    {
        _encoder = encoder;
        if (trained)
            return;
        _frozen = new(ReferenceEqualityComparer.Instance as IEqualityComparer<long[]>);
        foreach (long[][] chunk in dialogues.SelectMany(dialogue => dialogue.Tokens).Chunk(AtOnce))
        {
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            float[] values = encoder.Encode(chunk).ToArray<float>();
            for (int i = 0; i < chunk.Length; i++)
                _frozen.Add(chunk[i], values.AsSpan(i * encoder.Width, encoder.Width).ToArray());
        }
    }

    /// <summary>One row for each utterance of the dialogues, in order: [N, D].</summary>
    public Tensor Of(IReadOnlyList<DialogueExample> dialogues)
    {
        long[][] tokens = [.. dialogues.SelectMany(dialogue => dialogue.Tokens)];
        return _frozen is null
            ? _encoder.Encode(tokens)
            : Tensor.From<float>(tokens.SelectMany(text => _frozen[text]).ToArray(), tokens.Length, _encoder.Width);
    }
}
