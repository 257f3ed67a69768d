using System.Text.Json;
using Affekt.Models;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Cli.Features;

/// <summary>Opens encoders by what their config.json says they are.</summary>
internal static class FeatureEncoders
{
    /// <summary>Opens a folder in Hugging Face's layout.</summary>
    /// <exception cref="ModelException">Its config.json cannot be read, or tells of a model that is not known here.</exception>
    public static IFeatureEncoder Open(string folder, Precision precision, Device device)
    {
        string file = Path.Combine(folder, "config.json");
        return ModelType(file) switch
        {
            "bert" => BertFeatures.Load(folder, precision, device),
            "wav2vec2" => Wav2Vec2Features.Load(folder, precision, device),
            var other => throw new ModelException(
                file, "model_type", other is null ? "nothing" : $"\"{other}\"", "\"bert\" or \"wav2vec2\""),
        };
    }

    private static string? ModelType(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("model_type", out JsonElement type) && type.ValueKind == JsonValueKind.String
                ? type.GetString()
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new ModelException(file, null, e.Message, "a model's configuration", e);
        }
    }
}
