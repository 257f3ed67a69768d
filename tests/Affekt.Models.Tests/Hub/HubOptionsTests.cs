using Affekt.Models.Hub;

namespace Affekt.Tests.Hub;

public sealed class HubOptionsTests
{
    [Theory]
    [InlineData("HF_HUB_CACHE=/c HF_HOME=/f HOME=/h", "/c")]
    [InlineData("HF_HOME=/f XDG_CACHE_HOME=/x HOME=/h", "/f/hub")]
    [InlineData("XDG_CACHE_HOME=/x HOME=/h", "/x/huggingface/hub")]
    [InlineData("HF_HOME= HOME=/h", "/h/.cache/huggingface/hub")]
    public void The_cache_is_the_one_that_Hugging_Faces_tools_use(string environment, string expected) =>
        Assert.Equal(expected, From(environment).CacheFolder);

    [Theory]
    [InlineData("HF_HUB_OFFLINE=1", true)]
    [InlineData("HF_HUB_OFFLINE=true", true)]
    [InlineData("HF_HUB_OFFLINE=0", false)]
    [InlineData("", false)]
    public void Offline_is_what_their_variable_says(string environment, bool expected) =>
        Assert.Equal(expected, From($"{environment} HOME=/h").Offline);

    [Fact]
    public void The_hub_and_the_token_come_from_their_variables_and_the_token_is_never_written_out()
    {
        HubOptions options = From("HF_ENDPOINT=https://mirror.test/hub/ HF_TOKEN=hf_secret HOME=/h");

        Assert.Equal("https://mirror.test/hub/", options.Endpoint.AbsoluteUri);
        Assert.Equal("hf_secret", options.Token);
        Assert.DoesNotContain("hf_secret", options.ToString());
    }

    [Theory]
    [InlineData("HF_ENDPOINT=mirror HOME=/h", "HF_ENDPOINT")]
    [InlineData("HF_ENDPOINT=ftp://mirror.test HOME=/h", "HF_ENDPOINT")]
    [InlineData("", "HF_HOME")]
    public void A_setting_that_cannot_be_used_is_named(string environment, string named)
    {
        HubException e = Assert.Throws<HubException>(() => From(environment));

        Assert.Equal(HubError.BadSetting, e.Kind);
        Assert.Contains(named, e.Message);
    }

    private static HubOptions From(string environment)
    {
        Dictionary<string, string> variables = environment
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return HubOptions.FromEnvironment(variables.GetValueOrDefault);
    }
}
