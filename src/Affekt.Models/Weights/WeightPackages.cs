namespace Affekt.Models.Weights;

/// <summary>The pretrained weights that Affekt uses as they were published. None of them is in the repository.</summary>
public static class WeightPackages
{
    /// <summary>Moonshine-tiny's encoder, ONNX, within <see cref="Moonshine"/>.</summary>
    public const string MoonshineEncoder = "dist/model/tiny/float/encoder_model.onnx";

    /// <summary>Moonshine-tiny's decoder, ONNX, within <see cref="Moonshine"/>.</summary>
    public const string MoonshineDecoder = "dist/model/tiny/float/decoder_model_merged.onnx";

    /// <summary>Moonshine-tiny (MIT): the audio encoder, and the decoder for transcripts. 108 MB to fetch.</summary>
    public static NpmPackage Moonshine { get; } = new(
        "@usefulsensors/moonshine-js",
        "0.1.2",
        "af3cbfe88107b6903768020d8c89826357f103fae3f83060ab7d7d3289341f77",
        [
            new(MoonshineEncoder, 30_882_331, "cbbf580f703b2af2137e0f6d14cd87f31cc67bd858bfd8715403a9489982d1a5"),
            new(MoonshineDecoder, 78_227_550, "4131cef00b62942e9cdef691101f2cc7dbbcd828d71eee8c6c46c28fd051d6cb"),
        ]);
}
