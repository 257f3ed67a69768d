using System.Collections.Immutable;

namespace Affekt.Models.Hub;

/// <summary>The repositories of the encoders that the "base" models read with.</summary>
public static class HubRepositories
{
    private const string Main = "main";

    private static readonly HubFile _weights = new("model.safetensors", "pytorch_model.bin");

    /// <summary>The text encoder, bert-base-uncased (Apache-2.0). About 440 MB.</summary>
    public static HubRepository Bert { get; } = new(
        "google-bert/bert-base-uncased", Main, [new("config.json"), new("vocab.txt"), new("tokenizer_config.json"), _weights]);

    /// <summary>The audio encoder, wav2vec2-base (Apache-2.0). About 380 MB.</summary>
    public static HubRepository Wav2Vec2 { get; } = new(
        "facebook/wav2vec2-base", Main, [new("config.json"), new("preprocessor_config.json"), _weights]);

    /// <summary>Both.</summary>
    public static ImmutableArray<HubRepository> Base { get; } = [Bert, Wav2Vec2];
}
