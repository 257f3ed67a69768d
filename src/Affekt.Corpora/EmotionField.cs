namespace Affekt.Corpora;

/// <summary>A label as it stands in a corpus's file.</summary>
internal static class EmotionField
{
    /// <summary>Reads a label or a synonym of one.</summary>
    /// <exception cref="CorpusException">It is neither.</exception>
    public static Emotion Parse(string name, string? file, int? line, string field) => Emotions.TryParse(name, out Emotion emotion)
        ? emotion
        : throw new CorpusException(CorpusException.Quote(name), $"one of {string.Join(", ", Emotions.Labels)}", file, line, field);
}
