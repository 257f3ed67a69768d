using System.Collections.Immutable;
using System.Globalization;
using Affekt.Models.Tokenizers;

namespace Affekt.Models.Published;

/// <summary>What a published network takes in.</summary>
public enum PublishedInput
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>Sound.</summary>
    Sound,

    /// <summary>A picture.</summary>
    Picture,
}

/// <summary>What becomes of a classifier's outputs.</summary>
public enum PublishedScores
{
    /// <summary>One of the labels is meant: softmax.</summary>
    OneOfAll,

    /// <summary>Each label may be meant or not: sigmoid.</summary>
    EachByItself,

    /// <summary>The outputs are measures, such as arousal: they are taken as they are.</summary>
    Measures,
}

/// <summary>What config.json says about any published network: its family, its labels and what they mean.</summary>
public sealed record PublishedConfig
{
    private static readonly Dictionary<string, PublishedInput> _families = new()
    {
        ["bert"] = PublishedInput.Text,
        ["distilbert"] = PublishedInput.Text,
        ["roberta"] = PublishedInput.Text,
        ["xlm-roberta"] = PublishedInput.Text,
        ["electra"] = PublishedInput.Text,
        ["wav2vec2"] = PublishedInput.Sound,
        ["hubert"] = PublishedInput.Sound,
        ["wavlm"] = PublishedInput.Sound,
        ["whisper"] = PublishedInput.Sound,
        ["vit"] = PublishedInput.Picture,
    };

    /// <summary>The families that are known here, as config.json's model_type names them.</summary>
    public static IReadOnlyCollection<string> Families => _families.Keys;

    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>The family, as model_type names it.</summary>
    public required string Family { get; init; }

    /// <summary>What the network takes in.</summary>
    public required PublishedInput Input { get; init; }

    /// <summary>The network's class as it was published, or null.</summary>
    public string? Architecture { get; init; }

    /// <summary>What a classifier's outputs are called, in their order.</summary>
    public required ImmutableArray<string> Labels { get; init; }

    /// <summary>Whether the file names the labels, or at least tells their number.</summary>
    internal bool TellsLabels { get; init; } = true;

    /// <summary>What becomes of a classifier's outputs.</summary>
    public required PublishedScores Scores { get; init; }

    /// <summary>Whether a folder's config.json is a published network's, and no bundle's; false where there is none, or none that can be read.</summary>
    /// <param name="folder">The folder.</param>
    public static bool IsPublished(string folder)
    {
        try
        {
            JsonField root = JsonField.Read(Path.Combine(folder, "config.json"));
            return root.Find("model_type") is not null && root.Find("schema") is null;
        }
        catch (ModelException)
        {
            return false;
        }
    }

    /// <summary>Reads a folder's config.json.</summary>
    /// <exception cref="ModelException">The file cannot be read, or tells of a family that is not known here.</exception>
    public static PublishedConfig Load(string folder)
    {
        string file = Path.Combine(folder, "config.json");
        if (!System.IO.File.Exists(file) && PublishedFolder.Others(folder).Count > 0)
            throw PublishedFolder.Without(folder, ["config.json with weights beside it"]);
        JsonField root = JsonField.Read(file);
        string family = root.Find("model_type")?.Text()
            ?? throw new ModelException(root.File, "model_type", "nothing", string.Join(", ", Families));
        if (!_families.TryGetValue(family, out PublishedInput input))
            throw new ModelException(root.File, "model_type", $"\"{family}\"", string.Join(", ", Families));
        ImmutableArray<string> labels = LabelsOf(root);
        return new PublishedConfig
        {
            File = root.File,
            Family = family,
            Input = input,
            Architecture = root.Find("architectures")?.Elements().FirstOrDefault()?.Text(),
            Labels = labels,
            TellsLabels = new[] { "id2label", "label2id", "num_labels" }.Any(field => root.Find(field) is not null),
            Scores = root.Find("problem_type")?.Text() switch
            {
                "multi_label_classification" => PublishedScores.EachByItself,
                "regression" => PublishedScores.Measures,
                null or "single_label_classification" when labels.Length == 1 => PublishedScores.EachByItself, // its share would always be 1
                null or "single_label_classification" => PublishedScores.OneOfAll,
                _ => throw root.Get("problem_type").Wrong(
                    root.Get("problem_type").Short, "single_label_classification, multi_label_classification or regression"),
            },
        };
    }

    /// <summary>A classifier's outputs as what they mean: shares that sum to 1, a probability for each label, or as they are.</summary>
    public float[] ToScores(ReadOnlySpan<float> logits)
    {
        switch (Scores)
        {
            case PublishedScores.EachByItself:
                float[] each = new float[logits.Length];
                for (int i = 0; i < each.Length; i++)
                    each[i] = (float)(1 / (1 + Math.Exp(-(double)logits[i])));
                return each;
            case PublishedScores.Measures:
                return logits.ToArray();
            default:
                return [.. Softmax.Of(Array.ConvertAll(logits.ToArray(), logit => (double)logit)).Select(share => (float)share)];
        }
    }

    private static ImmutableArray<string> LabelsOf(JsonField root)
    {
        const int Otherwise = 2, Most = 1 << 16;
        SortedDictionary<int, string> labels = [];
        if (root.Find("id2label") is { } names)
        {
            foreach ((string id, JsonField name) in names.Members())
            {
                if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                    throw name.Wrong($"the number \"{id}\"", "a whole number");
                // Some files have numbers as names.
                labels[number] = name.Value.ValueKind == System.Text.Json.JsonValueKind.Number ? name.Value.GetRawText() : name.Text();
            }
        }
        else if (root.Find("label2id") is { } numbers)
        {
            names = numbers;
            foreach ((string name, JsonField id) in numbers.Members())
            {
                if (!labels.TryAdd(id.Count(0, Most), name))
                    throw id.Wrong(id.Short, "a number that no other label has");
            }
        }
        else
        {
            return [.. Enumerable.Range(0, root.Find("num_labels")?.Count(1, Most) ?? Otherwise).Select(i => $"LABEL_{i}")];
        }

        if (labels.Count is 0 or > Most || labels.Keys.First() != 0 || labels.Keys.Last() != labels.Count - 1)
            throw names.Wrong($"{labels.Count} labels", "labels from 0 on without a gap");
        return [.. labels.Values];
    }
}
