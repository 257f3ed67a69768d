namespace Affekt.Tests;

/// <summary>One server with the committed bundle for all tests of a class: to open the models takes seconds.</summary>
public sealed class StarterServer : IAsyncLifetime
{
    internal const int Queue = 18;
    internal const int Workers = 2;

    internal TestServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await TestServer.StartAsync(options => options with
    {
        Limits = options.Limits with
        {
            MaxQueue = Queue,
            Workers = Workers,
            MaxUploadBytes = 2 << 20,

            // A test that waits behind others on a busy machine sends slowly, too.
            MinUploadRate = 1,
            MaxSyncDuration = TimeSpan.FromSeconds(6),
            MaxDuration = TimeSpan.FromSeconds(30),
            MaxStartsPerMinute = 100_000,
            MaxRequestsPerMinute = 1_000_000,
        },
    });

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>Shares one server between classes.</summary>
[CollectionDefinition(Name)]
public sealed class StarterServers : ICollectionFixture<StarterServer>
{
    public const string Name = "starter server";
}
