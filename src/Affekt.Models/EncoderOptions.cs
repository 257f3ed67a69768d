using Affekt.Models.Audio;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Onnx.Sessions;

namespace Affekt.Models;

/// <summary>
/// How BERT, RoBERTa, wav2vec 2.0, HuBERT and MC3-18 are computed. Smaller networks, and other published families, are always computed by
/// ONNX Runtime.
/// </summary>
public sealed record EncoderOptions
{
    /// <summary>ONNX Runtime in single precision.</summary>
    public static EncoderOptions Default { get; } = new();

    /// <summary>
    /// The arithmetic of the large products. ONNX Runtime has single precision and int8, with one scale for all activations of a call;
    /// bfloat16 takes an <see cref="Accelerator"/>.
    /// </summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>How ONNX Runtime computes; null for <see cref="EngineOptions.Default"/>.</summary>
    public EngineOptions? Engine { get; init; }

    /// <summary>What computes in ONNX Runtime's place, in a precision of its own; null for nothing.</summary>
    public IEncoderAccelerator? Accelerator { get; init; }

    // What the accelerator does not know is computed in single precision where it would compute in bfloat16.
    internal ITextNetwork OpenText(string folder, IReadOnlyList<double>? mix = null) =>
        (mix is null && TextNetworkConfig.Load(Path.Combine(folder, "config.json")).IsBertInside ? Accelerator?.OpenText(folder) : null)
        ?? TextNetwork.Load(folder, Engine, Accelerator is null ? IsInt8() : Precision == Precision.Int8, mix);

    internal IWav2Vec2Network OpenSpeech(string folder, string family = Wav2Vec2Config.Architecture) =>
        Accelerator?.OpenSpeech(folder, family) ?? Wav2Vec2Network.Load(folder, Engine, IsInt8(), family);

    internal IFrameEncoder OpenPictures(string file, int side)
    {
        if (Accelerator is not null)
            return Accelerator.OpenPictures(file, side);

        // Its convolutions know no int8.
        IsInt8();
        return Mc3Encoder.Load(file, side, Engine);
    }

    private bool IsInt8() => Precision switch
    {
        Precision.Int8 => true,
        Precision.Float32 => false,
        _ => throw new EngineException(
            "precision bf16", "ONNX Runtime, which has fp32 and int8",
            "Affekt's own kernels, which need a processor with AVX-512 and the native part"),
    };
}

/// <summary>
/// Computes the encoders in another way than ONNX Runtime, to the same numbers as far as its precision goes: by kernels of its own, or
/// on another device.
/// </summary>
public interface IEncoderAccelerator
{
    /// <summary>Opens a BERT's, RoBERTa's or XLM-RoBERTa's folder in Hugging Face's layout.</summary>
    /// <exception cref="ModelException">A file is missing or is not what it should be.</exception>
    ITextNetwork OpenText(string folder);

    /// <summary>Opens a wav2vec 2.0's or HuBERT's folder in Hugging Face's layout.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="family">wav2vec2 or hubert.</param>
    /// <exception cref="ModelException">A file is missing or is not what it should be.</exception>
    IWav2Vec2Network OpenSpeech(string folder, string family);

    /// <summary>Opens a state file of MC3-18.</summary>
    /// <param name="file">The state file.</param>
    /// <param name="side">Width and height of the pictures, in pixels.</param>
    /// <exception cref="ModelException">The file is missing, cannot be read, or is no MC3 network.</exception>
    IFrameEncoder OpenPictures(string file, int side);
}
