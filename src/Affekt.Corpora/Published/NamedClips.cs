namespace Affekt.Corpora.Published;

/// <summary>A file of a corpus whose clips are performances of one utterance each.</summary>
/// <param name="Path">The file.</param>
/// <param name="Id">The performance: files with the same id show the same one.</param>
/// <param name="Label">Its label; null where it has none.</param>
/// <param name="Split">Its split.</param>
internal sealed record NamedClip(string Path, string Id, string? Label, Split Split)
{
    /// <summary>Who speaks.</summary>
    public string? Speaker { get; init; }

    /// <summary>The sentence, which is the same for every emotion; null where it is not known.</summary>
    public string? Sentence { get; init; }
}

/// <summary>Makes a corpus of clips whose names or folders tell all about them.</summary>
internal static class NamedClips
{
    /// <summary>
    /// Each performance as a dialogue of one utterance: where several files show it, the film is taken, then the sound as it was
    /// recorded. What has no label, or one that counts as none of the seven, is left out with a note that counts it.
    /// </summary>
    /// <param name="name">The corpus's name.</param>
    /// <param name="root">Its folder.</param>
    /// <param name="example">A name that its files have, for the error's message.</param>
    /// <param name="labels">Reads its labels.</param>
    /// <param name="parse">Tells about a file; null where the name is no clip's of this corpus.</param>
    /// <param name="published">How many performances were published; null where that is not known for sure.</param>
    /// <exception cref="CorpusException">The folder cannot be read, or no file in it has such a name.</exception>
    public static Corpus Read(
        string name, string root, string example, CorpusLabels labels, Func<string, NamedClip?> parse, int? published = null)
    {
        List<NamedClip> clips = [];
        List<string> others = [];
        foreach (string path in MediaFiles.Under(root))
        {
            if (parse(path) is { } clip)
            {
                clips.Add(clip);
            }
            else
            {
                others.Add(path);
            }
        }

        if (clips.Count == 0)
            throw new CorpusException("no file named so", $"media files such as {example}", root);

        NamedClip[] performances =
            [.. clips.GroupBy(clip => clip.Id, StringComparer.OrdinalIgnoreCase).Select(takes => takes.MinBy(take => MediaFiles.Rank(take.Path))!)];
        List<CorpusNote> notes = [];
        Note(clips.Count - performances.Length, CorpusNote.ExtraFiles, "files show a performance that another file shows as well; left out");
        Note(others.Count, CorpusNote.ExtraFiles, $"files are not named like {example}; not read, first {others.FirstOrDefault()}");
        Note(performances.Count(clip => clip.Label is null), CorpusNote.LeftOut, "clips have no label; left out");
        if (published is { } count && count != performances.Length)
            notes.Add(new CorpusNote(root, null, $"{performances.Length} clips; {count} were published", CorpusNote.Incomplete));

        Dialogue[] dialogues = [.. performances.Select(clip => ToDialogue(clip, labels)).OfType<Dialogue>()];
        return new Corpus(name, dialogues, [.. labels.Notes(), .. notes]);

        void Note(int number, string code, string what)
        {
            if (number > 0)
                notes.Add(new CorpusNote(root, null, $"{number} {what}", code));
        }
    }

    private static Dialogue? ToDialogue(NamedClip clip, CorpusLabels labels)
    {
        if (clip.Label is null || labels.Read(clip.Label, clip.Path) is not { } label)
            return null;

        Utterance utterance = new()
        {
            Id = clip.Id,
            Dialogue = clip.Id,
            Index = 0,
            Speaker = clip.Speaker,
            Text = clip.Sentence,
            TextIsFixed = clip.Sentence is not null,
            Label = label,
            Split = clip.Split,
            Media = clip.Path,
        };
        return new Dialogue(clip.Id, clip.Split, [utterance]);
    }
}

/// <summary>Reads the names that published tables and files give to splits.</summary>
internal static class PublishedSplits
{
    /// <summary>The split; null where the name is none's.</summary>
    public static Split? Parse(string name) => name.Trim().ToLowerInvariant() switch
    {
        "train" or "training" or "trn" or "0" => Split.Train,
        "dev" or "valid" or "val" or "validation" or "1" => Split.Dev,
        "test" or "testing" or "tst" or "2" => Split.Test,
        _ => null,
    };

    /// <summary>The split that a word of a file's name gives; null where none does.</summary>
    public static Split? OfFile(string path) => Path.GetFileNameWithoutExtension(path).ToLowerInvariant().Split('_', '-', '.', ' ')
        .Where(word => word.Length > 1).Select(Parse).FirstOrDefault(split => split is not null);
}
