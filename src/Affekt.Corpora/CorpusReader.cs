using Affekt.Corpora.Published;

namespace Affekt.Corpora;

/// <summary>Reads a corpus by the name of its layout.</summary>
public static class CorpusReader
{
    private static readonly string[] _all = ["text", "audio", "video"];

    /// <summary>The layouts. A corpus of one's own is a manifest.</summary>
    public static IReadOnlyList<CorpusLayout> Layouts { get; } =
    [
        new() { Name = "meld", Title = "MELD", Modalities = _all, Reader = (root, options) => MeldCorpus.Read(root, options.Labels) },
        new()
        {
            Name = "ravdess", Title = "RAVDESS speech", Modalities = ["audio", "video"], Labels = RavdessCorpus.Labels,
            Reader = (root, options) => RavdessCorpus.Read(root, new RavdessOptions { Labels = options.Labels, Actors = options.Speakers }),
        },
        new()
        {
            Name = "tess", Title = "TESS", Modalities = ["audio"], Labels = TessCorpus.Labels,
            Reader = (root, options) => TessCorpus.Read(root, new TessOptions { Labels = options.Labels }),
        },
        new()
        {
            Name = "goemotions", Title = "GoEmotions, mapped to seven emotions", Modalities = ["text"],
            Reader = (root, options) => GoEmotionsCorpus.Read(root, options.Labels),
        },
        new()
        {
            Name = "iemocap", Title = "IEMOCAP", Modalities = ["text", "audio"], Folds = IemocapCorpus.Folds, Labels = IemocapCorpus.Labels,
            Reader = IemocapCorpus.Read,
        },
        CremaD("crema-d", "CREMA-D, as acted", CremaDLabels.Acted, "cremad"),
        CremaD("crema-d-voice", "CREMA-D, as most heard the voice", CremaDLabels.Voice),
        CremaD("crema-d-face", "CREMA-D, as most saw the face", CremaDLabels.Face),
        CremaD("crema-d-both", "CREMA-D, as most heard and saw both", CremaDLabels.Both),
        new()
        {
            Name = "emodb", Title = "EmoDB", Modalities = ["audio"], Folds = EmoDbCorpus.Folds, Labels = EmoDbCorpus.Labels,
            Reader = EmoDbCorpus.Read,
        },
        new()
        {
            Name = "savee", Title = "SAVEE", Modalities = ["audio", "video"], Folds = SaveeCorpus.Folds, Labels = SaveeCorpus.Labels,
            Reader = SaveeCorpus.Read,
        },
        new()
        {
            Name = "emovo", Title = "EMOVO", Modalities = ["audio"], Folds = EmovoCorpus.Folds, Labels = EmovoCorpus.Labels,
            Reader = EmovoCorpus.Read,
        },
        new()
        {
            Name = "enterface", Title = "eNTERFACE'05", Modalities = ["audio", "video"], Folds = EnterfaceCorpus.Folds,
            Labels = EnterfaceCorpus.Labels, Spellings = ["enterface05"], Reader = EnterfaceCorpus.Read,
        },
        new()
        {
            Name = "cmu-mosei", Title = "CMU-MOSEI", Modalities = _all, Labels = MoseiCorpus.Labels, Spellings = ["mosei"],
            Reader = MoseiCorpus.Read,
        },
        new()
        {
            Name = "ch-sims", Title = "CH-SIMS and its second version", Modalities = _all, Labels = ChSimsCorpus.Labels, Spellings = ["sims"],
            Reader = ChSimsCorpus.Read,
        },
        new()
        {
            Name = "afew", Title = "AFEW", Modalities = ["audio", "video"], Labels = FilmFolderCorpus.Labels,
            Reader = (root, options) => FilmFolderCorpus.Read("afew", root, options),
        },
        new()
        {
            Name = "caer", Title = "CAER", Modalities = ["audio", "video"], Labels = FilmFolderCorpus.Labels,
            Reader = (root, options) => FilmFolderCorpus.Read("caer", root, options),
        },
        new() { Name = "emorynlp", Title = "EmoryNLP", Modalities = ["text"], Labels = EmoryNlpCorpus.Labels, Reader = EmoryNlpCorpus.Read },
        new()
        {
            Name = "dailydialog", Title = "DailyDialog", Modalities = ["text"], Labels = DailyDialogCorpus.Labels,
            Reader = DailyDialogCorpus.Read,
        },
        new() { Name = "emowoz", Title = "EmoWOZ", Modalities = ["text"], Labels = EmoWozCorpus.Labels, Reader = EmoWozCorpus.Read },
        new()
        {
            Name = "manifest", Title = "a corpus of one's own", Modalities = _all,
            Reader = (root, options) => Manifest.Read(root, map: options.Labels, dimensions: options.Dimensions),
        },
    ];

    /// <summary>The layouts' names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Layouts.Select(layout => layout.Name)];

    /// <summary>
    /// The layout of a name; null where there is none. Case, hyphens and underscores make no difference: CREMA_D is crema-d.
    /// </summary>
    public static CorpusLayout? TryFind(string name)
    {
        string plain = Plain(name);
        return Layouts.FirstOrDefault(layout => Plain(layout.Name) == plain || layout.Spellings.Contains(plain));
    }

    /// <summary>Reads a corpus.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="root">The corpus's folder; of a manifest the file.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <exception cref="CorpusException">There is no such layout or fold, or the corpus cannot be read.</exception>
    public static Corpus Read(string name, string root, CorpusReadOptions? options = null)
    {
        options ??= CorpusReadOptions.Default;
        CorpusLayout layout = TryFind(name) ?? throw new CorpusException(CorpusException.Quote(name), string.Join(", ", Names), field: "corpus");
        if (options.Fold is { } fold && (fold < 1 || fold > layout.Folds))
        {
            throw new CorpusException(
                $"fold {fold}", layout.Folds > 0 ? $"1 to {layout.Folds}" : $"none: {layout.Name} has its own splits", field: "fold");
        }

        IReadOnlyList<int> classes = options.Labels.Set.IsEmotions ? ClassesOf(layout, options.Labels) : [.. options.Labels.Set.Indices];
        if (options.Dimensions.Count > 0 && layout.Name is not ("manifest" or "iemocap"))
            throw new CorpusException(string.Join(", ", options.Dimensions), $"none: {layout.Name} is read without dimensions", field: "dimensions");

        return layout.Reader(root, options) with { Classes = classes, Reading = options };
    }

    private static IReadOnlyList<int> ClassesOf(CorpusLayout layout, LabelMap map)
    {
        IEnumerable<int?> counted = layout.Labels.Select(label =>
            map.TryGet(label.Code, out int? index) || map.TryGet(label.Name, out index) ? index : (int?)label.Emotion);
        IEnumerable<int?> mapped = map.Labels.Select(label => map.TryGet(label, out int? index) ? index : null);
        return [.. counted.Concat(mapped).OfType<int>().Distinct().Order()];
    }

    private static CorpusLayout CremaD(string name, string title, CremaDLabels labels, params string[] spellings) => new()
    {
        Name = name,
        Title = title,
        Modalities = ["audio", "video"],
        Folds = CremaDCorpus.Folds,
        Labels = labels == CremaDLabels.Acted ? CremaDCorpus.Acted : CremaDCorpus.Voted,
        Spellings = spellings,
        Reader = (root, options) => CremaDCorpus.Read(root, options, labels),
    };

    private static string Plain(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
