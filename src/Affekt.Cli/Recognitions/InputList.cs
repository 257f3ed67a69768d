using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Recognition;

namespace Affekt.Cli.Recognitions;

/// <summary>What INPUT... names: files, folders with all media below them, patterns, and manifests.</summary>
internal static class InputList
{
    private const string ManifestEnding = ".jsonl";

    // In a folder only these are taken for media; a file that is named itself may be called anything.
    private static readonly HashSet<string> _mediaEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".mp4", ".m4a", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".flv", ".wmv", ".3gp", ".mxf",
        ".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".aac", ".wma", ".aiff", ".aif", ".caf", ".amr", ".ac3", ".mka",
    };

    private static readonly EnumerationOptions _allBelow = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };

    /// <summary>The files, each once, in the order in which they were named; those of a folder or pattern sorted.</summary>
    /// <exception cref="CommandException">A folder or pattern holds no media.</exception>
    /// <exception cref="CorpusException">A manifest cannot be read.</exception>
    public static IReadOnlyList<RecognitionRequest> Find(IEnumerable<string> inputs)
    {
        List<RecognitionRequest> found = [];
        HashSet<string> taken = [];
        foreach (string input in inputs)
        {
            foreach (RecognitionRequest request in Expand(input).Where(request => taken.Add(Path.GetFullPath(request.File))))
                found.Add(request);
        }

        return found.Count > 0
            ? found
            : throw new CommandException("found no media file in the inputs, expected one or more", ExitCode.Unusable);
    }

    /// <summary>
    /// Where each result goes in a folder: the media file's name with .json, and where two have one name, a part of their
    /// paths' digest too, so that the same file always gets the same name.
    /// </summary>
    public static IReadOnlyList<string> ResultFiles(IReadOnlyList<RecognitionRequest> requests, string folder)
    {
        Dictionary<string, int> uses = [];
        foreach (RecognitionRequest request in requests)
            uses[Name(request)] = uses.GetValueOrDefault(Name(request)) + 1;
        return
        [
            .. requests.Select(request => Path.Combine(
                folder, $"{Name(request)}{(uses[Name(request)] > 1 ? $"-{Digest(request)}" : "")}.json")),
        ];

        static string Name(RecognitionRequest request) => Path.GetFileName(request.File);

        static string Digest(RecognitionRequest request) =>
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(request.File))))[..8];
    }

    private static IEnumerable<RecognitionRequest> Expand(string input)
    {
        if (Directory.Exists(input))
            return Below(input, input, path => _mediaEndings.Contains(Path.GetExtension(path)));
        if (!File.Exists(input) && input.AsSpan().ContainsAny('*', '?'))
            return Matching(input);
        return File.Exists(input) && Path.GetExtension(input).Equals(ManifestEnding, StringComparison.OrdinalIgnoreCase)
            ? FromManifest(input)
            : [new RecognitionRequest(input)];
    }

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

    private static RecognitionRequest[] Below(string input, string folder, Func<string, bool> wanted)
    {
        RecognitionRequest[] found = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*", _allBelow).Where(wanted).Order(StringComparer.Ordinal).Select(Request)]
            : [];
        return found.Length > 0
            ? found
            : throw new CommandException($"{input}: found no media file, expected one or more", ExitCode.Unusable);

        // Patterns that begin in the folder at hand give names that begin there too.
        RecognitionRequest Request(string path) => new(folder == "." ? path["./".Length..] : path);
    }

    // The lines of one medium are its transcript; without times a line's words are those of the whole file.
    private static IEnumerable<RecognitionRequest> FromManifest(string file) =>
        Manifest.Read(file).Utterances.Where(line => line.Media is not null).GroupBy(line => line.Media!).Select(medium =>
        {
            Utterance[] lines = [.. medium];
            if (lines is [{ EndMs: null } whole])
                return new RecognitionRequest(medium.Key) { Text = whole.Text, Speaker = whole.Speaker };
            SpokenLine[] spoken =
            [
                .. lines.Where(line => line.Text is not null && line.EndMs is not null).OrderBy(line => line.StartMs ?? 0)
                    .Select(line => new SpokenLine(
                        TimeRange.FromMilliseconds(line.StartMs ?? 0, line.EndMs!.Value), line.Speaker, line.Text!)),
            ];
            return new RecognitionRequest(medium.Key) { Transcript = spoken.Length > 0 ? spoken : null };
        });
}
