using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;

namespace Affekt.Models.Published;

/// <summary>What a published classifier's labels are among those of a bundle, mostly the seven emotions: by their names, by usual synonyms, or as told.</summary>
public sealed class LabelMap
{
    /// <summary>Stands for no label, where a label is to be left out.</summary>
    public const string None = "none";

    // What corpora and published networks call the seven besides the names that Emotions knows. Only other words for the same: excitement
    // is not joy, and what calm means differs.
    private static readonly FrozenDictionary<string, Emotion> _synonyms = new Dictionary<string, Emotion>
    {
        ["neu"] = Emotion.Neutral,
        ["neutrality"] = Emotion.Neutral,
        ["no emotion"] = Emotion.Neutral,
        ["hap"] = Emotion.Joy,
        ["joyful"] = Emotion.Joy,
        ["ang"] = Emotion.Anger,
        ["fea"] = Emotion.Fear,
        ["afraid"] = Emotion.Fear,
        ["scared"] = Emotion.Fear,
        ["dis"] = Emotion.Disgust,
        ["disgusting"] = Emotion.Disgust,
        ["sur"] = Emotion.Surprise,
        ["surprising"] = Emotion.Surprise,
        ["pleasant surprise"] = Emotion.Surprise,
        ["pleasant surprised"] = Emotion.Surprise,
        ["pleasantly surprised"] = Emotion.Surprise,
    }.ToFrozenDictionary();

    private LabelMap(ImmutableArray<string> labels, ImmutableArray<int?> targets, LabelSet set) => (Labels, Targets, Set) = (labels, targets, set);

    /// <summary>The classifier's labels, in their order.</summary>
    public ImmutableArray<string> Labels { get; }

    /// <summary>What they become.</summary>
    public LabelSet Set { get; }

    /// <summary>What each becomes, by its index in <see cref="Set"/>; null for one that is left out.</summary>
    public ImmutableArray<int?> Targets { get; }

    /// <summary>The indices of those of <see cref="Set"/> that the classifier can tell, rising.</summary>
    public IReadOnlyList<int> Known => [.. Targets.OfType<int>().Distinct().Order()];

    /// <summary>The labels that are left out.</summary>
    public IReadOnlyList<string> LeftOut => [.. Labels.Where((_, i) => Targets[i] is null).Distinct()];

    /// <summary>Matches a classifier's labels to those of a set.</summary>
    /// <param name="config">The classifier.</param>
    /// <param name="told">What labels are, or <see cref="None"/>, by their names in any case; it comes before names and synonyms.</param>
    /// <param name="set">What they become; null for the seven emotions.</param>
    /// <exception cref="ModelException">
    /// A label that is told isn't the classifier's, what it is told to be is not in the set, or no label is.
    /// </exception>
    public static LabelMap Match(PublishedConfig config, IReadOnlyDictionary<string, string>? told = null, LabelSet? set = null)
    {
        set ??= LabelSet.Emotions;
        Dictionary<string, int?> given = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string label, string target) in told ?? new Dictionary<string, string>())
        {
            if (!config.Labels.Contains(label, StringComparer.OrdinalIgnoreCase))
                throw new ModelException(config.File, "id2label", string.Join(", ", config.Labels), $"the label \"{label}\", which is told to be {target}");
            given[label] = target.Equals(None, StringComparison.OrdinalIgnoreCase) ? null
                : set.TryFind(target, out int known) ? known
                : throw new ModelException(config.File, $"id2label, {label}", $"\"{target}\"", $"{set}, or {None}");
        }

        LabelMap map = new(config.Labels, [.. config.Labels.Select(label => given.TryGetValue(label, out int? target) ? target : Find(label, set))], set);
        return config.Scores != PublishedScores.Measures && map.Known.Count > 1
            ? map
            : throw new ModelException(
                config.File, "id2label", string.Join(", ", config.Labels),
                config.Scores == PublishedScores.Measures ? "emotions, not measures, which --dimensions takes" : $"labels that name two or more {(set.IsEmotions ? "emotions" : $"of {set}")}; tell what they are with --map LABEL=EMOTION");
    }

    // By its name, else by an emotion that it and one label of the set alone stand for.
    private static int? Find(string label, LabelSet set)
    {
        if (set.TryFind(label, out int index))
            return index;
        return Named(label) is { } emotion && set.Indices.Where(one => Named(set[one]) == emotion).ToArray() is [var only] ? only : null;
    }

    /// <summary>The emotion that a label names by itself; null for none.</summary>
    public static Emotion? Named(string label)
    {
        if (Emotions.TryParse(label, out Emotion emotion))
            return emotion;
        StringBuilder plain = new();
        foreach (char letter in label)
        {
            if (char.IsLetter(letter))
                plain.Append(char.ToLowerInvariant(letter));
            else if (plain.Length > 0 && plain[^1] != ' ')
                plain.Append(' ');
        }

        string name = plain.ToString().Trim();
        return Emotions.TryParse(name, out emotion) || _synonyms.TryGetValue(name, out emotion) ? emotion : null;
    }

    /// <summary>Shares of the set's labels, with the sum 1, of a classifier's scores: each label's are summed, what is left out is no part of the sum.</summary>
    /// <param name="scores">As <see cref="PublishedConfig.ToScores"/> gives them.</param>
    public float[] ToShares(ReadOnlySpan<float> scores)
    {
        double[] sums = new double[Set.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            if (Targets[i] is { } target)
                sums[target] += scores[i];
        }

        double all = sums.Sum();
        IReadOnlyList<int> known = Known;
        return all > 0
            ? [.. sums.Select(sum => (float)(sum / all))]
            : [.. sums.Select((_, i) => known.Contains(i) ? 1f / known.Count : 0)];
    }
}
