using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Affekt.AspNetCore;
using Microsoft.Data.Sqlite;

namespace Affekt.Tests;

/// <summary>Jobs whose store cannot be written: a full disk, a lock, a fault of the file.</summary>
public sealed class JobFailureTests : IDisposable
{
    private readonly TestMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_whose_end_cannot_be_stored_ends_all_the_same_and_is_stored_when_that_can_be_done()
    {
        await using TestServer server = await StartAsync();
        Execute(server, "CREATE TRIGGER full BEFORE UPDATE ON jobs WHEN new.state IN ('done', 'failed') BEGIN SELECT RAISE(ABORT, 'full'); END");

        string id = await SubmitAsync(server);
        JsonElement job = await server.UntilOverAsync(id);
        string stored = State(server, id);
        Execute(server, "DROP TRIGGER full");
        await Eventually.HoldsAsync(() => State(server, id) == "done");

        Assert.Equal("done", job.GetProperty("state").GetString());
        Assert.Equal("running", stored);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync($"/v1/recognitions/{id}")).Status);
        await server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task A_job_that_cannot_be_begun_fails_and_frees_its_place()
    {
        await using TestServer server = await StartAsync();
        Execute(server, "CREATE TRIGGER full BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'full'); END");

        string[] ids = [await SubmitAsync(server), await SubmitAsync(server), await SubmitAsync(server)];

        foreach (string id in ids)
            Assert.Equal("storage_busy", (await server.UntilOverAsync(id)).GetProperty("error").GetProperty("code").GetString());
        Execute(server, "DROP TRIGGER full");
        Assert.Equal("done", (await server.UntilOverAsync(await SubmitAsync(server))).GetProperty("state").GetString());
        await server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task A_sweep_that_fails_does_not_end_the_server()
    {
        await using TestServer server = await StartAsync(limits => limits with { Keep = TimeSpan.FromMilliseconds(1) });
        Execute(server, "CREATE TRIGGER full BEFORE DELETE ON jobs BEGIN SELECT RAISE(ABORT, 'full'); END");
        string id = await SubmitAsync(server);
        await Eventually.HoldsAsync(() => State(server, id) == "done");

        // Several sweeps later.
        await Task.Delay(200, Token);
        Assert.Equal("done", State(server, id));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await DeleteAsync(server, id)).Status);
        Execute(server, "DROP TRIGGER full");
        await Eventually.HoldsAsync(() => State(server, id) == "");

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/healthz")).Status);
    }

    public void Dispose() => _media.Dispose();

    private Task<TestServer> StartAsync(Func<ServerLimits, ServerLimits>? change = null)
    {
        string bundle = _media.Bundle();
        return TestServer.StartAsync(options => options with
        {
            BundleFolder = bundle,
            ReadSound = false,
            Limits = (change ?? (same => same))(options.Limits) with { Sweep = TimeSpan.FromMilliseconds(20) },
        });
    }

    private async Task<string> SubmitAsync(TestServer server)
    {
        MultipartFormDataContent form = TestServer.Form(_media.Silent(), """{"mode":"job"}""");
        form.Add(new StringContent("so happy"), "text");
        using HttpResponseMessage response = await server.Client.PostAsync("/v1/recognitions", form, Token);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString()!;
    }

    private static async Task<Answer> DeleteAsync(TestServer server, string id)
    {
        using HttpResponseMessage response = await server.Client.DeleteAsync($"/v1/recognitions/{id}", Token);
        return await Answer.ReadAsync(response);
    }

    private static string State(TestServer server, string id)
    {
        using SqliteConnection database = Open(server);
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = "SELECT state FROM jobs WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        return command.ExecuteScalar() as string ?? "";
    }

#pragma warning disable CA2100
    private static void Execute(TestServer server, string sql)
    {
        using SqliteConnection database = Open(server);
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
#pragma warning restore CA2100

    private static SqliteConnection Open(TestServer server)
    {
        SqliteConnection database = new($"Data Source={Path.Combine(server.Folder, "data", "jobs.sqlite")};Pooling=False");
        database.Open();
        return database;
    }
}
