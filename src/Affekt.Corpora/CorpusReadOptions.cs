namespace Affekt.Corpora;

/// <summary>How to read a corpus.</summary>
public sealed record CorpusReadOptions
{
    /// <summary>The defaults.</summary>
    public static CorpusReadOptions Default { get; } = new();

    /// <summary>
    /// Which labels are read into, and what those of the corpus count as before what the layout's table says. Default: the seven emotions, and
    /// nothing is said.
    /// </summary>
    public LabelMap Labels { get; init; } = LabelMap.Empty;

    /// <summary>
    /// Dimensions such as valence that are read beside the labels: of a manifest fields of these names, of IEMOCAP valence, activation (or
    /// arousal) and dominance. Default: none.
    /// </summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>The numbered speakers to read, of RAVDESS; other layouts read all. Default null: all.</summary>
    public SpeakerList? Speakers { get; init; }

    /// <summary>
    /// The fold, from 1 to <see cref="CorpusLayout.Folds"/>: its speakers are test, those of the fold before it (of the last, before the
    /// first) dev, all others train. Default null: the last. For layouts whose splits were published there is no choice.
    /// </summary>
    public int? Fold { get; init; }
}
