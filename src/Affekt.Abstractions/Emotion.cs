using System.Collections.Frozen;

namespace Affekt;

/// <summary>
/// The seven emotions in the order that every array, tensor and file of Affekt uses. An emotion is an expressed one,
/// as annotators saw it; it says nothing about what a person feels.
/// </summary>
public enum Emotion
{
    /// <summary>0, "neutral".</summary>
    Neutral = 0,

    /// <summary>1, "joy".</summary>
    Joy = 1,

    /// <summary>2, "sadness".</summary>
    Sadness = 2,

    /// <summary>3, "anger".</summary>
    Anger = 3,

    /// <summary>4, "fear".</summary>
    Fear = 4,

    /// <summary>5, "disgust".</summary>
    Disgust = 5,

    /// <summary>6, "surprise".</summary>
    Surprise = 6,
}

/// <summary>Names of the emotions, and the way back from the names that corpora use.</summary>
public static class Emotions
{
    /// <summary>How many emotions there are: 7.</summary>
    public const int Count = 7;

    private static readonly string[] _labelArray = ["neutral", "joy", "sadness", "anger", "fear", "disgust", "surprise"];

    // MELD and GoEmotions use the labels themselves; the adjectives are RAVDESS's, "ps" (pleasant surprise) is TESS's.
    private static readonly FrozenDictionary<string, Emotion> _synonyms = new Dictionary<string, Emotion>
    {
        ["neutral"] = Emotion.Neutral,
        ["joy"] = Emotion.Joy,
        ["happy"] = Emotion.Joy,
        ["happiness"] = Emotion.Joy,
        ["sadness"] = Emotion.Sadness,
        ["sad"] = Emotion.Sadness,
        ["anger"] = Emotion.Anger,
        ["angry"] = Emotion.Anger,
        ["fear"] = Emotion.Fear,
        ["fearful"] = Emotion.Fear,
        ["disgust"] = Emotion.Disgust,
        ["disgusted"] = Emotion.Disgust,
        ["surprise"] = Emotion.Surprise,
        ["surprised"] = Emotion.Surprise,
        ["ps"] = Emotion.Surprise,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The seven lower-case labels; the label at index i names <c>(Emotion)i</c>.</summary>
    public static IReadOnlyList<string> Labels { get; } = Array.AsReadOnly(_labelArray);

    /// <summary>The lower-case label that all of Affekt's formats use.</summary>
    public static string Label(this Emotion emotion) => _labelArray[(int)emotion];

    /// <summary>
    /// Reads a label or one of the usual synonyms ("happy", "sad", "angry", "fearful", "ps" ...), in any case, with
    /// blanks around it. False where the name is none of these; "calm" is none, as corpora differ in what it means.
    /// </summary>
    public static bool TryParse(string? name, out Emotion emotion)
    {
        emotion = default;
        return name is not null && _synonyms.TryGetValue(name.Trim(), out emotion);
    }
}
