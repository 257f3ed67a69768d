using System.Collections.Immutable;

namespace Affekt.Models.Packages;

/// <summary>The pretrained weights that Affekt uses as they were published. None of them is in the repository.</summary>
public static class WeightPackages
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<NpmPackage> All => [Moonshine, Silero, LlamaTokenizer, FaceApi];

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

    /// <summary>Silero VAD 5, ONNX, within <see cref="Silero"/>.</summary>
    public const string SileroDetector = "dist/silero_vad_v5.onnx";

    /// <summary>Silero VAD 5 (MIT), as vad-web (ISC) carries it: the detector of speech. 5 MB to fetch.</summary>
    public static NpmPackage Silero { get; } = new(
        "@ricky0123/vad-web",
        "0.0.31",
        "d1a211cf1a2ed26297da52cc08de79e75d79838a274bfc6de546feb1f828c940",
        [new(SileroDetector, 2_327_524, "2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f")]);

    /// <summary>The names of the decoder's tokens, in JavaScript, within <see cref="LlamaTokenizer"/>.</summary>
    public const string LlamaVocabulary = "llama-tokenizer.js";

    /// <summary>
    /// The vocabulary that Moonshine's decoder speaks (MIT), which Moonshine's own package names as what it needs. 0.4 MB
    /// to fetch. See docs/decisions/0005.
    /// </summary>
    public static NpmPackage LlamaTokenizer { get; } = new(
        "llama-tokenizer-js",
        "1.2.2",
        "ee83014ac8b379b16cf8d81e99ffcdb23dfade8c0d2e751bd06e7dc0b8476e72",
        [new(LlamaVocabulary, 676_487, "34a7b9f7579d40486444590c37cba6564ef40c3dd98ecdfc2f7c886ae72c898d")]);

    /// <summary>The tiny face detector's manifest, TensorFlow.js, within <see cref="FaceApi"/>; its weights lie beside it.</summary>
    public const string TinyFaceDetector = "model/tiny_face_detector_model-weights_manifest.json";

    /// <summary>The manifest of the network of a face's 68 points, within <see cref="FaceApi"/>; its weights lie beside it.</summary>
    public const string FaceLandmarks = "model/face_landmark_68_model-weights_manifest.json";

    /// <summary>The manifest of the face descriptor, within <see cref="FaceApi"/>; its weights lie beside it.</summary>
    public const string FaceDescriptor = "model/face_recognition_model-weights_manifest.json";

    /// <summary>
    /// vladmandic's face-api (MIT): the face detector, and what tells faces apart and whether they speak; 7 MB of the 13 MB that are
    /// fetched.
    /// </summary>
    public static NpmPackage FaceApi { get; } = new(
        "@vladmandic/face-api",
        "1.7.15",
        "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
        [
            new(TinyFaceDetector, 3_219, "5d1af4849ac48d5b985f4a9b16010c512353ddd6fcc63d50fd0bc9e9e64296e5"),
            new("model/tiny_face_detector_model.bin", 193_321, "b7503ce7df31039b1c43316a9b865cab6a70dd748cc602d3fa28b551503c3871"),
            new(FaceLandmarks, 8_485, "ca4886639f86e99b39fed0c155f81b63317225773bd9616716e887b0153389c9"),
            new("model/face_landmark_68_model.bin", 356_840, "4611ef65c87d836d03d684b30eec4d195d8b219fa1dd58fc58945831c6b9299b"),
            new(FaceDescriptor, 19_615, "cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b"),
            new("model/face_recognition_model.bin", 6_444_032, "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589"),
        ]);
}

/// <summary>One version of an npm package, pinned by content, and the files that are wanted of it.</summary>
/// <param name="Name">The package's name with its scope, such as <c>@scope/name</c>.</param>
/// <param name="Version">The exact version, such as <c>0.1.2</c>.</param>
/// <param name="Sha256">SHA-256 of the tarball, in lower-case hexadecimal.</param>
/// <param name="Files">The files to unpack; all of them are unpacked at once.</param>
public sealed record NpmPackage(string Name, string Version, string Sha256, ImmutableArray<PackageFile> Files)
{
    /// <summary>The package as the npm client wants it named: <c>@scope/name@0.1.2</c>.</summary>
    public string Specifier => $"{Name}@{Version}";

    /// <summary>The name that <c>npm pack</c> gives the tarball: <c>scope-name-0.1.2.tgz</c>.</summary>
    public string TarballName => $"{Name.TrimStart('@').Replace('/', '-')}-{Version}.tgz";
}

/// <summary>One wanted file of a package.</summary>
/// <param name="Path">Its path inside the package with forward slashes, without the tarball's first folder.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sha256">SHA-256 of its content, in lower-case hexadecimal.</param>
public sealed record PackageFile(string Path, long Length, string Sha256);
