using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Affekt.Media;

/// <summary>
/// Decodes JPEG pictures as they come, with one ffmpeg that stays open as long as their size stays the same and none is
/// damaged: to start one takes longer than to decode. For use by one caller at a time.
/// </summary>
public sealed class PictureDecoder : IDisposable
{
    private const string Name = "picture";

    private readonly MediaTool _ffmpeg;
    private readonly PictureOptions _options;
    private FrameGeometry _geometry;
    private Process? _process;
    private Task<string>? _errors;

    internal PictureDecoder(MediaTool ffmpeg, PictureOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Side, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero);
        (_ffmpeg, _options) = (ffmpeg, options);
    }

    /// <summary>How many times a tool was started.</summary>
    public int Starts { get; private set; }

    /// <summary>Decodes one picture. What is wrong with one has no effect on the next.</summary>
    /// <param name="jpeg">The whole file.</param>
    /// <param name="buffer">Gives room for so many bytes or more; null for new memory each time.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <exception cref="MediaException">
    /// It is no JPEG (<see cref="MediaError.NotMedia"/>), has too many pixels (<see cref="MediaError.TooLarge"/>), cannot be decoded
    /// (<see cref="MediaError.Damaged"/>) or takes too long (<see cref="MediaError.TimedOut"/>).
    /// </exception>
    public async Task<Picture> DecodeAsync(
        ReadOnlyMemory<byte> jpeg, Func<int, byte[]>? buffer = null, CancellationToken cancellation = default)
    {
        JpegHeader header = JpegHeader.Read(jpeg.Span);
        if ((long)header.Width * header.Height > _options.MostPixels)
        {
            throw new MediaException(
                MediaError.TooLarge, Name, $"{header.Width} x {header.Height} pixels", $"at most {_options.MostPixels} pixels");
        }

        StandaloneJpeg parts = StandaloneJpeg.Of(jpeg);
        cancellation.ThrowIfCancellationRequested();
        FrameGeometry geometry = _options.Whole
            ? FrameGeometry.Within(header.Width, header.Height, _options.Side)
            : FrameGeometry.Cover(header.Width, header.Height, _options.Side, _options.Side);
        bool adapted = _ffmpeg.IsOlder;
        Ready(geometry);
        int bytes = (int)geometry.Bytes;
        byte[] rgb = buffer?.Invoke(bytes) ?? GC.AllocateUninitializedArray<byte>(bytes);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_options.Timeout);
        bool whole = false;
        try
        {
            // Reads on a pipe cannot be canceled, but killing the writer ends them.
            using CancellationTokenRegistration kill = limit.Token.Register(() => ToolProcess.Kill(_process!));
            Task sent = SendAsync(_process!.StandardInput.BaseStream, parts);
            whole = await PipeReader.FillAsync(_process.StandardOutput.BaseStream, rgb.AsMemory(0, bytes)).ConfigureAwait(false) == bytes;
            if (whole)
                await sent.ConfigureAwait(false);
            else
                await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (IOException)
        {
            // The tool ended before it had read all: told apart below.
            whole = false;
        }

        if (whole)
            return new Picture(geometry.Width, geometry.Height, rgb);
        string errors = await StopAsync().ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        if (!adapted && _ffmpeg.TryAdapt(errors))
            return await DecodeAsync(jpeg, _ => rgb, cancellation).ConfigureAwait(false);
        throw limit.IsCancellationRequested
            ? new MediaException(
                MediaError.TimedOut, Name, FormattableString.Invariant($"ffmpeg still at work after {_options.Timeout.TotalSeconds:0.###} s"), "it to be done by then")
            : new MediaException(
                MediaError.Damaged, Name, $"a JPEG that cannot be decoded {ToolFailure.Summary(errors)}".TrimEnd(),
                "a JPEG picture that is whole");
    }

    /// <summary>Ends the tool.</summary>
    public void Dispose()
    {
        if (_process is null)
            return;
        ToolProcess.Kill(_process);
        _process.WaitForExit();
        _errors!.GetAwaiter().GetResult();
        _process.Dispose();
        _process = null;
    }

    // Parts tell their length, so that nothing in a picture is taken for the next one's beginning.
    private static byte[] Head(int length) => Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n"));

    private static async Task SendAsync(Stream input, StandaloneJpeg jpeg)
    {
        await input.WriteAsync(Head(jpeg.Length)).ConfigureAwait(false);
        await input.WriteAsync(jpeg.Header).ConfigureAwait(false);
        await input.WriteAsync(jpeg.Pixels).ConfigureAwait(false);
        await input.WriteAsync("\r\n"u8.ToArray()).ConfigureAwait(false);
        await input.FlushAsync().ConfigureAwait(false);
    }

    private void Ready(FrameGeometry geometry)
    {
        if (_process is { HasExited: false } && geometry == _geometry)
            return;
        Dispose();
        _geometry = geometry;
        _process = ToolProcess.Start(_ffmpeg, ToolArguments.Live(geometry, _options.MostPixels), keepInput: true);
        _errors = ToolProcess.ReadTailAsync(_process.StandardError);
        Starts++;
    }

    private async Task<string> StopAsync()
    {
        ToolProcess.Kill(_process!);
        string errors = await _errors!.ConfigureAwait(false);
        Dispose();
        return errors;
    }
}

/// <summary>How single pictures are decoded, and how much they may take.</summary>
public sealed record PictureOptions
{
    /// <summary>
    /// Pixels, 1 or more: the longest side of a whole picture, never enlarged; or the sides of a square that the picture covers
    /// and is cut to. Default 640.
    /// </summary>
    public int Side { get; init; } = 640;

    /// <summary>Whether pictures stay whole; otherwise a square is cut from their center. Default true.</summary>
    public bool Whole { get; init; } = true;

    /// <summary>Pixels that a picture may have, before it is scaled. Default 16,777,216: 4096 x 4096.</summary>
    public int MostPixels { get; init; } = 1 << 24;

    /// <summary>How long one picture may take; more than zero. Default 5 s, which allows for a tool that has to start.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>One decoded picture.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">[row, column, (red, green, blue)], each 0 to 255; a caller's own buffer may be longer.</param>
public sealed record Picture(int Width, int Height, byte[] Rgb)
{
    /// <summary>How many bytes the pixels take.</summary>
    public int Bytes => 3 * Width * Height;
}
