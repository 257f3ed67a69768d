using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;

namespace Affekt.Training.Evaluations;

/// <summary>What is known of how a speaker usually sounds or looks when an utterance of a corpus is asked about.</summary>
public enum BaselineUse
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// Those of the speaker's utterances that come earlier, in an order that depends on the utterances' ids alone: corpora sort
    /// theirs by emotion, which nobody speaks in.
    /// </summary>
    Earlier,

    /// <summary>All other utterances of the speaker.</summary>
    All,
}

/// <summary>Baselines of a corpus's speakers.</summary>
internal static class CorpusBaselines
{
    /// <summary>A baseline for each utterance that has a speaker and something to know the speaker by, by its id.</summary>
    /// <typeparam name="TBaseline">A voice's or a face's baseline.</typeparam>
    /// <typeparam name="TValue">What it rests on.</typeparam>
    /// <param name="utterances">The utterances.</param>
    /// <param name="value">What an utterance adds; null where its sound or picture cannot be used.</param>
    /// <param name="use">What is known.</param>
    /// <param name="none">The baseline of nothing.</param>
    /// <param name="with">The baseline with one more utterance.</param>
    /// <param name="without">The baseline without one of its utterances.</param>
    public static Dictionary<string, TBaseline> Of<TBaseline, TValue>(
        IEnumerable<Utterance> utterances, Func<Utterance, TValue?> value, BaselineUse use,
        TBaseline none, Func<TBaseline, TValue, TBaseline> with, Func<TBaseline, TValue, TBaseline> without)
        where TValue : class
    {
        Dictionary<string, TBaseline> baselines = [];
        foreach (IGrouping<string, (Utterance Utterance, TValue Value)> speaker in utterances.Where(utterance => utterance.Speaker is not null)
            .Select(utterance => (Utterance: utterance, Value: value(utterance)))
            .Where(one => one.Value is not null)
            .GroupBy(one => one.Utterance.Speaker!, one => (one.Utterance, one.Value!)))
        {
            TBaseline before = none;
            TBaseline all = use == BaselineUse.All ? speaker.Aggregate(none, (sum, one) => with(sum, one.Value)) : none;
            foreach ((Utterance utterance, TValue own) in speaker.OrderBy(one => Place(one.Utterance.Id), StringComparer.Ordinal))
            {
                baselines[utterance.Id] = use switch
                {
                    BaselineUse.Earlier => before,
                    BaselineUse.All => without(all, own),
                    _ => none,
                };
                if (use == BaselineUse.Earlier)
                    before = with(before, own);
            }
        }

        return baselines;
    }

    private static string Place(string id) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
