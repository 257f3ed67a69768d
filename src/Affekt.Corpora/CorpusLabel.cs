namespace Affekt.Corpora;

/// <summary>A label that a corpus's files give.</summary>
/// <param name="Code">As the files write it.</param>
/// <param name="Name">As its makers call it, lower-case; the same as the code where the files write it out.</param>
/// <param name="Emotion">Which of the seven it counts as; null where it is none of them.</param>
public sealed record CorpusLabel(string Code, string Name, Emotion? Emotion)
{
    /// <summary>The seven labels under their own names.</summary>
    public static IReadOnlyList<CorpusLabel> Seven { get; } =
        [.. Enum.GetValues<Emotion>().Select(emotion => new CorpusLabel(emotion.Label(), emotion.Label(), emotion))];

    /// <summary>The code, and the name after it where that is another word.</summary>
    public override string ToString() => Code.Equals(Name, StringComparison.OrdinalIgnoreCase) ? Code : $"{Code} ({Name})";
}
