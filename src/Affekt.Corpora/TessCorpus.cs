using System.Text.RegularExpressions;

namespace Affekt.Corpora;

/// <summary>How to read TESS.</summary>
public sealed record TessOptions
{
    /// <summary>
    /// The speakers ("OAF", "YAF") whose utterances are training data; the others' are test data. Default: none, as two
    /// speakers with one carrier sentence teach a model little that holds for others.
    /// </summary>
    public IReadOnlyList<string> TrainSpeakers { get; init; } = [];

    /// <summary>What labels count as, where that is not what they say. Default: nothing is said.</summary>
    public LabelMap Labels { get; init; } = LabelMap.Empty;
}

/// <summary>
/// Reads TESS by its file names, OAF_word_emotion and YAF_word_emotion, in any media format and at any depth.
/// </summary>
public static partial class TessCorpus
{
    /// <summary>Its labels: "ps" is pleasant surprise.</summary>
    internal static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("neutral", "neutral", Emotion.Neutral), new("happy", "happiness", Emotion.Joy), new("sad", "sadness", Emotion.Sadness),
        new("angry", "anger", Emotion.Anger), new("fear", "fear", Emotion.Fear), new("disgust", "disgust", Emotion.Disgust),
        new("ps", "pleasant surprise", Emotion.Surprise),
    ];

    /// <summary>
    /// Reads every recording as a dialogue of one utterance. The speaker is "OAF" (the older) or "YAF" (the younger);
    /// the text, "Say the word ...", is fixed; "ps", pleasant surprise, counts as surprise. A recording that lies there
    /// twice is read once.
    /// </summary>
    /// <exception cref="CorpusException">No file has such a name, or a name ends in no emotion of TESS.</exception>
    public static Corpus Read(string root, TessOptions? options = null)
    {
        options ??= new TessOptions();
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        List<Dialogue> dialogues = [];
        CorpusLabels labels = new(options.Labels, Labels);
        int repeated = 0, found = 0;
        foreach (string path in MediaFiles.Under(root))
        {
            string id = Path.GetFileNameWithoutExtension(path);
            Match name = Name.Match(id);
            if (!name.Success)
                continue;

            found++;
            if (seen.Add(id))
            {
                if (labels.ReadStrictly(name.Groups["emotion"].Value, path, null, "emotion") is { } label)
                    dialogues.Add(ToDialogue(path, id, name, label, options));
            }
            else
            {
                repeated++;
            }
        }

        if (found == 0)
            throw new CorpusException("no file named so", "media files such as OAF_back_angry.wav", root);

        CorpusNote[] notes = repeated > 0 ? [new CorpusNote(root, null, $"{repeated} repeated files were left out")] : [];
        return new Corpus("tess", dialogues, [.. labels.Notes(), .. notes]);
    }

    private static Dialogue ToDialogue(string path, string id, Match name, int label, TessOptions options)
    {
        // One published file is called OA_bite_neutral.
        string speaker = name.Groups["speaker"].Value.StartsWith("O", StringComparison.OrdinalIgnoreCase) ? "OAF" : "YAF";
        Split split = options.TrainSpeakers.Contains(speaker) ? Split.Train : Split.Test;
        Utterance utterance = new()
        {
            Id = id,
            Dialogue = id,
            Index = 0,
            Speaker = speaker,
            Text = $"Say the word {name.Groups["word"].Value}.",
            TextIsFixed = true,
            Label = label,
            Split = split,
            Media = path,
        };
        return new Dialogue(id, split, [utterance]);
    }

    [GeneratedRegex(
        @"^(?<speaker>OAF?|YAF)_(?<word>[^_]+)_(?<emotion>[^_]+)\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
