using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>Every form of fusion with its numbers, and how each does on the held-out half of each dev set.</summary>
/// <param name="Schema">"affekt.fusion/1".</param>
/// <param name="PairedByLabel">Whether the utterances were put together by label, which flatters every fusion.</param>
/// <param name="Mismatch">The share of pairs in training whose face was drawn whatever its label; 0 for a corpus.</param>
/// <param name="Chosen">The form that the bundle has.</param>
/// <param name="Forms">All forms, by name.</param>
/// <param name="Sets">The dev sets.</param>
internal sealed record FusionReport(
    string Schema, bool PairedByLabel, double Mismatch, string Chosen, IReadOnlyDictionary<string, FusionConfig> Forms,
    IReadOnlyList<FusionSet> Sets)
{
    /// <summary>How the pairs were drawn from people's votes; null where they were not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DrawnFrom? Drawn { get; init; }

    /// <summary>Experts alone and together, for every choice of modalities; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ExpertSubset>? Subsets { get; init; }

    /// <summary>Dimensions such as valence that both branches estimate; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FusedDimension>? Dimensions { get; init; }

    private const string AudioText = "audio-text";
    private const string Video = "video";

    public static FusionReport Of(
        FusionRecipe recipe, IReadOnlyList<FusionConfig> forms, FusionConfig chosen, IReadOnlyList<AnsweredPair> pairs, LabelSet labels,
        IReadOnlyList<FusedDimension> dimensions) => new(
            "affekt.fusion/1", recipe is { Corpus: null, Votes: null }, recipe is { Corpus: null, Votes: null } ? recipe.Mismatch : 0,
            chosen.Name, forms.ToDictionary(form => form.Name),
            [.. pairs.Where(pair => pair.Held).GroupBy(pair => pair.Set).Select(set => Set(set.Key, forms, [.. set], labels))])
        {
            Dimensions = dimensions.Count > 0 ? dimensions : null,
            Drawn = recipe.Votes is null ? null : new DrawnFrom(recipe.MeantVoices, recipe.PlainWords, recipe.OtherWords),
            Subsets = forms.FirstOrDefault(form => form.Experts is not null)?.Experts is { } experts
                ? ExpertSubset.Of(new ExpertFusion(experts, null, labels), [.. pairs.Where(pair => pair.Held)])
                : null,
        };

    public string ToJson() => ReportJson.Write(this);

    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.Append("# Fusion\n\n");
        text.Append(Drawn is { } drawn
            ? $"Utterances are drawn as people show emotions: somebody means one (all are alike), a clip of CREMA-D with that meaning tells what\n"
                + $"viewers see in its face and hear in its voice, and a face and a voice that show it are drawn from corpora. {Percent(drawn.MeantVoices)} % of the voices\n"
                + $"are taken as their corpus labels them, for what an actor meant is confused in the corpus already. {Percent(drawn.PlainWords)} % of the words are plain,\n"
                + $"{Percent(drawn.OtherWords)} % tell an emotion at random. No estimate for real recordings, but without the flattery of pairs by label.\n\n"
            : PairedByLabel
            ? $"The utterances were put together by label: given the emotion, words, voice and face know nothing of each other, which\n"
                + $"flatters every fusion; no estimate for real recordings. In training {Percent(Mismatch)} % of the faces were drawn whatever\n"
                + "their label.\n\n"
            : "The utterances are those of a corpus with all modalities.\n\n");
        text.Append("| form | parameters | audio-text | video | scales |\n|---|---|---|---|---|\n");
        foreach ((string name, FusionConfig form) in Forms)
        {
            if (form.Experts is not null)
                continue;
            string scales = form.Scales is null ? "" : string.Join(' ', Scales(form.Scales));
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {name}{(name == Chosen ? " (in the bundle)" : "")} | {form.ParameterCount} | {form.AudioText:F3} | {form.Video:F3} | {scales} |\n");
        }

        if (Forms.Values.FirstOrDefault(form => form.Experts is not null) is { Experts: { } experts } found)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nExperts{(found.Name == Chosen ? " (in the bundle)" : "")}, {found.ParameterCount} parameters:\n\n");
            text.Append("| expert | weight | trust | unshown |\n|---|---|---|---|\n");
            foreach ((string name, ExpertConfig expert) in ((string, ExpertConfig)[])[("words", experts.Text), ("sound", experts.Audio), ("picture", experts.Video)])
                text.Append(CultureInfo.InvariantCulture, $"| {name} | {expert.Weight:F2} | {expert.Trust:F2} | {(expert.Shown is null ? expert.Unshown.ToString("F2", CultureInfo.InvariantCulture) : "by votes")} |\n");
        }

        if (Subsets is { } subsets)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nEvery choice of modalities under {(Drawn is null ? "the corpus's own" : "a uniform")} prior, in percent:\n\n");
            text.Append("| modalities | best expert | its accuracy | fused accuracy | fused UAR | fused calibration error |\n|---|---|---|---|---|---|\n");
            foreach (ExpertSubset subset in subsets)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {subset.Voices}: {string.Join(", ", subset.Modalities)} | {subset.Best} | {Percent(subset.BestAccuracy)} | {Percent(subset.Accuracy)} | {Percent(subset.Uar)} | {Percent(subset.Ece)} |\n");
            }
        }

        foreach (FusionSet set in Sets)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{set.Name} (n = {set.N}), in percent:\n\n");
            text.Append("| | accuracy | weighted F1 | macro F1 | UAR |\n|---|---|---|---|---|\n");
            foreach ((string name, Scores scores) in set.Rows)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {Percent(scores.Accuracy)} | {Percent(scores.WeightedF1)} | {Percent(scores.MacroF1)} | {Percent(scores.Uar)} |\n");
            }
        }

        if (Dimensions is { } dimensions)
        {
            text.Append("\nDimensions on the held-out half, joined by weights of least squares on the other:\n\n");
            text.Append("| | n | audio-text's weight | CCC of audio-text | of video | of both | RMSE of audio-text | of video | of both |\n|---|---|---|---|---|---|---|---|---|\n");
            foreach (FusedDimension one in dimensions)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {one.Name} | {one.Fused.N} | {one.AudioTextWeight:F2} | {one.AudioText.Ccc:F3} | {one.Video.Ccc:F3} | {one.Fused.Ccc:F3} | {one.AudioText.Rmse:F3} | {one.Video.Rmse:F3} | {one.Fused.Rmse:F3} |\n");
            }
        }

        return text.ToString();
    }

    public IReadOnlyDictionary<string, double> ToMetrics(BundleCalibration calibration)
    {
        Dictionary<string, double> metrics = Forms[Chosen].Experts is { } experts
            ? new()
            {
                ["weight_words"] = experts.Text.Weight,
                ["weight_sound"] = experts.Audio.Weight,
                ["weight_picture"] = experts.Video.Weight,
                ["abstain_below"] = calibration.AbstainBelow,
            }
            : new()
            {
                ["weight_audio_text"] = Forms[Chosen].AudioText,
                ["weight_video"] = Forms[Chosen].Video,
                ["temperature_video"] = calibration.Video,
                ["temperature_fused"] = calibration.Fused,
            };
        foreach (FusedDimension one in Dimensions ?? [])
        {
            metrics[$"{one.Name}_ccc_audio_text"] = one.AudioText.Ccc;
            metrics[$"{one.Name}_ccc_video"] = one.Video.Ccc;
            metrics[$"{one.Name}_ccc_fused"] = one.Fused.Ccc;
        }

        foreach (ExpertSubset subset in Subsets?.Where(subset => subset.Voices == "all") ?? [])
        {
            string given = string.Join('_', subset.Modalities);
            string of = Drawn is null ? "dev" : "drawn";
            metrics[$"{of}_{given}_accuracy"] = subset.Accuracy;
            metrics[$"{of}_{given}_best_expert_accuracy"] = subset.BestAccuracy;
            metrics[$"{of}_{given}_ece"] = subset.Ece;
        }

        if (Subsets is not null)
            return metrics;
        foreach (FusionSet set in Sets)
        {
            string name = set.Name.Replace(",", "", StringComparison.Ordinal).Replace(" + ", "_", StringComparison.Ordinal).Replace(' ', '_');
            metrics[$"{name}_best_branch_weighted_f1"] = Math.Max(set.Rows[AudioText].WeightedF1, set.Rows[Video].WeightedF1);
            metrics[$"{name}_fused_weighted_f1"] = set.Rows[Chosen].WeightedF1;
        }

        return metrics;
    }

    private static FusionSet Set(string name, IReadOnlyList<FusionConfig> forms, IReadOnlyList<AnsweredPair> pairs, LabelSet labels)
    {
        ConfusionMatrix audioText = Matrix(pair => pair.AudioText), video = Matrix(pair => pair.Video);
        Dictionary<string, Scores> rows = new() { [AudioText] = audioText.Score(), [Video] = video.Score() };
        foreach (FusionConfig form in forms)
        {
            if (form.Experts is { } experts)
            {
                ExpertFusion joined = new(experts, null, labels);
                rows.Add(form.Name, Matrix(pair => ExpertTrainer.Fuse(joined, pair, text: true, audio: true, video: true).Probabilities).Score());
                continue;
            }

            BranchFusion fusion = new(form);
            rows.Add(form.Name, Matrix(pair => fusion.Fuse(pair.AudioText, pair.Video).Probabilities).Score());
        }

        rows.Add("best branch of each class", Oracle(audioText, video, pairs[0].Video.Count));
        return new FusionSet(name, pairs.Count, rows);

        ConfusionMatrix Matrix(Func<AnsweredPair, IReadOnlyList<double>> answer) => new(
            pairs.Select(pair => (pair.Truth, answer(pair).Index().MaxBy(p => p.Item).Index)), pairs[0].Video.Count);
    }

    // For reading only: who knew the label could ask the branch that is better at it. F1 and recall are each the better one.
    private static Scores Oracle(ConfusionMatrix first, ConfusionMatrix second, int labels)
    {
        double n = 0, recall = 0, weighted = 0;
        List<double> f1 = [], uar = [];
        for (int label = 0; label < labels; label++)
        {
            ClassScores one = first.ScoreClass(label), other = second.ScoreClass(label);
            if (one.Support == 0)
                continue;
            n += one.Support;
            recall += one.Support * Math.Max(one.Recall, other.Recall);
            weighted += one.Support * Math.Max(one.F1, other.F1);
            f1.Add(Math.Max(one.F1, other.F1));
            uar.Add(Math.Max(one.Recall, other.Recall));
        }

        return new Scores(recall / n, weighted / n, f1.Average(), uar.Average());
    }

    private static IEnumerable<string> Scales(IEnumerable<double> scales) =>
        scales.Select(scale => scale.ToString("F2", CultureInfo.InvariantCulture));

    private static string Percent(double fraction) => (100 * fraction).ToString("0.0", CultureInfo.InvariantCulture);
}

