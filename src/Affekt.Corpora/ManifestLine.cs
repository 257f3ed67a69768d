using System.Globalization;

namespace Affekt.Corpora;

/// <summary>The fields of one utterance in a manifest, each checked for its kind.</summary>
/// <param name="file">The file.</param>
/// <param name="line">The line, counted from 1; null where the file has no line for each utterance.</param>
/// <param name="entry">The name of its entry, where it has no line.</param>
internal abstract class ManifestLine(string file, int? line, string? entry = null)
{
    /// <summary>The fields that a manifest may have.</summary>
    public static readonly IReadOnlySet<string> Known = new HashSet<string>
    {
        "id", "dialogue", "index", "speaker", "text", "emotion", "split", "media", "start_ms", "end_ms",
    };

    private const string FileUrl = "file://";

    public string File => file;

    public int? Line => line;

    /// <summary>Fields that are not part of a manifest.</summary>
    public abstract IEnumerable<string> UnknownFields();

    /// <summary>The text; null where the field is absent, null, or holds blanks only.</summary>
    public abstract string? Text(string field);

    /// <summary>The whole number from 0; null where the field is absent or null.</summary>
    public abstract int? Number(string field);

    /// <summary>The number; null where the field is absent or null.</summary>
    public abstract double? Decimal(string field);

    public string RequiredText(string field) => Text(field) ?? throw Wrong(field, "nothing", "a string that is not empty");

    public int? Label(CorpusLabels? labels) => labels is not null && Text("emotion") is { } name ? labels.ReadStrictly(name, File, Line, "emotion") : null;

    /// <summary>Whether there is a label, and it is left out.</summary>
    private bool HasOtherLabel(CorpusLabels? labels) =>
        labels is not null && Text("emotion") is not null && Label(labels) is null;

    public Split Split()
    {
        string name = RequiredText("split");
        return Splits.TryParse(name, out Split split)
            ? split
            : throw Wrong("split", CorpusException.Quote(name), string.Join(", ", Splits.Names));
    }

    /// <summary>
    /// The full path, whether or not a file is there. Where none is there under the name as written, backslashes count as
    /// separators, and "%20" and the like as what they stand for. An address of the web, which no folder holds, stays as written.
    /// </summary>
    public string? Media(string folder)
    {
        string? media = Text("media");
        if (media is null)
            return null;

        if (media.Contains('\0'))
            throw Wrong("media", "a path with a NUL character", "a path");

        string[] names = [.. Spellings(media).Select(name => Path.GetFullPath(Path.Combine(folder, name)))];
        return names.FirstOrDefault(System.IO.File.Exists)
            ?? (media.Contains("://", StringComparison.Ordinal) && !media.StartsWith(FileUrl, StringComparison.OrdinalIgnoreCase) ? media : names[0]);
    }

    private static IEnumerable<string> Spellings(string media)
    {
        yield return media;
        string slashes = media.Replace('\\', '/');
        yield return slashes;
        if (slashes.StartsWith(FileUrl, StringComparison.OrdinalIgnoreCase))
        {
            slashes = slashes[FileUrl.Length..];
            yield return slashes;
        }

        string plain = Uri.UnescapeDataString(slashes);
        if (!plain.Contains('\0'))
            yield return plain;
    }

    /// <summary>The utterance. A media file that is not there leaves it without media.</summary>
    /// <param name="folder">The folder that media are named from.</param>
    /// <param name="labels">Reads the labels; null where a line only names what is to be recognized, and needs no more than that.</param>
    public Utterance ToUtterance(string folder, CorpusLabels? labels) => WithMedia(folder, new Utterance
    {
        Id = labels is null ? Text("id") ?? $"line {Line}" : RequiredText("id"),
        Dialogue = labels is null ? Text("dialogue") ?? $"line {Line}" : RequiredText("dialogue"),
        Index = Number("index") ?? (labels is null ? Line ?? 0 : throw Wrong("index", "nothing", "a whole number from 0")),
        Speaker = Text("speaker"),
        Text = Text("text"),
        Label = Label(labels),
        HasOtherLabel = HasOtherLabel(labels),
        Split = labels is null && Text("split") is null ? Corpora.Split.Test : Split(),
    });

    /// <summary>The utterance with the media and times that this line names.</summary>
    public Utterance WithMedia(string folder, Utterance utterance)
    {
        string? media = Media(folder);
        bool isThere = media is not null && System.IO.File.Exists(media);
        utterance = utterance with
        {
            Media = isThere ? media : null,
            MissingMedia = isThere ? null : media,
            StartMs = Number("start_ms"),
            EndMs = Number("end_ms"),
        };
        return utterance.EndMs is not { } end || end > (utterance.StartMs ?? 0)
            ? utterance
            : throw Wrong("end_ms", $"{end}", $"more than start_ms, {utterance.StartMs ?? 0}");
    }

    /// <summary>A number as tables write it: those with gaps write all with a point, so 3000.0 is 3000; null where it is none.</summary>
    protected static int? Whole(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
        && number == decimal.Truncate(number) && number <= int.MaxValue
            ? (int)number
            : null;

    public CorpusException Wrong(string field, string found, string expected) =>
        new(found, expected, File, Line, entry is null ? field : $"{entry}.{field}");
}

/// <summary>An utterance as a row of a CSV file; an empty cell is an absent field.</summary>
internal sealed class CsvManifestLine(CsvRow row) : ManifestLine(row.File, row.Line)
{
    public override IEnumerable<string> UnknownFields() => row.Columns.Keys.Where(column => !Known.Contains(column));

    public override string? Text(string field) => row.Columns.ContainsKey(field) ? Utterance.TextOrNull(row[field]) : null;

    public override double? Decimal(string field)
    {
        if (Text(field) is not { } text)
            return null;

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(field, CorpusException.Quote(text), "a number");
    }

    public override int? Number(string field)
    {
        if (Text(field) is not { } text)
            return null;

        return Whole(text) ?? throw Wrong(field, CorpusException.Quote(text), $"a whole number from 0 to {int.MaxValue}");
    }
}
