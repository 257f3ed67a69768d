using System.Text;
using Affekt.AspNetCore.Problems;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>
/// Reads a form as it comes in, straight to the upload's folder: nothing larger than a field is held in memory, and a limit
/// ends the reading where it is passed.
/// </summary>
internal sealed class UploadReader(ServerLimits limits)
{
    private const string Media = "media";
    private const string Text = "text";
    private const string Transcription = "transcript";
    private const string Speaker = "speaker";
    private const string Options = "options";
    private const string Baseline = "baseline";
    private const int LongestBoundary = 70;
    private const int LongestFileName = 255;
    private const int LongestShown = 100;
    private const int LongestSpeaker = 200;

    private static readonly string[] _names = [Media, Text, Transcription, Speaker, Options, Baseline];

    /// <param name="request">The request, its body not read yet.</param>
    /// <param name="folder">Where the media goes.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ProblemException">The form is not as docs/api.md has it, or too large.</exception>
    public async Task<Upload> ReadAsync(HttpRequest request, string folder, CancellationToken cancellation)
    {
        if (request.Query.Keys.FirstOrDefault(key => _names.Contains(key) || RecognitionOptions.Names.Contains(key)) is { } asked)
            throw Bad($"Found {asked} in the address, expected it in the form{WithinOptions(asked)}.");
        Upload upload = await ReadPartsAsync(request, folder, _names, cancellation);
        if (upload.WordsAlone && upload.Text is null && upload.Transcript is null)
            throw new ProblemException(ProblemCode.MediaMissing, "Found no part media, expected one with the recording, or text or transcript for words alone.");
        return upload.Text is not null && upload.Transcript is not null
            ? throw Bad("Found text and transcript, expected one of them at most.")
            : upload;
    }

    /// <summary>Reads a form that holds nothing but recordings of a voice.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<Upload> ReadBaselineAsync(HttpRequest request, string folder, CancellationToken cancellation)
    {
        Upload upload = await ReadPartsAsync(request, folder, [Baseline], cancellation);
        return upload.Baseline.Count > 0
            ? upload
            : throw new ProblemException(ProblemCode.MediaMissing, "Found no part baseline, expected one or more, each with a recording of the voice.");
    }

    private async Task<Upload> ReadPartsAsync(HttpRequest request, string folder, string[] names, CancellationToken cancellation)
    {
        int most = names.Length - 1 + limits.MaxBaselineFiles;
        int parts = 0;
        MultipartReader reader = new(Boundary(request), request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 8 << 10 };
        Upload upload = new() { Folder = folder, Path = System.IO.Path.Combine(folder, Media), File = Text, WordsAlone = true };
        HashSet<string> seen = [];
        try
        {
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
            {
                (string name, string? file) = NameOf(section);
                if (++parts > most)
                    throw new ProblemException(ProblemCode.TooManyFields, $"Found more than {most} parts, expected at most that many.");
                if (!names.Contains(name))
                    throw Bad($"Found a part named {Shown(name)}, expected {string.Join(", ", names)}{WithinOptions(name)}.");
                if (!seen.Add(name) && name != Baseline)
                    throw Bad($"{name}: found twice, expected once.");

                // What a browser sends for an input that nobody filled in is as if it were not there.
                upload = name switch
                {
                    Media => await WithMediaAsync(upload, section, file, cancellation),
                    Text => upload with { Text = await ReadTextAsync(section, name, limits.MaxFieldBytes, cancellation) },
                    Speaker => upload with { Speaker = ShortSpeaker(await ReadTextAsync(section, name, limits.MaxFieldBytes, cancellation)) },
                    Options => await ReadTextAsync(section, name, limits.MaxFieldBytes, cancellation) is { } options
                        ? upload with { Options = RecognitionOptions.Read(options) }
                        : upload,
                    Baseline => await WithVoiceAsync(upload, section, file, cancellation),
                    _ => await WithTranscriptAsync(upload, section, file, cancellation),
                };
            }
        }
        catch (Exception exception) when (exception is not BadHttpRequestException
            and (InvalidDataException or IOException { InnerException: null, HResult: EndOfData }))
        {
            throw exception is IOException
                ? Bad("Found a form that ends amid a part, expected multipart/form-data with its last boundary.")
                : Bad($"Found a damaged form ({exception.Message.TrimEnd('.')}), expected multipart/form-data with the boundary that Content-Type names.");
        }

        return upload;
    }

    // What the reader of forms throws where the body ends amid a part.
    private const int EndOfData = unchecked((int)0x80131620);

