using System.Buffers;
using System.Globalization;
using System.Text;

namespace Affekt.Media;

/// <content>Picture files, taken whole.</content>
public sealed partial class MediaTools
{
    internal const string PictureExpected = "a JPEG, PNG, WebP or BMP picture";
    private const string PngFormat = "png_pipe";

    private static readonly SearchValues<byte> _textBytes =
        SearchValues.Create([(byte)'\t', (byte)'\n', (byte)'\r', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(letter => (byte)letter)]);

    /// <summary>Reads a picture file whole, as it is to be shown: turned as it says.</summary>
    /// <param name="file">A JPEG, PNG, WebP or BMP file.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <exception cref="MediaException">The file is no such picture, is damaged, or has too many pixels.</exception>
    public async Task<Picture> ReadPictureAsync(string file, CancellationToken cancellation = default)
    {
        string path = await MediaFile.CheckAsync(file, _options.Timeout, cancellation).ConfigureAwait(false);
        string format = PictureFormat(path) ?? throw new MediaException(MediaError.NotMedia, file, "another kind of file", PictureExpected);
        Picture? picture = null;
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg, file, ToolArguments.Picture(path, format), _options.Timeout,
            async output => picture = await ReadPortableAsync(output).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 && picture is not null ? picture : throw Unreadable(file, path, result);
    }

    private static MediaException Unreadable(string file, string path, ToolResult result) => Unknown(file, path, result) ?? new MediaException(
        MediaError.Damaged, file, $"a picture that cannot be read ({ToolFailure.Summary(result.Errors)})", PictureExpected);

    // What people often give and ffmpeg does not read, in their words; null for anything else, and where ffmpeg knows what the text is.
    private static MediaException? Unknown(string file, string path, ToolResult result)
    {
        const int ChunkAt = 12, FlagsAt = 20, AnimationFlag = 2;
        ReadOnlySpan<byte> start = Start(path, 512);
        if (start.Length > FlagsAt && start[4..].StartsWith("ftyphei"u8))
            return new MediaException(MediaError.NotMedia, file, "a HEIC picture", $"{PictureExpected}: export it as one");
        if (start.Length > FlagsAt && start.StartsWith("RIFF"u8) && start[ChunkAt..].StartsWith("VP8X"u8) && (start[FlagsAt] & AnimationFlag) != 0)
            return new MediaException(MediaError.NotMedia, file, "an animated WebP picture", "an animated GIF or PNG, or a video: convert it to one");
        return start.Length > 0 && start.IndexOfAnyExcept(_textBytes) < 0 && !ToolFailure.IsRefusedFormat(result)
            ? new MediaException(MediaError.NotMedia, file, "a text file, such as a web page in place of a download", MediaFile.Expected)
            : null;
    }

    private static byte[] Start(string file, int length)
    {
        byte[] start = new byte[length];
        using FileStream stream = File.OpenRead(file);
        return start[..stream.ReadAtLeast(start, length, throwOnEndOfStream: false)];
    }

    private static string? PictureFormat(string file)
    {
        const int NameEnd = 12, ReservedStart = 6, ReservedEnd = 10;
        ReadOnlySpan<byte> start = Start(file, NameEnd);
        return start.StartsWith(_pngSignature) ? PngFormat
            : start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "jpeg_pipe"
            : start.StartsWith("RIFF"u8) && start.Length == NameEnd && start[8..].SequenceEqual("WEBP"u8) ? "webp_pipe"
            : start.StartsWith("BM"u8) && start.Length == NameEnd && !start[ReservedStart..ReservedEnd].ContainsAnyExcept((byte)0) ? "bmp_pipe"
            : null;
    }

    // A portable pixmap: "P6", width, height and 255, each followed by white space, then the pixels. Null where it ends before.
    private static async Task<Picture?> ReadPortableAsync(Stream output)
    {
        const int MostFields = 4, LongestField = 16;
        string[] fields = new string[MostFields];
        byte[] next = new byte[1];
        for (int i = 0; i < MostFields; i++)
        {
            StringBuilder field = new();
            while (field.Length < LongestField)
            {
                if (await output.ReadAsync(next).ConfigureAwait(false) == 0)
                    return null;
                if (char.IsWhiteSpace((char)next[0]))
                    break;
                field.Append((char)next[0]);
            }

            fields[i] = field.ToString();
        }

        if (fields[0] != "P6" || !int.TryParse(fields[1], CultureInfo.InvariantCulture, out int width)
            || !int.TryParse(fields[2], CultureInfo.InvariantCulture, out int height) || 3L * width * height is <= 0 or > int.MaxValue)
        {
            return null;
        }

        byte[] rgb = new byte[3 * width * height];
        int read = await PipeReader.FillAsync(output, rgb).ConfigureAwait(false);
        await PipeReader.DrainAsync(output).ConfigureAwait(false);
        return read == rgb.Length ? new Picture(width, height, rgb) : null;
    }
}
