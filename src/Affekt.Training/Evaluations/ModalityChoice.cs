using Affekt.Evaluation;

namespace Affekt.Training.Evaluations;

/// <summary>Which modalities a model is given.</summary>
/// <param name="Text">Whether it is given the words.</param>
/// <param name="Audio">Whether it is given the sound.</param>
/// <param name="Video">Whether it is given the picture.</param>
public readonly record struct ModalityChoice(bool Text, bool Audio, bool Video = false)
{
    /// <summary>All three.</summary>
    public static ModalityChoice All { get; } = new(true, true, true);

    /// <summary>The seven choices of at least one, from one modality to all three.</summary>
    public static IReadOnlyList<ModalityChoice> Subsets { get; } =
    [
        new(true, false), new(false, true), new(false, false, true),
        new(true, true), new(true, false, true), new(false, true, true), All,
    ];

    /// <summary>Those of "text", "audio" and "video" that are chosen, as reports name them.</summary>
    public IReadOnlyList<string> Names => [.. NamesIn(this)];

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => this == default;

    /// <summary>What is in both.</summary>
    public ModalityChoice And(ModalityChoice other) => new(Text && other.Text, Audio && other.Audio, Video && other.Video);

    /// <summary>Reads names with commas between, or "all"; blanks are ignored.</summary>
    /// <exception cref="EvaluationException">A name is none of a modality.</exception>
    public static ModalityChoice Parse(string list)
    {
        string[] names = list.Split(',', StringSplitOptions.TrimEntries);
        if (names is ["all"])
            return All;
        string? other = names.FirstOrDefault(name => name is not ("text" or "audio" or "video"));
        return other is null
            ? new ModalityChoice(names.Contains("text"), names.Contains("audio"), names.Contains("video"))
            : throw new EvaluationException(
                $"modalities: found '{other}', expected all, or of text, audio and video those wanted, with commas between");
    }

    private static IEnumerable<string> NamesIn(ModalityChoice choice)
    {
        if (choice.Text)
            yield return "text";
        if (choice.Audio)
            yield return "audio";
        if (choice.Video)
            yield return "video";
    }
}
