using Affekt.Evaluation;

namespace Affekt.Training.Evaluations;

/// <summary>Which modalities a model is given.</summary>
/// <param name="Text">Whether it is given the words.</param>
/// <param name="Audio">Whether it is given the sound.</param>
public readonly record struct ModalityChoice(bool Text, bool Audio)
{
    /// <summary>"text", "audio" or both, as reports name them.</summary>
    public IReadOnlyList<string> Names => [.. NamesIn(this)];

    /// <summary>Reads names with commas between; blanks are ignored.</summary>
    /// <exception cref="EvaluationException">A name is neither "text" nor "audio".</exception>
    public static ModalityChoice Parse(string list)
    {
        string[] names = list.Split(',', StringSplitOptions.TrimEntries);
        string? other = names.FirstOrDefault(name => name is not ("text" or "audio"));
        return other is null
            ? new ModalityChoice(names.Contains("text"), names.Contains("audio"))
            : throw new EvaluationException($"modalities: found '{other}', expected text, audio, or text,audio");
    }

    private static IEnumerable<string> NamesIn(ModalityChoice choice)
    {
        if (choice.Text)
            yield return "text";
        if (choice.Audio)
            yield return "audio";
    }
}
