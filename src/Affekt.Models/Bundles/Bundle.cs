using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Text;
using Affekt.Models.Weights;
using Affekt.Torch.Layers;
using Affekt.Torch.StateFiles;

namespace Affekt.Models.Bundles;

/// <summary>A folder with all that recognition needs but the weights that are fetched, opened for use.</summary>
public sealed class Bundle : IDisposable
{
    private const string TextWeights = "model.safetensors";

    private Bundle(
        string folder, BundleConfig config, TextEncoder textEncoder, AudioEncoder? audioEncoder, AudioTextBranch audioText)
    {
        Folder = folder;
        Config = config;
        TextEncoder = textEncoder;
        AudioEncoder = audioEncoder;
        AudioText = audioText;
        Metadata = new MetadataVocabulary(config.Speakers);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What is in it.</summary>
    public BundleConfig Config { get; }

    /// <summary>Words to features.</summary>
    public TextEncoder TextEncoder { get; }

    /// <summary>Sound to features; null where it was not asked for.</summary>
    public AudioEncoder? AudioEncoder { get; }

    /// <summary>Features to emotions.</summary>
    public AudioTextBranch AudioText { get; }

    /// <summary>Speakers and the other categories.</summary>
    public MetadataVocabulary Metadata { get; }

    /// <summary>
    /// SHA-256 over the names and contents of config.json and the files that it names, in hexadecimal: the same for the
    /// same bundle, on every machine.
    /// </summary>
    public string Hash => field ??= ComputeHash();

    /// <summary>The files that make up the bundle, relative to its folder, sorted.</summary>
    public IReadOnlyList<string> FileNames =>
    [
        .. ((string[])
        [
            BundleConfig.FileName, Config.AudioText.Weights, $"{Config.TextEncoder.Folder}/config.json",
            $"{Config.TextEncoder.Folder}/{TextWeights}", $"{Config.TextEncoder.Folder}/vocab.txt",
        ]).Order(StringComparer.Ordinal),
    ];

    /// <summary>Opens a bundle.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="audioEncoderFile">Moonshine's encoder_model.onnx; null where no sound will be read.</param>
    /// <param name="precision">The arithmetic of the encoders.</param>
    /// <exception cref="ModelException">The folder is not a bundle, or a file in it is not what it should be.</exception>
    public static Bundle Open(string folder, string? audioEncoderFile, Precision precision = Precision.Float32)
    {
        BundleConfig config = BundleConfig.Load(Path.Combine(folder, BundleConfig.FileName));
        TextEncoder? text = null;
        AudioEncoder? audio = null;
        AudioTextBranch? branch = null;
        try
        {
            text = OpenText(folder, config);
            text.Network.RequireGrad(false);
            foreach (Linear layer in text.Network.Modules().OfType<Linear>())
                layer.Prepare(precision);
            audio = audioEncoderFile is null ? null : AudioEncoder.Load(audioEncoderFile);
            audio?.Prepare(precision);
            using (Initial.Skipped())
                branch = new AudioTextBranch(config.AudioText.Network);
            NetworkState.Load(branch, Path.Combine(folder, config.AudioText.Weights));
            branch.RequireGrad(false);
            return new Bundle(folder, config, text, audio, branch);
        }
        catch (Exception e)
        {
            text?.Dispose();
            audio?.Dispose();
            branch?.Dispose();
            if (e is StateFileException or StateMismatchException or TokenizerException)
                throw new ModelException(folder, null, e.Message, "a bundle", e);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TextEncoder.Dispose();
        AudioEncoder?.Dispose();
        AudioText.Dispose();
    }

    private static TextEncoder OpenText(string folder, BundleConfig config)
    {
        string textFolder = Path.Combine(folder, config.TextEncoder.Folder);
        string weights = Path.Combine(textFolder, TextWeights);
        if (!File.Exists(weights))
            throw new ModelException(weights, null, "no file", "the text encoder's weights");
        WordPieceTokenizer tokenizer = new(
            WordPieceVocabulary.Load(Path.Combine(textFolder, "vocab.txt")),
            new WordPieceOptions { MaxLength = config.TextEncoder.MaxTokens });
        TextEncoder text = TextEncoder.Load(textFolder, tokenizer);
        int expected = config.AudioText.Network.TextWidth;
        if (text.Width == expected)
            return text;
        text.Dispose();
        throw new ModelException(
            Path.Combine(textFolder, "config.json"), "hidden_size", $"{text.Width}", $"{expected}, the branch's text_width");
    }

    private string ComputeHash()
    {
        using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in FileNames)
        {
            using FileStream stream = File.OpenRead(Path.Combine(Folder, name));
            all.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            all.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }
}
