namespace Affekt.Models.Fusion;

/// <summary>
/// Joins up to three experts that answer for themselves. Each answer is first told under the prior that is wanted:
/// p_m(e) ~ prior(e) ((1 - u) L_m(e) + u L_m(neutral))^t, where L_m(e) is the expert's own answer divided by its bias
/// whatever is meant (the prior that it learned, or on recordings of another kind what it usually says), u the share of emotions that it is not shown and t how far it is trusted.
/// Where it is known what people show of an emotion as they speak, L_m(e) is first averaged over that; a photograph counts as halfway
/// to the pictures that the expert learned from, which are labeled by what they show. Then evidence is summed:
/// log p(e) = log prior(e) + sum over m of w_m (log p_m(e) - log prior(e)) + constant. Given the emotion, experts are taken to be
/// independent; weights below 1 make up for what they have in common. An expert that is alone counts as it is. Of emotions that an expert
/// cannot tell it is no evidence: there log p_m(e) = log prior(e).
/// </summary>
/// <param name="config">The numbers.</param>
/// <param name="prior">How often each label is expected; null for the configuration's own.</param>
/// <param name="labels">The labels; null for those of the prior, or else the seven emotions.</param>
/// <exception cref="ArgumentException">The prior is one of other labels.</exception>
public sealed class ExpertFusion(ExpertsConfig config, EmotionPrior? prior = null, LabelSet? labels = null)
{
    // Posed photographs show what they are to show, those of people who do something else as little as votes say of people who speak.
    private const double PhotographStrangeness = 0.5;

    private readonly double[] _uniform = [.. EmotionPrior.UniformOver(labels ?? prior?.Labels ?? LabelSet.Emotions).Values];

    /// <summary>The numbers.</summary>
    public ExpertsConfig Config => config;

    /// <summary>How often each label is expected.</summary>
    public EmotionPrior Prior { get; } = prior is null
        ? config.PriorOver(labels ?? LabelSet.Emotions)
        : labels is null ? prior : prior.For(labels);

    /// <summary>Joins the answers that are there.</summary>
    /// <param name="text">The words' expert's own answer: calibrated probabilities in label order; null where it has none.</param>
    /// <param name="audio">The same of the sound's expert.</param>
    /// <param name="video">The same of the picture's expert.</param>
    /// <param name="still">Whether the picture is a photograph (<see cref="Video.FrameFeatures.IsStill"/>), not somebody who speaks.</param>
    /// <exception cref="ArgumentException">All are absent.</exception>
    public ExpertAnswer Fuse(IReadOnlyList<double>? text, IReadOnlyList<double>? audio, IReadOnlyList<double>? video, bool still = false)
    {
        int present = (text is null ? 0 : 1) + (audio is null ? 0 : 1) + (video is null ? 0 : 1);
        if (present == 0)
            throw new ArgumentException("no expert has answered");
        ExpertShare? words = Share(text, config.Text), sound = Share(audio, config.Audio), picture = Share(video, config.Video, still);
        double[]? joined = words is not null && sound is not null ? Join(words, sound) : (words ?? sound)?.Probabilities;
        return new ExpertAnswer(
            words, sound, picture, present == 1 ? (words ?? sound ?? picture)!.Probabilities : Join(words, sound, picture))
        {
            AudioText = joined,
        };

        ExpertShare? Share(IReadOnlyList<double>? answer, ExpertConfig expert, bool still = false) => answer is null
            ? null
            : Known(new ExpertShare(present == 1 ? 1 : expert.Weight, Told(answer, expert, still)), expert);
    }

    // Of emotions that it does not know, an expert's answer is 0, and its evidence what was expected before.
    private ExpertShare Known(ExpertShare share, ExpertConfig expert)
    {
        if (expert.Known is not { } labels)
            return share;
        bool[] known = [.. Prior.Labels.Names.Select(labels.Contains)];
        double[] own = Normalized([.. share.Probabilities.Select((p, i) => known[i] ? p : 0)]);
        double expected = Prior.Values.Where((_, i) => known[i]).Sum();
        return share with { Probabilities = own, Evidence = [.. own.Select((p, i) => known[i] ? p * expected : Prior.Values[i])] };
    }

    // The expert's answer under the prior that is wanted.
    private double[] Told(IReadOnlyList<double> answer, ExpertConfig expert, bool still)
    {
        IReadOnlyList<double> learned = expert.Prior ?? _uniform;
        double strange = Strangeness(learned) * (still && expert.Shown is not null ? PhotographStrangeness : 1);
        IEnumerable<double> favored = learned.Zip(expert.Usual ?? learned, (p, q) => Math.Pow(p, 1 - strange) * Math.Pow(q, strange));
        double[] likelihood = [.. answer.Zip(favored, (p, q) => Math.Max(p, BranchFusion.LeastProbability) / q)];
        double unshown = strange * expert.Unshown, trust = 1 + (strange * (expert.Trust - 1));
        double[] meant = expert.Shown is { } shown
            ? [.. likelihood.Zip(shown, (l, shares) => ((1 - strange) * l) + (strange * shares.Zip(likelihood, (share, of) => share * of).Sum()))]
            : likelihood;
        double[] told =
        [
            .. meant.Zip(Prior.Values, (l, p) => p * Math.Pow(unshown > 0 ? ((1 - unshown) * l) + (unshown * likelihood[(int)Emotion.Neutral]) : l, trust)),
        ];
        return Normalized(told);
    }

    // How far the recordings are of another kind than the expert learned from, as the priors tell: 0 where they are the same, 1 where
    // they differ as much as uniform does, or more; 1 for an expert whose own prior is uniform and so tells nothing.
    private double Strangeness(IReadOnlyList<double> learned)
    {
        double uniform = Distance(_uniform);
        return uniform > 0 ? Math.Min(1, Distance(Prior.Values) / uniform) : 1;

        double Distance(IReadOnlyList<double> other) => learned.Zip(other, (p, q) => Math.Abs(p - q)).Sum();
    }

    private double[] Join(params ReadOnlySpan<ExpertShare?> shares)
    {
        double[] logarithms = [.. Prior.Values.Select(p => Math.Log(p))];
        foreach (ExpertShare? share in shares)
        {
            for (int i = 0; share is not null && i < logarithms.Length; i++)
                logarithms[i] += share.Weight * (Math.Log(share.Evidence[i]) - Math.Log(Prior.Values[i]));
        }

        return Softmax.Of(logarithms);
    }

    private static double[] Normalized(double[] values)
    {
        double sum = values.Sum();
        return Array.ConvertAll(values, value => value / sum);
    }
}

/// <summary>What an expert says.</summary>
/// <param name="Weight">What its evidence was multiplied by.</param>
/// <param name="Probabilities">Its own answer under the prior that was wanted, in label order.</param>
public sealed record ExpertShare(double Weight, double[] Probabilities)
{
    /// <summary>What is joined with the others' of it: its answer, but of emotions that it does not know what was expected before.</summary>
    public double[] Evidence { get; init; } = Probabilities;
}

/// <summary>What the experts say, each and together.</summary>
/// <param name="Text">The words' expert; null where it was not asked.</param>
/// <param name="Audio">The sound's.</param>
/// <param name="Video">The picture's.</param>
/// <param name="Probabilities">All together, in label order.</param>
public sealed record ExpertAnswer(ExpertShare? Text, ExpertShare? Audio, ExpertShare? Video, double[] Probabilities)
{
    /// <summary>Words and sound together, with their weights; the one that is there as it is; null where there is neither.</summary>
    public double[]? AudioText { get; init; }
}
