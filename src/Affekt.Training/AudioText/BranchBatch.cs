using Affekt.Models;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Training.AudioText;

/// <summary>B dialogues, padded to the longest of T utterances, as the audio-text branch takes them.</summary>
internal sealed class BranchBatch
{
    private readonly int _batch;
    private readonly int _time;
    private readonly int _audioWidth;
    private readonly long[] _rows;
    private readonly float[] _hasText;
    private readonly float[] _audio;
    private readonly float[] _hasAudio;
    private readonly long[] _metadata;
    private readonly long[] _labels;

    public BranchBatch(int dialogues, int utterances, int audioWidth)
    {
        _batch = dialogues;
        _time = utterances;
        _audioWidth = audioWidth;
        int places = dialogues * utterances;
        _rows = new long[places];
        _hasText = new float[places];
        _audio = new float[places * audioWidth];
        _hasAudio = new float[places];
        _metadata = new long[places * MetadataFeatures.Names.Count];
        _labels = new long[places];
        Array.Fill(_labels, WeightedCrossEntropy.Unlabeled);
    }

    /// <summary>Labels [B * T], Int64; padding is left out by cross-entropy.</summary>
    public Tensor Labels => Tensor.From<long>(_labels, _labels.Length);

    /// <summary>Puts an utterance in its place.</summary>
    /// <param name="dialogue">Which dialogue.</param>
    /// <param name="index">Which utterance of it.</param>
    /// <param name="textRow">The row of its text's features; null where it has no text.</param>
    /// <param name="audio">Its sound's features; null where it has no sound.</param>
    /// <param name="metadata">Its categories.</param>
    /// <param name="label">Its emotion's index, or <see cref="DialogueExample.NoLabel"/>.</param>
    public void Set(int dialogue, int index, int? textRow, float[]? audio, MetadataFeatures metadata, int label)
    {
        int place = (dialogue * _time) + index;
        _rows[place] = textRow ?? 0;
        _hasText[place] = textRow is null ? 0 : 1;
        audio?.CopyTo(_audio, place * _audioWidth);
        _hasAudio[place] = audio is null ? 0 : 1;
        metadata.CopyTo(_metadata.AsSpan(place * MetadataFeatures.Names.Count));
        _labels[place] = label == DialogueExample.NoLabel ? WeightedCrossEntropy.Unlabeled : label;
    }

    /// <summary>The branch's input, with texts taken from rows of features [N, D], N at least 1.</summary>
    public AudioTextInput Input(Tensor texts) => new(
        texts.IndexSelect(0, Tensor.From<long>(_rows, _rows.Length)).Reshape(_batch, _time, texts.Shape[1]),
        Tensor.From<float>(_hasText, _batch, _time, 1),
        Tensor.From<float>(_audio, _batch, _time, _audioWidth),
        Tensor.From<float>(_hasAudio, _batch, _time, 1),
        Tensor.From<long>(_metadata, _batch, _time, MetadataFeatures.Names.Count));
}
