using System.Diagnostics.CodeAnalysis;
using Affekt.Corpora;

namespace Affekt.Training.Features;

/// <summary>What a feature store holds of some utterances, found by what the utterances are now.</summary>
public sealed class CorpusFeatures
{
    private readonly Dictionary<string, StoredFeature> _byUtterance;

    private CorpusFeatures(Dictionary<string, StoredFeature> byUtterance) => _byUtterance = byUtterance;

    /// <summary>Utterances that there is a feature of.</summary>
    public int Count => _byUtterance.Count;

    /// <summary>Reads one kind of feature of all utterances that have the modality. Their files are read to tell whether they have changed.</summary>
    /// <param name="store">The store.</param>
    /// <param name="encoder">The encoder that the features must be from.</param>
    /// <param name="output">Which of its features.</param>
    /// <param name="utterances">The utterances.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="FeatureStoreException">The store cannot be read.</exception>
    public static async Task<CorpusFeatures> ReadAsync(
        FeatureStore store, FeatureEncoder encoder, FeatureOutput output, IEnumerable<Utterance> utterances,
        CancellationToken cancellation = default)
    {
        Dictionary<string, StoredFeature> found = [];
        foreach (Utterance utterance in utterances.Where(encoder.Reads))
        {
            if (await IdentifyAsync(encoder, utterance, cancellation).ConfigureAwait(false) is { } content && store.Find(output.Key(content)) is { } feature)
                found[utterance.Id] = feature;
        }

        return new CorpusFeatures(found);
    }

    /// <summary>An utterance's values; false where there is no feature of it, or nothing could be made of it.</summary>
    public bool TryGet(string utteranceId, [NotNullWhen(true)] out float[]? values)
    {
        values = _byUtterance.GetValueOrDefault(utteranceId)?.Values;
        return values is not null;
    }

    /// <summary>All that is known of an utterance; null where the store holds nothing of it.</summary>
    public StoredFeature? Find(string utteranceId) => _byUtterance.GetValueOrDefault(utteranceId);

    // A file that cannot be read has no feature.
    private static async Task<string?> IdentifyAsync(FeatureEncoder encoder, Utterance utterance, CancellationToken cancellation)
    {
        try
        {
            return await encoder.IdentifyAsync(utterance, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