/// <summary>How branches and forms do on the held-out half of one dev set.</summary>
/// <param name="Name">The set.</param>
/// <param name="N">How many utterances.</param>
/// <param name="Rows">Scores by branch or form.</param>
internal sealed record FusionSet(string Name, int N, IReadOnlyDictionary<string, Scores> Rows);

/// <summary>How pairs were drawn from people's votes.</summary>
/// <param name="MeantVoices">The share of voices that are taken as their corpus labels them.</param>
/// <param name="PlainWords">The share of plain words.</param>
/// <param name="OtherWords">The share of words that tell an emotion at random.</param>
internal sealed record DrawnFrom(double MeantVoices, double PlainWords, double OtherWords);

/// <summary>One dimension that both branches estimate, on the held-out half.</summary>
/// <param name="Name">Its name.</param>
/// <param name="AudioTextWeight">The audio-text branch's weight in [0, 1]; the rest is the video branch's.</param>
/// <param name="AudioText">How the audio-text branch does alone.</param>
/// <param name="Video">How the video branch does alone.</param>
/// <param name="Fused">How their weighted mean does.</param>
internal sealed record FusedDimension(string Name, double AudioTextWeight, DimensionScores AudioText, DimensionScores Video, DimensionScores Fused)
{
    /// <summary>
    /// Each dimension with the weight that makes the squared error least on what is not held out; nothing where branches do not both estimate, or
    /// one of the halves knows no value.
    /// </summary>
    public static IReadOnlyList<FusedDimension> Of(IReadOnlyList<string> names, IReadOnlyList<AnsweredPair> pairs)
    {
        IReadOnlyList<FusedDimension?> all = [.. names.Select((name, k) => Of(name, Values(k, held: false), Values(k, held: true)))];
        return all.Contains(null) ? [] : [.. all.OfType<FusedDimension>()];

        EstimatedPair[] Values(int k, bool held) =>
            [.. pairs.Where(pair => pair.Held == held).Select(pair => pair.Dimensions?[k]).OfType<EstimatedPair>().Where(pair => pair.Truth is not null)];
    }

    private static FusedDimension? Of(string name, EstimatedPair[] fit, EstimatedPair[] held)
    {
        if (fit.Length == 0 || held.Length == 0)
            return null;
        double apart = fit.Sum(pair => Math.Pow(pair.AudioText - pair.Video, 2));
        double weight = apart == 0 ? 0.5 : Math.Clamp(fit.Sum(pair => (pair.Truth!.Value - pair.Video) * (pair.AudioText - pair.Video)) / apart, 0, 1);
        return new FusedDimension(name, weight, Score(pair => pair.AudioText), Score(pair => pair.Video), Score(pair => (weight * pair.AudioText) + ((1 - weight) * pair.Video)));

        DimensionScores Score(Func<EstimatedPair, double> said) => DimensionScores.Of([.. held.Select(pair => (pair.Truth!.Value, said(pair)))]);
    }
}
