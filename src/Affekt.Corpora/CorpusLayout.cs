namespace Affekt.Corpora;

/// <summary>A layout in which a corpus was published.</summary>
public sealed record CorpusLayout
{
    /// <summary>The name that commands and recipes call it by.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>Which of text, audio and video it holds.</summary>
    public required IReadOnlyList<string> Modalities { get; init; }

    /// <summary>Groups of speakers that folds are made of; 0 where the splits were published or are another's to make.</summary>
    public int Folds { get; init; }

    /// <summary>Its labels, and what they count as. Default: the seven.</summary>
    public IReadOnlyList<CorpusLabel> Labels { get; init; } = CorpusLabel.Seven;

    /// <summary>Other spellings of the name.</summary>
    internal IReadOnlyList<string> Spellings { get; init; } = [];

    /// <summary>Reads it from a folder or file.</summary>
    internal Func<string, CorpusReadOptions, Corpus> Reader { get; init; } = null!;
}
