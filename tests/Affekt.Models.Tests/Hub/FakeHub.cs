using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Affekt.Models.Hub;

namespace Affekt.Tests.Hub;

/// <summary>
/// A hub with one repository of two files, the host that stores its large files, and an empty cache. Every reply can be
/// replaced.
/// </summary>
internal sealed class FakeHub : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    // What "git hash-object" says of a file that holds {}.
    public const string ConfigDigest = "9e26dfeeb6e641a33dae4961196235bdb965b21b";
    public const string Id = "owner/name";
    public const string ConfigPath = $"/{Id}/resolve/{Commit}/config.json";
    public const string WeightsPath = $"/{Id}/resolve/{Commit}/model.safetensors";
    public const string StoredPath = "/stored?signed=1";
    public const string Token = "hf_secret";

    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _hub;
    private readonly HubServer _storage;

    public FakeHub()
    {
        _hub = new HubServer(request => AtHub(request) ?? (IsSilent ? null : HubReplyTo(request)));
        _storage = new HubServer(request => AtStorage(request) ?? Ranged(request, Weights));
    }

    public static HubRepository Repository { get; } =
        new(Id, "main", [new HubFile("config.json"), new HubFile("model.safetensors", "pytorch_model.bin")]);

    /// <summary>The large file: more than a network buffer holds.</summary>
    public byte[] Weights { get; } = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 % 251))];

    public string WeightsDigest => Convert.ToHexStringLower(SHA256.HashData(Weights));

    /// <summary>Replaces the hub's reply where it gives one.</summary>
    public Func<HubRequest, HubReply?> AtHub { get; set; } = _ => null;

    /// <summary>Replaces the storage host's reply where it gives one.</summary>
    public Func<HubRequest, HubReply?> AtStorage { get; set; } = _ => null;

    public bool IsSilent { get; set; }

    public List<TimeSpan> Pauses { get; } = [];

    public HubOptions Options => new()
    {
        Endpoint = _hub.Address,
        CacheFolder = _folder.At("cache"),
        Token = Token,
        Pause = (pause, _) =>
        {
            Pauses.Add(pause);
            return Task.CompletedTask;
        },
    };

    public HubRequest[] HubRequests => [.. _hub.Requests];

    public HubRequest[] StorageRequests => [.. _storage.Requests];

    public string At(string name) => _folder.At(name);

    public string InRepository(string path) => _folder.At($"cache/models--owner--name/{path}");

    public string Partial => InRepository($"blobs/{WeightsDigest}.incomplete");

    public Task<HubSnapshot> PullAsync(IProgress<HubProgress>? progress = null) => PullAsync(Options, Repository, progress);

    public static async Task<HubSnapshot> PullAsync(
        HubOptions options, HubRepository repository, IProgress<HubProgress>? progress = null)
    {
        using HubClient client = new(options);
        return await client.PullAsync(repository, progress, TestContext.Current.CancellationToken);
    }

    public async Task<HubException> FailureAsync(HubOptions? options = null)
    {
        HubException e = await Assert.ThrowsAsync<HubException>(() => PullAsync(options ?? Options, Repository));
        Assert.DoesNotContain(Token, e.ToString());
        return e;
    }

    public HubReply Redirect(string size) => new(
        302, [], ("Location", new Uri(_storage.Address, StoredPath).AbsoluteUri), ("X-Linked-Etag", $"\"{WeightsDigest}\""),
        ("X-Linked-Size", size), ("ETag", "\"of-the-redirect\""));

    public static HubReply Ranged(HubRequest request, byte[] content)
    {
        if (!request.Headers.TryGetValue("range", out string? range))
            return new HubReply(200, content);
        int start = (int)RangeHeaderValue.Parse(range).Ranges.Single().From!.Value;
        return start >= content.Length
            ? new HubReply(416, [])
            : new HubReply(206, content[start..], ("Content-Range", $"bytes {start}-{content.Length - 1}/{content.Length}"));
    }

    public void Dispose()
    {
        _hub.Dispose();
        _storage.Dispose();
        _folder.Dispose();
    }

    private HubReply HubReplyTo(HubRequest request) => request.Path switch
    {
        $"/api/models/{Id}/revision/main" => new HubReply(200, Encoding.ASCII.GetBytes($$"""{"id": "{{Id}}", "sha": "{{Commit}}"}""")),
        ConfigPath => new HubReply(200, "{}"u8.ToArray(), ("ETag", $"W/\"{ConfigDigest}\"")),
        WeightsPath => Redirect($"{Weights.Length}"),
        _ => new HubReply(404, [], ("X-Error-Code", "EntryNotFound")),
    };
}
