using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Affekt.Media;

namespace Affekt.Cli.Benchmarks;

/// <summary>What a live session was measured at: the schema "affekt.bench-live/1". Times are in ms.</summary>
internal sealed record LiveReport
{
    public string Schema { get; init; } = "affekt.bench-live/1";

    public required double Minutes { get; init; }

    public required int Updates { get; init; }

    public required int Utterances { get; init; }

    public required int PicturesSent { get; init; }

    public required int PicturesDropped { get; init; }

    /// <summary>From sending the newest sound that an update answers for to receiving it.</summary>
    public required LiveTimes SoundToUpdate { get; init; }

    /// <summary>From sending a piece of sound in which somebody speaks to the first update that answers for it.</summary>
    public required LiveTimes PieceToUpdate { get; init; }

    /// <summary>From update to update while somebody speaks.</summary>
    public required LiveTimes Interval { get; init; }

    /// <summary>From the end of an utterance's sound to its answer; half a second of it is the pause that ends it.</summary>
    public required LiveTimes UtteranceEnd { get; init; }

    /// <summary>The server's resident memory each minute; empty where its process was not named.</summary>
    public required IReadOnlyList<long> ResidentMib { get; init; }
}

/// <summary>How times are spread.</summary>
internal sealed record LiveTimes(int Count, double P50, double P95, double Max)
{
    public static LiveTimes Of(IReadOnlyCollection<double> times)
    {
        double[] sorted = [.. times.Order()];
        return sorted.Length == 0
            ? new LiveTimes(0, 0, 0, 0)
            : new LiveTimes(sorted.Length, At(0.5), At(0.95), Math.Round(sorted[^1], 1));

        double At(double share) => Math.Round(sorted[(int)Math.Ceiling(share * sorted.Length) - 1], 1);
    }
}

