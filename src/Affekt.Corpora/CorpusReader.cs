namespace Affekt.Corpora;

/// <summary>Reads a corpus by the name of its layout.</summary>
public static class CorpusReader
{
    /// <summary>The layouts' names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["meld", "ravdess", "tess", "goemotions", "manifest"];

    /// <summary>Reads a corpus.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="root">The corpus's folder; of a manifest the file.</param>
    /// <exception cref="CorpusException">There is no such layout, or the corpus cannot be read.</exception>
    public static Corpus Read(string name, string root) => name switch
    {
        "meld" => MeldCorpus.Read(root),
        "ravdess" => RavdessCorpus.Read(root),
        "tess" => TessCorpus.Read(root),
        "goemotions" => GoEmotionsCorpus.Read(root),
        "manifest" => Manifest.Read(root),
        _ => throw new CorpusException(CorpusException.Quote(name), string.Join(", ", Names), field: "corpus"),
    };
}
