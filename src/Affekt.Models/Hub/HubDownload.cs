using System.Buffers;
using System.Net;
using System.Net.Http.Headers;

namespace Affekt.Models.Hub;

/// <summary>One file of the hub: where it is, and what the hub says of its content.</summary>
internal sealed record HubAnnouncement(Uri Address, string Name, HubDigest Digest, long? Size);

/// <summary>Brings one file into the cache: goes on where an earlier attempt ended, and checks what came.</summary>
internal sealed class HubDownload
{
    private const int BufferLength = 1 << 17;
    private const double Mebibyte = 1 << 20;

    private readonly HubHttp _http;
    private readonly HubOptions _options;
    private readonly HubAnnouncement _file;
    private readonly string _subject;
    private readonly string _partial;
    private readonly Action<long> _report;

    private bool _resumed;

    /// <param name="http">Asks the hub.</param>
    /// <param name="options">Its options.</param>
    /// <param name="file">What is wanted.</param>
    /// <param name="subject">What is wanted, for messages.</param>
    /// <param name="partial">The file that holds what has come so far.</param>
    /// <param name="report">Gets the bytes that are there.</param>
    public HubDownload(
        HubHttp http, HubOptions options, HubAnnouncement file, string subject, string partial, Action<long> report)
    {
        _http = http;
        _options = options;
        _file = file;
        _subject = subject;
        _partial = partial;
        _report = report;
    }

    /// <summary>Fills the partial file until it is what the hub announced.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await _http.RetryAsync(_subject, () => AttemptAsync(cancellation), cancellation).ConfigureAwait(false);
            if (await _file.Digest.FitsAsync(_partial, cancellation).ConfigureAwait(false))
                return;
            File.Delete(_partial);

            // What an earlier attempt left may have been of something else: once more, from the start.
            if (!_resumed)
            {
                throw new HubException(
                    HubError.BadContent, _subject, "other content than announced", $"the digest {_file.Digest.Text}");
            }

            _resumed = false;
        }
    }

    // The length of what is there.
    private async Task<long> AttemptAsync(CancellationToken cancellation)
    {
        using FileStream target = new(_partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        if (target.Length > _file.Size)
            target.SetLength(0);
        long start = target.Length;
        if (start == _file.Size)
        {
            _resumed |= start > 0;
            return start;
        }

        RequireSpace(start);
        using HttpResponseMessage response = await _http.GetAsync(_file.Address, _subject, start, cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            target.SetLength(0);
            throw new HubFault(HubError.Unreachable, "HTTP 416");
        }

        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            start = 0;
            target.SetLength(0);
        }
        else if (response.Content.Headers.ContentRange is not ContentRangeHeaderValue { From: { } from } || from != start)
        {
            throw new HubException(
                HubError.BadContent, _subject, $"the range {response.Content.Headers.ContentRange}", $"one from byte {start} on");
        }

        _resumed = start > 0;
        target.Position = start;
        if (response.Content.Headers.ContentLength is { } length && _file.Size is { } size && start + length != size)
            throw OtherSize($"{start + length} bytes");
        return await CopyAsync(response, target, start, cancellation).ConfigureAwait(false);
    }

    private async Task<long> CopyAsync(
        HttpResponseMessage response, FileStream target, long start, CancellationToken cancellation)
    {
        using Stream content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        long done = start;
        try
        {
            for (int read; (read = await ReadAsync().ConfigureAwait(false)) > 0;)
            {
                if (done + read > _file.Size)
                {
                    target.SetLength(0);
                    throw OtherSize($"more than {_file.Size} bytes");
                }

                await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                done += read;
                _report(done);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (done < _file.Size)
            throw new HubFault(HubError.Unreachable, $"an end after {done} of {_file.Size} bytes") { MadeProgress = done > start };
        target.Flush(flushToDisk: true);
        return done;

        async Task<int> ReadAsync()
        {
            try
            {
                return await _http.ReadAsync(content, buffer.AsMemory(0, BufferLength), cancellation).ConfigureAwait(false);
            }
            catch (HubFault fault) when (done > start)
            {
                throw new HubFault(fault.Kind, fault.Message, fault) { MadeProgress = true };
            }
        }
    }

    private void RequireSpace(long have)
    {
        long free = _options.FreeBytes(Path.GetDirectoryName(_partial)!);
        if (_file.Size - have > free)
        {
            throw new HubException(
                HubError.Storage, _partial, $"{free / Mebibyte:F0} MiB free", $"{(_file.Size - have) / Mebibyte:F0} MiB for {_subject}");
        }
    }

    private HubException OtherSize(string found) => new(HubError.BadContent, _subject, found, $"{_file.Size} as announced");
}