/// <summary>Streams a clip to a server in real time, over and over, and measures what comes back.</summary>
/// <param name="server">ws://HOST:PORT/v1/live.</param>
/// <param name="sound">Mono, 16 kHz.</param>
/// <param name="pictures">JPEG files, one for each <see cref="PictureMs"/>; none for sound alone.</param>
/// <param name="serverProcess">The server's process on this machine; null where it is elsewhere.</param>
/// <param name="transcript">Gets every text message, with the time in ms; null to keep none.</param>
internal sealed class LiveBenchmark(
    Uri server, float[] sound, IReadOnlyList<byte[]> pictures, int? serverProcess, TextWriter? transcript) : IDisposable
{
    /// <summary>From picture to picture.</summary>
    public const int PictureMs = 200;

    private const int PieceMs = 100;
    private const int PieceSamples = 16 * PieceMs;

    // Between two rounds, long enough to end the utterance.
    private const int PauseSamples = Sound.SampleRate;

    private readonly ClientWebSocket _socket = new();
    private readonly Lock _lock = new();
    private readonly List<long> _sent = [];
    private readonly List<double> _soundToUpdate = [];
    private readonly List<double> _pieceToUpdate = [];
    private readonly List<double> _intervals = [];
    private readonly List<double> _utteranceEnds = [];
    private readonly List<long> _resident = [];
    private readonly Stopwatch _clock = new();
    private int _answered;
    private int _dropped;
    private int _picturesSent;
    private long _lastUpdate;

    public async Task<LiveReport> RunAsync(TimeSpan length, CancellationToken cancellation)
    {
        await _socket.ConnectAsync(server, cancellation);
        await SayAsync(
            $$"""{"type":"hello","version":1,"audio":true,"video":{{(pictures.Count > 0 ? "true" : "false")}},"transcribe":true}""", cancellation);
        Task receiving = ReceiveAsync(cancellation);
        _clock.Start();
        int pieces = (int)(length.TotalMilliseconds / PieceMs);
        for (int piece = 0; piece < pieces; piece++)
        {
            // A piece is there when its last sample was spoken.
            TimeSpan wait = TimeSpan.FromMilliseconds((piece + 1) * PieceMs) - _clock.Elapsed;
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, cancellation);
            lock (_lock)
                _sent.Add(Stopwatch.GetTimestamp());
            await SendAsync(1, piece + 1, piece * PieceMs, Piece(piece), cancellation);
            if (pictures.Count > 0 && piece % (PictureMs / PieceMs) == 0)
            {
                _picturesSent++;
                await SendAsync(2, _picturesSent, piece * PieceMs, pictures[_picturesSent % pictures.Count], cancellation);
            }

            if (serverProcess is { } process && piece % (60_000 / PieceMs) == 0)
                _resident.Add(Resident(process));
        }

        await SayAsync("""{"type":"stop"}""", cancellation);
        await receiving;
        if (serverProcess is { } one)
            _resident.Add(Resident(one));
        return new LiveReport
        {
            Minutes = Math.Round(length.TotalMinutes, 2),
            Updates = _soundToUpdate.Count,
            Utterances = _utteranceEnds.Count,
            PicturesSent = _picturesSent,
            PicturesDropped = _dropped,
            SoundToUpdate = LiveTimes.Of(_soundToUpdate),
            PieceToUpdate = LiveTimes.Of(_pieceToUpdate),
            Interval = LiveTimes.Of(_intervals),
            UtteranceEnd = LiveTimes.Of(_utteranceEnds),
            ResidentMib = _resident,
        };
    }

    public void Dispose() => _socket.Dispose();

    public static long Resident(int process)
    {
        using Process found = Process.GetProcessById(process);
        return found.WorkingSet64 >> 20;
    }

    private byte[] Piece(int piece)
    {
        byte[] pcm = new byte[2 * PieceSamples];
        int round = sound.Length + PauseSamples;
        for (int i = 0; i < PieceSamples; i++)
        {
            int at = (int)((((long)piece * PieceSamples) + i) % round);
            if (at < sound.Length)
                BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(2 * i), (short)Math.Clamp(sound[at] * 32768, short.MinValue, short.MaxValue));
        }

        return pcm;
    }

    private Task SayAsync(string text, CancellationToken cancellation) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellation);

    private Task SendAsync(byte kind, int sequence, double atMs, byte[] body, CancellationToken cancellation)
    {
        byte[] message = new byte[16 + body.Length];
        message[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), sequence);
        BinaryPrimitives.WriteDoubleLittleEndian(message.AsSpan(8), atMs);
        body.CopyTo(message.AsSpan(16));
        return _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellation);
    }

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 20];
        int length = 0;
        while (true)
        {
            WebSocketReceiveResult result = await _socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), cancellation);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
                return;
            }

            length += result.Count;
            if (!result.EndOfMessage)
                continue;
            transcript?.WriteLine($"{_clock.ElapsedMilliseconds,7} {Encoding.UTF8.GetString(buffer, 0, length)}");
            using JsonDocument message = JsonDocument.Parse(buffer.AsMemory(0, length));
            Take(message.RootElement);
            length = 0;
        }
    }

    private void Take(JsonElement message)
    {
        switch (message.GetProperty("type").GetString())
        {
            case "update":
                TakeUpdate(message);
                break;
            case "utterance":
                _utteranceEnds.Add(Since(message.GetProperty("utterance").GetProperty("end_ms").GetInt32()));
                break;
            case "dropped":
                _dropped += message.GetProperty("pictures").GetInt32();
                break;
            default:
                break;
        }
    }

    private void TakeUpdate(JsonElement message)
    {
        int at = message.GetProperty("at_ms").GetInt32();
        bool speaking = message.GetProperty("speaking_since_ms").ValueKind == JsonValueKind.Number;
        _soundToUpdate.Add(Since(at));
        int pieces = at / PieceMs;
        for (int piece = _answered; speaking && piece < pieces; piece++)
            _pieceToUpdate.Add(Since((piece + 1) * PieceMs));
        _answered = Math.Max(_answered, pieces);
        if (speaking && _lastUpdate != 0)
            _intervals.Add(Stopwatch.GetElapsedTime(_lastUpdate).TotalMilliseconds);
        _lastUpdate = speaking ? Stopwatch.GetTimestamp() : 0;
    }

    // How long ago the sound up to a time was sent.
    private double Since(int atMs)
    {
        lock (_lock)
            return Stopwatch.GetElapsedTime(_sent[Math.Clamp((atMs / PieceMs) - 1, 0, _sent.Count - 1)]).TotalMilliseconds;
    }
}
