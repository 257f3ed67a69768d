using Affekt.Corpora;

namespace Affekt.Training.Checks;

/// <summary>How much a finding matters.</summary>
public enum FindingLevel
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>Usable, but perhaps not what it should be.</summary>
    Suspicious,

    /// <summary>Cannot be used; the rest goes on without it.</summary>
    Bad,
}

/// <summary>Something that a check of a corpus found.</summary>
/// <param name="Code">One of the constants of <see cref="FindingCode"/>; stable, for programs.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Where">The utterance's id, or the file with the line where there is one.</param>
/// <param name="Message">What was found, for a person to read.</param>
public sealed record CorpusFinding(string Code, FindingLevel Level, string Where, string Message);

/// <summary>The codes of findings; docs/corpora.md says what each means.</summary>
public static class FindingCode
{
    /// <summary>A media file is named and not there. Bad.</summary>
    public const string MissingMedia = CorpusNote.MissingMedia;

    /// <summary>A media file cannot be read, or not in the stretch that is named. Bad.</summary>
    public const string UnreadableMedia = "unreadable_media";

    /// <summary>There is neither text nor media. Bad.</summary>
    public const string Empty = "empty";

    /// <summary>Part of a media file could not be decoded, or it ends early. Suspicious.</summary>
    public const string DamagedMedia = "damaged_media";

    /// <summary>There is no sound in the media, or only silence. Suspicious.</summary>
    public const string NoSound = "no_sound";

    /// <summary>There is no picture, though other media of the corpus have one. Suspicious.</summary>
    public const string NoPicture = "no_picture";

    /// <summary>An annotated duration cannot be right, and was dropped. Suspicious.</summary>
    public const string OddDuration = CorpusNote.OddDuration;

    /// <summary>A clip lasts longer or shorter than annotated, by more than a second and a quarter of it. Suspicious.</summary>
    public const string OtherDuration = "other_duration";

    /// <summary>An utterance is so long that an encoder hears only its middle. Suspicious.</summary>
    public const string LongMedia = "long_media";

    /// <summary>Two utterances have the same stretch of the same bytes. Suspicious; the more so in two splits.</summary>
    public const string RepeatedMedia = "repeated_media";

    /// <summary>There are no words, though other utterances have some. Suspicious.</summary>
    public const string NoText = "no_text";

    /// <summary>There is no label. Suspicious.</summary>
    public const string NoLabel = "no_label";

    /// <summary>More or fewer utterances than were published. Suspicious.</summary>
    public const string Incomplete = CorpusNote.Incomplete;

    /// <summary>Files that are not read. A note.</summary>
    public const string ExtraFiles = CorpusNote.ExtraFiles;

    /// <summary>A label that is none of the seven, with its number and how to map it. A note.</summary>
    public const string UnmappedLabel = CorpusNote.UnmappedLabel;

    /// <summary>An entry that cannot be understood, or is in no split. A note.</summary>
    public const string LeftOut = CorpusNote.LeftOut;

    /// <summary>Speakers of dev or test who are not in train. A note.</summary>
    public const string UnseenSpeakers = "unseen_speakers";

    /// <summary>Whatever else the reader met and got past. A note.</summary>
    public const string Odd = CorpusNote.Odd;
}
