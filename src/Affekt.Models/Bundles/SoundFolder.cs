using System.Text.Json;
using System.Text.Json.Serialization;
using Affekt.Models.Branches;

namespace Affekt.Models.Bundles;

/// <summary>
/// What a training run of the sound branch leaves for a bundle: sound.json in the run's folder, beside the weights that it
/// names.
/// </summary>
public sealed record SoundFolder
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "sound.json";

    /// <summary>The branch's weights in the run's folder. Default: sound.safetensors.</summary>
    public string Weights { get; init; } = "sound.safetensors";

    /// <summary>The branch's sizes.</summary>
    public required SoundConfig Network { get; init; }

    /// <summary>Everyone whose utterances the branch was trained on, as the corpora name them; null where that was not recorded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? TrainingSpeakers { get; init; }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelJson.Options) + "\n";

    /// <summary>Reads the file.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="ModelException">It is missing, no JSON, or lacks a field.</exception>
    public static SoundFolder Load(string folder)
    {
        string file = Path.Combine(folder, FileName);
        SoundFolder read = ModelJson.Read<SoundFolder>(file, "what a training run of the sound branch leaves");
        read.Network.Check(file, "network");
        return read;
    }
}
