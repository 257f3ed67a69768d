namespace Affekt.Corpora;

/// <summary>One speaker's stretch of speech: the unit that gets an emotion.</summary>
public sealed record Utterance
{
    /// <summary>Unique within its corpus, and stable: reading the same files again gives the same id.</summary>
    public required string Id { get; init; }

    /// <summary>The id of the dialogue it belongs to.</summary>
    public required string Dialogue { get; init; }

    /// <summary>
    /// The number that the corpus gives it within its dialogue, 0 or more; rising, gaps are possible.
    /// </summary>
    public required int Index { get; init; }

    /// <summary>Who speaks, as the corpus writes it; null where that is unknown.</summary>
    public string? Speaker { get; init; }

    /// <summary>The words, exactly as the corpus writes them; null where there are none.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// True where the words were set by the makers of the corpus and are the same for every emotion, so that an
    /// evaluation of text on them would measure nothing.
    /// </summary>
    public bool TextIsFixed { get; init; }

    /// <summary>
    /// The label's index in <see cref="Corpus.Labels"/>; null where there is none, or where the corpus's own counts as none of these.
    /// </summary>
    public int? Label { get; init; }

    /// <summary>
    /// True where <see cref="Label"/> is null though no label is missing: the corpus's own counts as none of the set, or the corpus labels
    /// no such utterances.
    /// </summary>
    public bool HasOtherLabel { get; init; }

    /// <summary>
    /// The values of <see cref="CorpusReadOptions.Dimensions"/>, in the corpus's own units; null where it has none. Empty where none are read.
    /// </summary>
    public IReadOnlyList<double?> Dimensions { get; init; } = [];

    /// <summary>Sets both for an utterance that the corpus labels: to what its label counts as, null for none of the set.</summary>
    internal int? GivenLabel
    {
        init
        {
            Label = value;
            HasOtherLabel = value is null;
        }
    }

    /// <summary>The part of the corpus that the whole dialogue belongs to.</summary>
    public required Split Split { get; init; }

    /// <summary>Full path of the file that holds the sound or picture; null where it is missing.</summary>
    public string? Media { get; init; }

    /// <summary>
    /// Full path of the file that the corpus names as this utterance's media, where no such file is there; else null.
    /// </summary>
    public string? MissingMedia { get; init; }

    /// <summary>Where the utterance starts within <see cref="Media"/>, in ms; null: at the file's start.</summary>
    public int? StartMs { get; init; }

    /// <summary>Where the utterance ends within <see cref="Media"/>, in ms; null: at the file's end.</summary>
    public int? EndMs { get; init; }

    /// <summary>
    /// How long the utterance lasts, in ms, as annotated or else as start and end tell; null where neither is known.
    /// </summary>
    public int? DurationMs { get => field ?? (EndMs - StartMs); init; }

    // Text of blanks only counts as missing, so that no later stage has to ask again.
    internal static string? TextOrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

/// <summary>Utterances in the order in which they were spoken.</summary>
/// <param name="Id">Unique within its corpus.</param>
/// <param name="Split">The split of every utterance in it: a dialogue is never divided.</param>
/// <param name="Utterances">At least one, by rising <see cref="Utterance.Index"/>.</param>
public sealed record Dialogue(string Id, Split Split, IReadOnlyList<Utterance> Utterances);

/// <summary>Something odd that a reader met and got past.</summary>
/// <param name="File">The file it was met in.</param>
/// <param name="Line">The line, counted from 1; null where the whole file is meant.</param>
/// <param name="Message">What was odd and what was done about it.</param>
/// <param name="Code">One of the constants of this type; stable, for programs.</param>
public sealed record CorpusNote(string File, int? Line, string Message, string Code = CorpusNote.Odd)
{
    /// <summary>Anything that no other code tells.</summary>
    public const string Odd = "odd";

    /// <summary>An annotated duration that cannot be right.</summary>
    public const string OddDuration = "odd_duration";

    /// <summary>A media file that is named and not there; <see cref="Utterance.MissingMedia"/> tells it too.</summary>
    public const string MissingMedia = "missing_media";

    /// <summary>Files that the corpus does not name, or that show again what another one shows.</summary>
    public const string ExtraFiles = "extra_files";

    /// <summary>More or fewer utterances than were published.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>Utterances whose label is none of those that are read into; a map of labels can say what it counts as.</summary>
    public const string UnmappedLabel = "unmapped_label";

    /// <summary>An entry that cannot be understood, or belongs to no split; it is left out.</summary>
    public const string LeftOut = "left_out";
}

/// <summary>Labeled utterances with their splits.</summary>
/// <param name="Name">Lower-case name: "meld", "ravdess" and so on, as <see cref="CorpusReader.Names"/>, or a manifest's file name.</param>
/// <param name="Dialogues">In the order of the files.</param>
/// <param name="Notes">What was odd, in the order met; empty where nothing was.</param>
public sealed record Corpus(string Name, IReadOnlyList<Dialogue> Dialogues, IReadOnlyList<CorpusNote> Notes)
{
    /// <summary>The line of each utterance in its manifest, by id, from 1; empty for a corpus that is no manifest.</summary>
    public IReadOnlyDictionary<string, int> Lines { get; init; } = new Dictionary<string, int>();

    /// <summary>The indices of those of <see cref="Labels"/> that its own can count as, rising. Default: the seven emotions.</summary>
    public IReadOnlyList<int> Classes { get; init; } = [.. LabelSet.Emotions.Indices];

    /// <summary>What its labels were read into.</summary>
    public LabelSet Labels => Reading.Labels.Set;

    /// <summary>How it was read.</summary>
    public CorpusReadOptions Reading { get; init; } = CorpusReadOptions.Default;

    /// <summary>All utterances, dialogue after dialogue.</summary>
    public IEnumerable<Utterance> Utterances => Dialogues.SelectMany(dialogue => dialogue.Utterances);

    /// <summary>The dialogues of one split, in order.</summary>
    public IEnumerable<Dialogue> In(Split split) => Dialogues.Where(dialogue => dialogue.Split == split);
}