    private static string Boundary(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ProblemCode.NotMultipart, NotMultipart(request));
        }

        string encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(ProblemCode.NotMultipart, $"Content-Encoding: found {Shown(encoding)}, expected none: a form that is not compressed.");

        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= LongestBoundary
            ? boundary
            : throw Bad($"Content-Type: found a boundary of {boundary.Length} characters, expected 1 to {LongestBoundary}.");
    }

    private static (string Name, string? File) NameOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw Bad("Found a part without a name, expected Content-Disposition: form-data; name=...");
        }

        string? file = Unquoted(disposition.FileNameStar) ?? Unquoted(disposition.FileName);
        return (Unquoted(disposition.Name) ?? "", file);
    }

    private static string? Unquoted(Microsoft.Extensions.Primitives.StringSegment value) =>
        HeaderUtilities.RemoveQuotes(value) is { HasValue: true, Length: > 0 } bare ? bare.ToString() : null;

    // Only told back to its sender: no path is made of it. Browsers and curl escape quotes and ends of lines; of a long name the
    // beginning and the ending are kept.
    private static string ShownName(string? file, string otherwise = Media)
    {
        string name = new([.. (file ?? otherwise).Split('/', '\\')[^1]
            .Replace("%22", "\"", StringComparison.Ordinal)
            .Replace("%0D", "", StringComparison.OrdinalIgnoreCase)
            .Replace("%0A", "", StringComparison.OrdinalIgnoreCase)
            .Where(character => !char.IsControl(character))]);
        string ending = System.IO.Path.GetExtension(name);
        if (name.Length > LongestFileName)
            name = ending.Length < LongestFileName ? string.Concat(name.AsSpan(0, LongestFileName - ending.Length), ending) : name[..LongestFileName];
        return name.Length == 0 ? otherwise : name;
    }

    /// <summary>What is wrong with a request of another content type.</summary>
    internal static string NotMultipart(HttpRequest request) =>
        $"Content-Type: found {Shown(request.ContentType)}, expected multipart/form-data with a part for each file and field.";

    private static string WithinOptions(string name) => RecognitionOptions.Names.Contains(name) ? $"; {name} is an entry of options" : "";

    /// <summary>What a client sent in place of a name that is known.</summary>
    internal static string Shown(string? value) => value is { Length: > 0 }
        ? $"\"{new string([.. value.Where(character => !char.IsControl(character)).Take(LongestShown)])}\""
        : "none";

    private async Task<Upload> WithMediaAsync(Upload upload, MultipartSection section, string? file, CancellationToken cancellation)
    {
        await CopyAsync(section, Media, upload.Path, limits.MaxUploadBytes, cancellation);
        return file is null && new FileInfo(upload.Path).Length == 0 ? upload : upload with { File = ShownName(file), WordsAlone = false };
    }

    private async Task<Upload> WithVoiceAsync(Upload upload, MultipartSection section, string? file, CancellationToken cancellation)
    {
        string path = System.IO.Path.Combine(upload.Folder, $"{Baseline}{upload.Baseline.Count}");
        await CopyAsync(section, Baseline, path, limits.MaxUploadBytes, cancellation);
        if (file is null && new FileInfo(path).Length == 0)
        {
            File.Delete(path);
            return upload;
        }

        return upload.Baseline.Count < limits.MaxBaselineFiles
            ? upload with { Baseline = [.. upload.Baseline, new VoiceFile(path, ShownName(file, Baseline))] }
            : throw new ProblemException(
                ProblemCode.TooManyFields, $"{Baseline}: found more than {limits.MaxBaselineFiles} files, expected at most that many.");
    }

    private async Task<Upload> WithTranscriptAsync(
        Upload upload, MultipartSection section, string? file, CancellationToken cancellation)
    {
        if (file is null && await section.Body.ReadAsync(new byte[1], cancellation) == 0)
            return upload;
        string shown = ShownName(file);
        string ending = System.IO.Path.GetExtension(shown).ToLowerInvariant();
        if (!Transcript.Extensions.Contains(ending))
        {
            string found = file is null ? "a part without a file's name" : $"the file {Shown(shown)}";
            throw new ProblemException(
                ProblemCode.BadTranscript, $"transcript: found {found}, expected one that ends in {string.Join(", ", Transcript.Extensions)}.");
        }

        string path = System.IO.Path.Combine(upload.Folder, $"transcript{ending}");
        await CopyAsync(section, Transcription, path, limits.MaxTranscriptBytes, cancellation);
        try
        {
            List<MediaWarning> warnings = [];
            IReadOnlyList<SpokenLine> lines = Transcript.Read(path, warnings);
            return upload with
            {
                File = upload.WordsAlone ? shown : upload.File,
                Transcript = lines,
                Warnings = [.. warnings.Select(warning => warning with { Message = warning.Message.Replace(path, shown, StringComparison.Ordinal) })],
            };
        }
        catch (TranscriptException exception)
        {
            throw new ProblemException(ProblemCode.BadTranscript, exception.Message.Replace(path, shown, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task CopyAsync(MultipartSection section, string name, string path, long limit, CancellationToken cancellation)
    {
        await using FileStream target = new(
            path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous });
        byte[] buffer = new byte[64 << 10];
        long length = 0;
        int read;
        while ((read = await section.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            length += read;
            if (length > limit)
                throw TooLarge(name, limit);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
    }

    // Null where there are blanks at most.
    private static async Task<string?> ReadTextAsync(MultipartSection section, string name, int limit, CancellationToken cancellation)
    {
        byte[] bytes = new byte[limit + 1];
        int length = await section.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        if (length > limit)
            throw TooLarge(name, limit);
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            return string.IsNullOrWhiteSpace(text) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            throw Bad($"{name}: found bytes that are no UTF-8, expected text.");
        }
    }

    private static string? ShortSpeaker(string? speaker) => speaker is null || speaker.Length <= LongestSpeaker
        ? speaker
        : throw Bad($"speaker: found {speaker.Length} characters, expected at most {LongestSpeaker}.");

    private static ProblemException Bad(string detail) => new(ProblemCode.BadForm, detail);

    private static ProblemException TooLarge(string name, long limit) =>
        new(ProblemCode.TooLarge, $"{name}: found more than {limit} bytes, expected at most that many.");
}
