using Affekt.Networks;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;

namespace Affekt.Tests.Audio;

/// <summary>
/// Small wav2vec 2.0 networks with random weights, and what Hugging Face's transformers gives for three sounds; see
/// make_huggingface.py beside the fixtures. A copy can be changed.
/// </summary>
internal sealed class Wav2Vec2Fixture : IDisposable
{
    public const int Sounds = 3;

    private readonly string _name;
    private readonly TemporaryFolder _copy = new();

    /// <summary>A copy without weights.</summary>
    public Wav2Vec2Fixture(string name)
    {
        _name = name;
        foreach (string file in Directory.GetFiles(Folder(name), "*.json").Where(file => !file.Contains("index", StringComparison.Ordinal)))
            File.WriteAllText(_copy.At(Path.GetFileName(file)), File.ReadAllText(file));
    }

    public string CopyPath => _copy.Path;

    public static string Folder(string name) => TestPaths.Shared($"data/fixtures/huggingface/wav2vec2-{name}");

    public static Dictionary<string, Tensor> Io(string name) => Stored.Read(Path.Combine(Folder(name), "io.safetensors"));

    /// <summary>"wave", "input_values" or "output" of all three sounds.</summary>
    public static float[][] Io(string name, string what)
    {
        using TensorScope scope = new();
        Dictionary<string, Tensor> io = Io(name);
        return [.. Enumerable.Range(0, Sounds).Select(i => io[$"{what}{i}"].ToArray<float>())];
    }

    public Dictionary<string, Tensor> Weights() => Stored.Read(Path.Combine(Folder(_name), "model.safetensors"));

    public void Write(Dictionary<string, Tensor> weights) => SafetensorsWriter.Write(
        _copy.At("model.safetensors"),
        weights.Select(w => w.Value.ToWrite(w.Key)));

    public void WriteText(string file, string text) => File.WriteAllText(_copy.At(file), text);

    public void CopyOldCheckpoint() => File.Copy(Path.Combine(Folder(_name), "pytorch_model.bin"), _copy.At("pytorch_model.bin"));

    public void Delete(string file) => File.Delete(_copy.At(file));

    public void Replace(string file, string old, string @new)
    {
        string text = File.ReadAllText(_copy.At(file));
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(_copy.At(file), text.Replace(old, @new, StringComparison.Ordinal));
    }

    public void Dispose() => _copy.Dispose();
}
