namespace Affekt;

/// <summary>
/// The labels that a corpus is read into and a bundle answers with, in the order of the network's outputs. Default: the seven emotions.
/// Within corpora, training and evaluation a label is known by its index in its set, from 0; of the seven it is the number of the
/// <see cref="Emotion"/>. Immutable; sets of the same names in the same order are equal.
/// </summary>
public sealed class LabelSet : IEquatable<LabelSet>
{
    /// <summary>The most labels that a set may have.</summary>
    public const int Most = 1_000;

    // Of sets of that name.
    private const string EmotionsName = "emotions";

    private readonly string[] _names;

    private LabelSet(string[] names) => _names = names;

    /// <summary>The seven emotions.</summary>
    public static LabelSet Emotions { get; } = new([.. Affekt.Emotions.Labels]);

    /// <summary>Polarity, as MELD and CH-SIMS label it: neutral, positive, negative.</summary>
    public static LabelSet Sentiments { get; } = new(["neutral", "positive", "negative"]);

    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>How many labels there are, 2 or more.</summary>
    public int Count => _names.Length;

    /// <summary>Whether these are the seven emotions.</summary>
    public bool IsEmotions => Equals(Emotions);

    /// <summary>The labels' indices, 0 to <see cref="Count"/> - 1.</summary>
    public IEnumerable<int> Indices => Enumerable.Range(0, Count);

    /// <summary>The name of the label with an index.</summary>
    public string this[int index] => _names[index];

    /// <summary>A set of one's own.</summary>
    /// <param name="names">2 to <see cref="Most"/> different names, none of them blank; case makes no difference between them.</param>
    /// <exception cref="ArgumentException">They are not that.</exception>
    public static LabelSet Of(IEnumerable<string> names)
    {
        string[] all = [.. names];
        if (all.Length is < 2 or > Most || all.Any(string.IsNullOrWhiteSpace) || all.Distinct(StringComparer.OrdinalIgnoreCase).Count() != all.Length)
            throw new ArgumentException($"found [{string.Join(", ", all)}], expected 2 to {Most} different labels", nameof(names));
        return new LabelSet([.. all.Select(name => name.Trim())]);
    }

    /// <summary>Reads "emotions", "sentiments", or labels with commas between, such as "happy,sad,neutral".</summary>
    /// <exception cref="ArgumentException">The text is none of these.</exception>
    public static LabelSet Parse(string text) => text.Trim() switch
    {
        EmotionsName => Emotions,
        "sentiments" => Sentiments,
        { } list when list.Contains(',', StringComparison.Ordinal) => Of(list.Split(',')),
        _ => throw new ArgumentException($"found '{text}', expected emotions, sentiments, or two or more labels with commas between", nameof(text)),
    };

    /// <summary>
    /// Finds a label's index by its name, whatever its case; else by an emotion that both name, as "happy" and "joy" do, where one label
    /// alone does so. It is -1 where there is none.
    /// </summary>
    public bool TryFind(string name, out int index)
    {
        index = Array.FindIndex(_names, one => one.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase));
        if (index < 0 && Affekt.Emotions.TryParse(name, out Emotion emotion))
        {
            int[] same = [.. _names.Index().Where(one => Affekt.Emotions.TryParse(one.Item, out Emotion other) && other == emotion).Select(one => one.Index)];
            index = same is [int only] ? only : -1;
        }

        return index >= 0;
    }

    /// <inheritdoc/>
    public bool Equals(LabelSet? other) => other is not null && _names.AsSpan().SequenceEqual(other._names);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    /// <inheritdoc/>
    public override int GetHashCode() => string.Join('\n', _names).GetHashCode(StringComparison.Ordinal);

    /// <summary>The names, with commas between.</summary>
    public override string ToString() => string.Join(", ", _names);
}
