using Affekt.Corpora;
using Affekt.Networks;

namespace Affekt.Training.Text;

/// <summary>A labeled text.</summary>
/// <param name="Tokens">Its token ids.</param>
/// <param name="Label">The label's index.</param>
internal sealed record TextExample(long[] Tokens, int Label);

/// <summary>Labeled texts, and batches of them.</summary>
internal static class TextExamples
{
    // Texts are shuffled, then sorted by length within stretches of this many: batches stay random and hold little padding.
    private const int SortedStretch = 2048;

    public static IReadOnlyList<TextExample> Of(Corpus corpus, Split split, TrainedTextEncoder encoder) =>
    [
        .. corpus.In(split).SelectMany(dialogue => dialogue.Utterances)
            .Where(utterance => utterance is { Text: not null, Label: not null })
            .Select(utterance => new TextExample(encoder.Tokenize(utterance.Text!), utterance.Label!.Value)),
    ];

    public static IReadOnlyList<IReadOnlyList<TextExample>> Batches(
        IReadOnlyList<TextExample> examples, int mostTexts, int mostTokens, Random random)
    {
        TextExample[] shuffled = [.. examples];
        random.Shuffle(shuffled);
        List<IReadOnlyList<TextExample>> batches = [];
        foreach (TextExample[] stretch in shuffled.Chunk(SortedStretch))
        {
            List<TextExample> batch = [];
            foreach (TextExample example in stretch.OrderBy(example => example.Tokens.Length))
            {
                // Sorted, so the newest is the longest: the batch takes its length for every text.
                if (batch.Count == mostTexts || (batch.Count > 0 && (batch.Count + 1) * example.Tokens.Length > mostTokens))
                {
                    batches.Add(batch);
                    batch = [];
                }

                batch.Add(example);
            }

            batches.Add(batch);
        }

        return batches;
    }
}
