using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;
using Affekt.Models.Branches;

namespace Affekt.Training.Evaluations;

/// <summary>What is known of a speaker's voice when an utterance of a corpus is asked about.</summary>
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
    /// <summary>A baseline for each utterance that has a speaker and usable sound, by its id.</summary>
    /// <param name="utterances">The utterances.</param>
    /// <param name="features">What the audio encoder made of an utterance; null where its sound cannot be used.</param>
    /// <param name="use">What is known.</param>
    public static Dictionary<string, VoiceBaseline> Of(
        IEnumerable<Utterance> utterances, Func<Utterance, float[]?> features, BaselineUse use)
    {
        Dictionary<string, VoiceBaseline> baselines = [];
        foreach (IGrouping<string, Utterance> voice in utterances.Where(utterance => utterance.Speaker is not null && features(utterance) is not null)
            .GroupBy(utterance => utterance.Speaker!))
        {
            VoiceBaseline heard = VoiceBaseline.None;
            VoiceBaseline all = use == BaselineUse.All ? voice.Aggregate(heard, (sum, utterance) => sum.With(features(utterance)!)) : heard;
            foreach (Utterance utterance in voice.OrderBy(utterance => Place(utterance.Id), StringComparer.Ordinal))
            {
                baselines[utterance.Id] = use switch
                {
                    BaselineUse.Earlier => heard,
                    BaselineUse.All => all.Without(features(utterance)!),
                    _ => VoiceBaseline.None,
                };
                if (use == BaselineUse.Earlier)
                    heard = heard.With(features(utterance)!);
            }
        }

        return baselines;
    }

    private static string Place(string id) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
