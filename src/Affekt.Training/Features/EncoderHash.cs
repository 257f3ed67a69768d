using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Affekt.Training.Features;

/// <summary>Names an encoder by its files' bytes and its settings, so that no other one is taken for it.</summary>
public static class EncoderHash
{
    private static readonly string[] _settingsFiles =

    [
        "config.json", "tokenizer_config.json", "preprocessor_config.json", "vocab.txt", "tokenizer.json", "vocab.json", "merges.txt",
        "sentencepiece.bpe.model", "special_tokens_map.json", "added_tokens.json", "processor_config.json",
    ];

    // The first that is there is read, with what it keeps beside itself.
    private static readonly string[] _onnxFiles =
        ["onnx/model.onnx", "onnx/model.onnx_data", "onnx/model.onnx.data", "model.onnx", "model.onnx_data", "model.onnx.data"];

    /// <summary>The files of a folder in Hugging Face's layout that an encoder reads.</summary>
    /// <exception cref="IOException">There is no such folder.</exception>
    public static IReadOnlyList<string> FilesOf(string folder)
    {
        string[] weights = [.. Matching("model*.safetensors*")];
        if (weights.Length == 0)
            weights = [.. Matching("pytorch_model*.bin*"), .. _onnxFiles.Select(name => Path.Combine(folder, name))];
        return [.. _settingsFiles.Select(name => Path.Combine(folder, name)), .. weights];

        IEnumerable<string> Matching(string names) => Directory.EnumerateFiles(folder, names).Order(StringComparer.Ordinal);
    }

    /// <summary>
    /// The setting that tells the arithmetic. ONNX Runtime's int8, which has one scale for all activations of a call, gives other numbers than
    /// the kernels' and has a name of its own; in the other precisions engines agree.
    /// </summary>
    /// <param name="precision">The arithmetic of the large products.</param>
    /// <param name="byOnnxRuntime">Whether ONNX Runtime computes.</param>
    internal static (string Name, object Value) Arithmetic(Precision precision, bool byOnnxRuntime) =>
        ("precision", precision == Precision.Int8 && byOnnxRuntime ? "Int8 by ONNX Runtime" : precision);

    /// <summary>The setting that tells the weights of a mixture of layers; none without one.</summary>
    internal static IEnumerable<(string Name, object Value)> Mixture(IReadOnlyList<double>? weights) =>
        weights is null ? [] : [("layers", string.Join(' ', weights.Select(weight => weight.ToString(CultureInfo.InvariantCulture))))];

    /// <summary>The name.</summary>
    /// <param name="files">Weights, configurations and vocabularies; those that are absent are left out.</param>
    /// <param name="settings">
    /// All else that its features depend on, such as ("precision", "bf16"). One of them is a revision that is raised when
    /// the code computes something else.
    /// </param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Of(IEnumerable<string> files, params IEnumerable<(string Name, object Value)> settings)
    {
        using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files.Where(File.Exists))
        {
            using FileStream stream = File.OpenRead(file);
            all.AppendData(Encoding.UTF8.GetBytes($"file {Path.GetFileName(file)}\n"));
            all.AppendData(SHA256.HashData(stream));
        }

        foreach ((string name, object value) in settings)
            all.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name}={value}\n")));
        return ContentHash.Shorten(all.GetHashAndReset());
    }
}
