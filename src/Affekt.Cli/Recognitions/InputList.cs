using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;
using Affekt.Recognition;

namespace Affekt.Cli.Recognitions;

/// <summary>What INPUT... names: files, folders with all media below them, patterns, and manifests.</summary>
internal static class InputList
{
    // In a folder only these are taken for media; a file that is named itself may be called anything.
    private static readonly HashSet<string> _mediaEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".mp4", ".m4a", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".flv", ".wmv", ".3gp", ".mxf",
        ".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".aac", ".wma", ".aiff", ".aif", ".caf", ".amr", ".ac3", ".mka",
    };

    // Beside sound or video they are covers and thumbnails.
    private static readonly HashSet<string> _pictureEndings = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".webp", ".bmp" };

    private static readonly EnumerationOptions _allBelow = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };

    /// <summary>The files, each once, in the order in which they were named; those of a folder or pattern sorted.</summary>
    /// <param name="inputs">What the user named.</param>
    /// <param name="onUnusable">
    /// Told of each input, and of each line of a manifest, that gives nothing to recognize; the others are found all the same.
    /// </param>
    public static IReadOnlyList<RecognitionRequest> Find(IEnumerable<string> inputs, Action<Exception> onUnusable)
    {
        List<RecognitionRequest> found = [];
        Dictionary<string, int> places = [];
        foreach (string input in inputs)
        {
            try
            {
                foreach (RecognitionRequest request in Expand(input, onUnusable))
                    Add(request);
            }
            catch (Exception exception) when (exception is CommandException or CorpusException or IOException or UnauthorizedAccessException)
            {
                onUnusable(exception);
            }
        }

        return found;

        // A file that is named by itself and in a manifest keeps what the manifest knows of it.
        void Add(RecognitionRequest request)
        {
            if (places.TryAdd(Path.GetFullPath(request.File), found.Count))
                found.Add(request);
            else if (!HasWords(found[places[Path.GetFullPath(request.File)]]))
                found[places[Path.GetFullPath(request.File)]] = request;
            else if (HasWords(request))
                onUnusable(new CommandException($"{request.File}: found words for it twice, expected once; the first were taken", ExitCode.Unusable));
        }

        static bool HasWords(RecognitionRequest request) => request.Text is not null || request.Transcript is not null;
    }

    /// <summary>
    /// Where each result goes in a folder: the media file's name with .json, and where two have one name, a part of their
    /// paths' digest too, so that the same file always gets the same name. A name too long for a file system is cut short.
    /// </summary>
    public static IReadOnlyList<string> ResultFiles(IReadOnlyList<RecognitionRequest> requests, string folder)
    {
        // File systems that take "A" and "a" for one name must not lose one of them.
        Dictionary<string, int> uses = new(StringComparer.OrdinalIgnoreCase);
        foreach (RecognitionRequest request in requests)
            uses[Name(request)] = uses.GetValueOrDefault(Name(request)) + 1;
        return
        [
            .. requests.Select(request =>
            {
                string name = Name(request), shortened = Shortened(name);
                bool marked = uses[name] > 1 || shortened != name;
                return Path.Combine(folder, $"{shortened}{(marked ? $"-{Digest(request)}" : "")}.json");
            }),
        ];

        static string Name(RecognitionRequest request) => Path.GetFileName(request.File);

        static string Digest(RecognitionRequest request) =>
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(request.File))))[..8];
    }

    // Common file systems have names of at most 255 bytes, of which a digest and an ending need some.
    private static string Shortened(string name)
    {
        const int Longest = 255 - 5, Cut = Longest - 9;
        if (Encoding.UTF8.GetByteCount(name) <= Longest)
            return name;
        StringBuilder kept = new();
        int bytes = 0;
        foreach (Rune rune in name.EnumerateRunes().TakeWhile(rune => (bytes += rune.Utf8SequenceLength) <= Cut))
            kept.Append(rune);
        return kept.ToString();
    }

    private static IEnumerable<RecognitionRequest> Expand(string input, Action<Exception> onUnusable)
    {
        if (input == StandardInput.Name)
            return [new RecognitionRequest(input)];
        if (Directory.Exists(input))
            return Below(input, input, path => Has(path, _mediaEndings), path => Has(path, _pictureEndings));
        if (!File.Exists(input) && input.AsSpan().ContainsAny('*', '?'))
            return Matching(input);
        if (!File.Exists(input) && NoFile(input) is { } found)
            throw new CommandException($"{input}: found {found}", ExitCode.Unusable);
        return File.Exists(input) && ManifestInput.Is(input) ? ManifestInput.Read(input, onUnusable) : [new RecognitionRequest(input)];

        static bool Has(string path, HashSet<string> endings) => endings.Contains(Path.GetExtension(path));
    }

    // What is often given in place of a file, where there is none of that name.
    private static string? NoFile(string input) => input switch
    {
        _ when string.IsNullOrWhiteSpace(input) => "an empty name, expected a file, a folder or a pattern",
        _ when input.Contains("://", StringComparison.Ordinal) => "an address, expected a file on this machine: download it first",
        _ when input.Contains('\ufffd', StringComparison.Ordinal) => "a name that is not UTF-8, expected one that is: rename the file",
        _ => null,
    };

    // Everything before the first part with a star is a folder; "**" crosses folders, "*" and "?" do not.
    private static RecognitionRequest[] Matching(string pattern)
    {
        string[] parts = pattern.Split('/');
        int fixedParts = parts.TakeWhile(part => !part.AsSpan().ContainsAny('*', '?')).Count();
        string folder = string.Join('/', parts[..fixedParts]);
        folder = fixedParts == 0 ? "." : folder.Length == 0 ? "/" : folder;
        string[] rest = parts[fixedParts..];
        return Below(pattern, folder, path => Matches(rest, Path.GetRelativePath(folder, path).Split('/')));
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.IsEmpty)
            return path.IsEmpty;
        if (pattern[0] == "**")
            return Matches(pattern[1..], path) || (!path.IsEmpty && Matches(pattern, path[1..]));
        return !path.IsEmpty && FileSystemName.MatchesSimpleExpression(pattern[0], path[0], ignoreCase: false)
            && Matches(pattern[1..], path[1..]);
    }

    // The files that are wanted most and are there: those of the first kind that has any.
    private static RecognitionRequest[] Below(string input, string folder, params IEnumerable<Func<string, bool>> kinds)
    {
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*", _allBelow).Order(StringComparer.Ordinal)] : [];
        RecognitionRequest[] found = kinds.Select(wanted => files.Where(wanted).Select(Request).ToArray()).FirstOrDefault(some => some.Length > 0) ?? [];
        return found.Length > 0
            ? found
            : throw new CommandException($"{input}: found no media file, expected one or more", ExitCode.Unusable);

        // Patterns that begin in the folder at hand give names that begin there too.
        RecognitionRequest Request(string path) => new(folder == "." ? path["./".Length..] : path);
    }
}
