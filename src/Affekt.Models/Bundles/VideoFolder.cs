using System.Text.Json;

namespace Affekt.Models.Bundles;

/// <summary>
/// What a training run of the video branch leaves for a bundle: video.json in the run's folder, beside the files that it
/// names. The task "fusion" joins it with an audio-text branch.
/// </summary>
public sealed record VideoFolder
{
    /// <summary>The schema that this version reads and writes.</summary>
    public const string CurrentSchema = "affekt.video/1";

    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "video.json";

    /// <summary>"affekt.video/1".</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The frame encoder; its weights lie in the run's folder, or elsewhere by an absolute path.</summary>
    public required VideoEncoderPart VideoEncoder { get; init; }

    /// <summary>The branch; its weights lie in the run's folder.</summary>
    public required VideoPart Video { get; init; }

    /// <summary>What the branch's logits are divided by, fitted on faces or clips that it was not trained on; above 0.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Reads and checks the file.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="ModelException">It is missing, no JSON, of another schema, or lacks a field.</exception>
    public static VideoFolder Load(string folder)
    {
        string file = Path.Combine(folder, FileName);
        VideoFolder read = ModelJson.Read<VideoFolder>(file, "what a training run of the video branch leaves");
        if (read.Schema != CurrentSchema)
            throw new ModelException(file, "schema", $"\"{read.Schema}\"", $"\"{CurrentSchema}\"");
        if (!(read.Temperature > 0))
            throw new ModelException(file, "temperature", $"{read.Temperature}", "a number above 0");
        read.VideoEncoder.Check(file);
        return read;
    }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelJson.Options);
}
