using Affekt.Models;

namespace Affekt.Training.AudioText;

/// <summary>A dialogue with the features that were made of it before.</summary>
/// <param name="Text">Each utterance's text features; null where it has none.</param>
/// <param name="Audio">Each utterance's sound features; null where it has none.</param>
/// <param name="Metadata">Each utterance's categories.</param>
/// <param name="Labels">Each utterance's emotion's index, or <see cref="DialogueExample.NoLabel"/>.</param>
internal sealed record FeatureDialogue(
    IReadOnlyList<float[]?> Text, IReadOnlyList<float[]?> Audio, IReadOnlyList<MetadataFeatures> Metadata, IReadOnlyList<int> Labels)
{
    // Dialogues are shuffled, then sorted by length within stretches of this many steps: steps stay random and hold
    // little padding.
    private const int StepsInStretch = 16;

    /// <summary>
    /// Each utterance's dimensions, in the corpus's units, NaN where one has no value; an utterance without text and sound has none. Empty
    /// where none are learned.
    /// </summary>
    public IReadOnlyList<float[]> Dimensions { get; init; } = [];

    /// <summary>Whether an utterance has a label, or a value of a dimension.</summary>
    public bool IsKnown =>
        Labels.Any(label => label != DialogueExample.NoLabel) || Dimensions.Any(values => values.Any(value => !float.IsNaN(value)));

    /// <summary>Utterances.</summary>
    public int Count => Labels.Count;

    /// <summary>The same without sound; what then has nothing has no label to answer either.</summary>
    public FeatureDialogue WithoutAudio() => this with
    {
        Audio = [.. Audio.Select(_ => (float[]?)null)],
        Labels = [.. Labels.Select((label, i) => Text[i] is null ? DialogueExample.NoLabel : label)],
    };

    /// <summary>The same without words, likewise.</summary>
    public FeatureDialogue WithoutText() => this with
    {
        Text = [.. Text.Select(_ => (float[]?)null)],
        Labels = [.. Labels.Select((label, i) => Audio[i] is null ? DialogueExample.NoLabel : label)],
    };

    /// <summary>
    /// The same as a step of training sees it: text or sound go missing where both are there, and the speakers of all its utterances
    /// may be hidden.
    /// </summary>
    /// <param name="modality">How likely each modality of an utterance goes.</param>
    /// <param name="speakers">How likely the speakers are hidden.</param>
    /// <param name="random">Draws.</param>
    public FeatureDialogue Withhold(double modality, double speakers, Random random)
    {
        bool hidden = random.NextDouble() < speakers;
        float[]?[] text = [.. Text], audio = [.. Audio];
        for (int i = 0; i < Count; i++)
        {
            // At most one of the two goes: something must be left to learn from.
            if (text[i] is null || audio[i] is null)
                continue;
            if (random.NextDouble() < modality)
                text[i] = null;
            else if (random.NextDouble() < modality)
                audio[i] = null;
        }

        return this with
        {
            Text = text,
            Audio = audio,
            Metadata = hidden ? [.. Metadata.Select(metadata => metadata with { Speaker = 0 })] : Metadata,
        };
    }

    /// <summary>All dialogues once, a few of about the same length for each step.</summary>
    public static FeatureDialogue[][] Steps(IReadOnlyList<FeatureDialogue> dialogues, int inStep, Random random)
    {
        FeatureDialogue[] shuffled = [.. dialogues];
        random.Shuffle(shuffled);
        FeatureDialogue[][] steps =
        [
            .. shuffled.Chunk(inStep * StepsInStretch)
                .SelectMany(stretch => stretch.OrderBy(dialogue => dialogue.Count).Chunk(inStep)),
        ];
        random.Shuffle(steps);
        return steps;
    }
}
