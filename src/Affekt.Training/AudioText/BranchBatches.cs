using Affekt.Corpora;
using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>Draws what each step of an audio-text run's epoch sees.</summary>
internal sealed class BranchBatches
{
    private readonly AudioTextRecipe _recipe;
    private readonly AudioTextData _data;
    private readonly Random _random;
    private readonly ILookup<int, SoundExample> _byLabel;
    private readonly SoundExample[] _order;
    private int _next;

    public BranchBatches(AudioTextRecipe recipe, AudioTextData data, Random random)
    {
        _recipe = recipe;
        _data = data;
        _random = random;
        _byLabel = data.TrainSounds.ToLookup(sound => sound.Label);
        _order = [.. data.TrainSounds];
        _next = _order.Length;
    }

    /// <summary>All training dialogues, a few for each step.</summary>
    public DialogueExample[][] ShuffledDialogues()
    {
        DialogueExample[] shuffled = [.. _data.Train];
        _random.Shuffle(shuffled);
        return [.. shuffled.Chunk(_recipe.Dialogues)];
    }

    /// <summary>Dialogues as a batch; a share of them with sounds of their labels, where each modality may then be missing.</summary>
    public BranchBatch Dialogues(IReadOnlyList<DialogueExample> dialogues)
    {
        BranchBatch batch = new(dialogues.Count, dialogues.Max(dialogue => dialogue.Labels.Count), MoonshineEncoder.Width);
        int row = 0;
        for (int d = 0; d < dialogues.Count; d++)
        {
            bool paired = _random.NextDouble() < _recipe.PairShare;
            bool speakersHidden = _random.NextDouble() < _recipe.SpeakerDropout;
            for (int i = 0; i < dialogues[d].Labels.Count; i++, row++)
            {
                MetadataFeatures metadata = dialogues[d].Metadata[i];
                if (speakersHidden)
                    metadata = metadata with { Speaker = 0 };
                int label = dialogues[d].Labels[i];
                float[]? sound = paired ? Pick(label) : null;
                // At most one of the two goes: something must be left to learn from.
                bool dropText = sound is not null && _random.NextDouble() < _recipe.ModalityDropout;
                if (!dropText && _random.NextDouble() < _recipe.ModalityDropout)
                    sound = null;
                batch.Set(d, i, dropText ? null : row, sound, metadata, label);
            }
        }

        return batch;
    }

    /// <summary>Sounds without text, each a dialogue of its own; every sound comes once in an epoch before any comes again.</summary>
    public BranchBatch Sounds()
    {
        List<SoundExample> sounds = [];
        while (sounds.Count < _recipe.Sounds)
        {
            if (_next == _order.Length)
            {
                _random.Shuffle(_order);
                _next = 0;
            }

            sounds.Add(_order[_next++]);
        }

        return OfSounds(sounds, _data.Vocabulary);
    }

    /// <summary>Sounds without text as a batch of dialogues of one utterance.</summary>
    public static BranchBatch OfSounds(IReadOnlyList<SoundExample> sounds, MetadataVocabulary vocabulary)
    {
        BranchBatch batch = new(sounds.Count, 1, MoonshineEncoder.Width);
        for (int i = 0; i < sounds.Count; i++)
        {
            MetadataFeatures metadata = new MetadataTracker(vocabulary).Next(null, sounds[i].DurationMs);
            batch.Set(i, 0, null, sounds[i].Features, metadata, sounds[i].Label);
        }

        return batch;
    }

    private float[]? Pick(int label)
    {
        SoundExample[] fitting = [.. _byLabel[label]];
        return fitting.Length == 0 ? null : fitting[_random.Next(fitting.Length)].Features;
    }
}

/// <summary>A dialogue as the branch reads it.</summary>
/// <param name="Tokens">Token ids of each utterance.</param>
/// <param name="Metadata">The categories of each utterance.</param>
/// <param name="Labels">The emotion's index of each utterance; -1 where there is none.</param>
internal sealed record DialogueExample(
    IReadOnlyList<long[]> Tokens, IReadOnlyList<MetadataFeatures> Metadata, IReadOnlyList<int> Labels)
{
    public const int NoLabel = -1;

    public static DialogueExample Of(Dialogue dialogue, TrainedTextEncoder encoder, MetadataVocabulary vocabulary) => new(
        [.. dialogue.Utterances.Select(utterance => encoder.Tokenize(utterance.Text ?? ""))],
        CorpusMetadata.Follow(vocabulary, dialogue),
        [.. dialogue.Utterances.Select(utterance => utterance.Label ?? NoLabel)]);
}
