using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>
/// The files that all engines read: each encoder as a folder in Hugging Face's layout with random weights, and the inputs.
/// </summary>
internal sealed class EncoderFiles
{
    private const int Seed = 1;
    private const string Weights = "model.safetensors";
    private const string Vocabulary = "vocab.txt";

    private static readonly JsonSerializerOptions _snakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private EncoderFiles(string folder) => Folder = folder;

    /// <summary>Where they lie.</summary>
    public string Folder { get; }

    /// <summary>Writes what is not there yet; weights that are there are kept.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="vocabulary">A vocab.txt of BERT's size.</param>
    public static EncoderFiles Make(string folder, string vocabulary)
    {
        TorchRuntime.ManualSeed(Seed);
        EncoderFiles files = new(folder);
        string bert = files.Of(EncoderWorks.Bert), wav2vec2 = files.Of(EncoderWorks.Wav2Vec2);
        string roberta = files.Of(EncoderWorks.Roberta), hubert = files.Of(EncoderWorks.Hubert);
        foreach (string encoder in (string[])[bert, wav2vec2, roberta, hubert])
            Directory.CreateDirectory(encoder);
        File.Copy(vocabulary, Path.Combine(bert, Vocabulary), overwrite: true);
        WriteConfig(bert, "bert", EncoderWorks.BertSizes);
        WriteConfig(wav2vec2, "wav2vec2", EncoderWorks.Wav2Vec2Sizes);
        WriteConfig(roberta, "roberta", EncoderWorks.RobertaSizes);
        WriteConfig(hubert, "hubert", EncoderWorks.HubertSizes);
        WriteWeights(bert, () => new BertModel(EncoderWorks.BertSizes, pooler: false));
        WriteWeights(wav2vec2, () => new Wav2Vec2Model(EncoderWorks.Wav2Vec2Sizes, head: false));
        WriteWeights(roberta, () => new BertModel(EncoderWorks.RobertaSizes, pooler: false, EncoderWorks.RobertaFirstPosition));
        WriteWeights(hubert, () => new Wav2Vec2Model(EncoderWorks.HubertSizes, head: false));
        return files;
    }

    /// <summary>An encoder's folder.</summary>
    public string Of(string encoder) => Path.Combine(Folder, encoder);

    /// <summary>The family of an encoder for sound.</summary>
    public static string Family(string encoder) => encoder == EncoderWorks.Hubert ? Wav2Vec2Config.Hubert : Wav2Vec2Config.Architecture;

    /// <summary>Writes the inputs for the engines that are other programs: a work's are named by it and a number.</summary>
    public void WriteInputs(IEnumerable<EncoderWork> works) => SafetensorsWriter.Write(
        Path.Combine(Folder, "inputs.safetensors"),
        works.SelectMany(work => work.Parts ?? [work])
            .SelectMany(work => work.Inputs.Select((input, i) => ToWrite($"{work.Name}.{i}", input))));

    private static TensorToWrite ToWrite(string name, EncoderInput input) => new(
        name, input.Ids is null ? ElementType.Float32 : ElementType.Int64, [input.Rows, input.Length],
        () => input.Ids is { } ids ? MemoryMarshal.AsBytes<long>(ids) : MemoryMarshal.AsBytes<float>(input.Sound));

    private static void WriteConfig<T>(string folder, string type, T sizes)
    {
        JsonObject config = JsonSerializer.SerializeToNode(sizes, _snakeCase)!.AsObject();
        config["model_type"] = type;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
    }

    private static void WriteWeights(string folder, Func<Module> make)
    {
        string file = Path.Combine(folder, Weights);
        if (File.Exists(file))
            return;
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        using Module network = make();
        NetworkState.Save(network, file);
    }
}
