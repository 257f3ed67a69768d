namespace Affekt.Corpora;

/// <summary>How to split a corpus so that no speaker is in two splits.</summary>
public sealed record SpeakerSplitOptions
{
    /// <summary>The shares of train, dev and test; each 0 or more, together above 0. Default: 70, 15 and 15.</summary>
    public IReadOnlyList<double> Shares { get; init; } = [70, 15, 15];

    /// <summary>Another seed gives another split. Default: 0.</summary>
    public int Seed { get; init; }
}

/// <summary>
/// Splits a corpus anew so that nobody is heard in two splits. A dialogue is never divided, so speakers who talk to each
/// other stay together; the groups that this makes are dealt out, largest first, where each brings sizes and emotions
/// nearest to the shares. The same corpus, shares and seed give the same split on every machine.
/// </summary>
public static class SpeakerDisjointSplit
{
    /// <summary>The same utterances with other splits.</summary>
    /// <exception cref="CorpusException">
    /// The shares are none, or a split that has a share would stay empty: too few groups of speakers.
    /// </exception>
    public static Corpus Apply(Corpus corpus, SpeakerSplitOptions options)
    {
        if (options.Shares.Count != Splits.Names.Count || !options.Shares.All(share => share >= 0 && double.IsFinite(share))
            || options.Shares.Sum() <= 0)
        {
            throw new CorpusException(
                string.Join(",", options.Shares), "the shares of train, dev and test, such as 70,15,15", field: "shares");
        }

        Dialogue[][] groups = [.. Groups(corpus)];
        int[] splitOf = Deal(groups, options, corpus.Labels.Count + 1);
        for (int split = 0; split < Splits.Names.Count; split++)
        {
            if (options.Shares[split] > 0 && !splitOf.Contains(split))
            {
                int largest = groups.Max(CountUtterances);
                throw new CorpusException(
                    $"{groups.Length} groups of speakers who share no dialogue, the largest with {largest} of "
                    + $"{corpus.Utterances.Count()} utterances",
                    $"enough groups for {string.Join(", ", Splits.Names.Where((_, i) => options.Shares[i] > 0))}", corpus.Name,
                    field: "speaker");
            }
        }

        Dictionary<string, Split> splits = groups.Zip(splitOf)
            .SelectMany(pair => pair.First.Select(dialogue => (dialogue.Id, Split: (Split)pair.Second)))
            .ToDictionary(entry => entry.Id, entry => entry.Split);
        return corpus with { Dialogues = [.. corpus.Dialogues.Select(dialogue => InSplit(dialogue, splits[dialogue.Id]))] };
    }

    private static Dialogue InSplit(Dialogue dialogue, Split split) =>
        new(dialogue.Id, split, [.. dialogue.Utterances.Select(utterance => utterance with { Split = split })]);

    /// <summary>Dialogues that share speakers, directly or through others; one without known speakers stands alone.</summary>
    private static IEnumerable<Dialogue[]> Groups(Corpus corpus)
    {
        int[] parent = [.. Enumerable.Range(0, corpus.Dialogues.Count)];
        Dictionary<string, int> firstDialogue = [];
        foreach ((int index, Dialogue dialogue) in corpus.Dialogues.Index())
        {
            foreach (string speaker in dialogue.Utterances.Select(utterance => utterance.Speaker).OfType<string>())
            {
                if (!firstDialogue.TryAdd(speaker, index))
                    parent[Root(index)] = Root(firstDialogue[speaker]);
            }
        }

        return corpus.Dialogues.Index().GroupBy(dialogue => Root(dialogue.Index))
            .Select(group => group.Select(dialogue => dialogue.Item).ToArray());

        int Root(int index)
        {
            while (parent[index] != index)
                index = parent[index] = parent[parent[index]];

            return index;
        }
    }

    private static int[] Deal(Dialogue[][] groups, SpeakerSplitOptions options, int classes)
    {
        double all = options.Shares.Sum();
        double[] total = CountClasses(groups.SelectMany(group => group), classes);
        double[][] wanted = [.. options.Shares.Select(share => total.Select(count => count * share / all).ToArray())];
        double[][] dealt = [.. options.Shares.Select(_ => new double[classes])];
        int[] splitOf = new int[groups.Length];
        int left = groups.Length;

        // Groups of the same size change places with the seed.
        SplitMix64 shuffle = new((ulong)options.Seed);
        foreach ((int index, Dialogue[] group) in groups.Index()
            .Select(group => (group.Index, group.Item, Order: shuffle.Next()))
            .OrderByDescending(group => CountUtterances(group.Item)).ThenBy(group => group.Order)
            .Select(group => (group.Index, group.Item)).ToArray())
        {
            // The last groups go to splits that have none yet.
            double[] counts = CountClasses(group, classes);
            int[] open = [.. Enumerable.Range(0, wanted.Length).Where(split => options.Shares[split] > 0)];
            int[] empty = [.. open.Where(split => dealt[split].Sum() == 0)];
            int best = (left-- <= empty.Length ? empty : open).MinBy(split => Change(wanted[split], dealt[split], counts));
            splitOf[index] = best;
            for (int i = 0; i < counts.Length; i++)
                dealt[best][i] += counts[i];
        }

        return splitOf;
    }

    /// <summary>How much farther a split would be from what it should hold, relative to that; below 0 where nearer.</summary>
    private static double Change(double[] wanted, double[] dealt, double[] counts)
    {
        double change = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            double before = dealt[i] - wanted[i];
            double after = before + counts[i];
            change += ((after * after) - (before * before)) / Math.Max(wanted[i], 1);
        }

        return change;
    }

    // An utterance without a label counts as well, as the last class.
    private static double[] CountClasses(IEnumerable<Dialogue> dialogues, int classes)
    {
        double[] counts = new double[classes];
        foreach (Utterance utterance in dialogues.SelectMany(dialogue => dialogue.Utterances))
            counts[utterance.Label ?? (classes - 1)]++;

        return counts;
    }

    private static int CountUtterances(Dialogue[] group) => group.Sum(dialogue => dialogue.Utterances.Count);
}
