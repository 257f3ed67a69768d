using System.Globalization;
using System.Text;
using Affekt.Models.Audio;
using Affekt.Models.Fusion;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Bundles;

/// <summary>The README.md of an exported bundle.</summary>
internal static class ExportReadme
{
    /// <summary>What a network's file ends with.</summary>
    public const string Extension = ".onnx";

    /// <summary>The folder with the tokenizer's files.</summary>
    public const string Tokenizer = "tokenizer";

    public const string TextEncoder = "text-encoder";
    public const string AudioEncoder = "audio-encoder";
    public const string AudioText = "audio-text";
    public const string Sound = "sound";
    public const string Expression = "expression";
    public const string Mc3 = "video-encoder";
    public const string Video = "video";

    private const string Logits = "one for each label, in their order";

    private static readonly string[] _order = [TextEncoder, AudioEncoder, AudioText, Sound, Expression, Mc3, Video];

    // By network and port; Moonshine's states, which have long names, are told by their number.
    private static readonly Dictionary<string, string> _meanings = new()
    {
        [$"{TextEncoder} {TextGraph.Ids}"] = "token ids of each text, padded behind",
        [$"{TextEncoder} {TextGraph.Mask}"] = "1 for a token, 0 for padding",
        [$"{TextEncoder} {TextGraph.LastStates}"] = "a state for each token",
        [$"{AudioEncoder} input_values"] = "samples of one sound, mono at 16 kHz",
        [$"{AudioText} text"] = "text features of each utterance; zeros where it has no text",
        [$"{AudioText} has_text"] = "1 where there is text, else 0",
        [$"{AudioText} audio"] = "sound features of each utterance; zeros where it has no usable sound",
        [$"{AudioText} has_audio"] = "1 where there is sound, else 0",
        [$"{AudioText} metadata"] = "categories of each utterance, see below",
        [$"{AudioText} hidden"] = "the LSTM's output so far; zeros at a dialogue's start",
        [$"{AudioText} cell"] = "the LSTM's cell so far; zeros at a dialogue's start",
        [$"{AudioText} logits"] = Logits + ", before calibration",
        [$"{AudioText} hidden_after"] = "`hidden` for the dialogue's next call",
        [$"{AudioText} cell_after"] = "`cell` for the dialogue's next call",
        [$"{Sound} features"] = "sound features of an utterance",
        [$"{Sound} baseline"] = "the mean of the sound features of the speaker's other utterances; zeros where there are none",
        [$"{Sound} utterances"] = "how many utterances that mean rests on, 0 or more",
        [$"{Sound} logits"] = Logits + ", calibrated: their softmax is the answer",
        [$"{Expression} faces"] = "gray values 0 to 255 of faces, 48 x 48 pixels, cut from brow to chin",
        [$"{Expression} features"] = "features of each face, the mean with its mirror image",
        [$"{Expression} logits"] = Logits + ", of the network's own last layer; the answer is that of `video.onnx`",
        [$"{Mc3} {Mc3Graph.Pixels}"] = "red, green and blue of one clip's pictures, 0 to 255",
        [$"{Mc3} {Mc3Graph.Features}"] = "features of each picture",
        [$"{Video} frames"] = "features of each picture from the network before; zeros where it has no usable face",
        [$"{Video} has_frame"] = "1 where a picture can be used, else 0",
        [$"{Video} tokens"] = "states of the text's tokens",
        [$"{Video} has_token"] = "1 for a token, 0 for padding; one row of 0 where there is no text",
        [$"{Video} metadata"] = "categories of each utterance, see below",
        [$"{Video} logits"] = Logits + ", before calibration",
    };

    /// <summary>Writes it. Each network is loaded from its file, which thereby is proved to be one.</summary>
    /// <param name="target">The folder with the files.</param>
    /// <param name="config">The bundle's configuration.</param>
    /// <param name="audioTrust">How far sound without words counts beside a picture.</param>
    public static string Of(string target, BundleConfig config, double audioTrust)
    {
        StringBuilder text = new();
        Add(text, $"""
            # {config.Name} {config.Version} as ONNX

            The networks of an Affekt bundle, written by `affekt bundle export`: ONNX, with operators of ONNX's own sets only (up to 20).
            A file's weights lie beside it in the file with `.data` behind its name; keep both together. `config.json` is the bundle's own,
            `{Tokenizer}/` holds the text encoder's tokenizer. Licenses of the bundle and its encoders: `card.md`, where the bundle has one.

            Labels, in this order: {string.Join(", ", config.Labels)}.
            """);
        foreach (string network in _order.Where(network => File.Exists(Path.Combine(target, network + Extension))))
            Describe(text, target, network);
        Add(text, $"\n## From signals to inputs");
        Inputs(text, config);
        Add(text, $"\n## From logits to probabilities");
        Probabilities(text, config, audioTrust);
        return text.ToString();
    }

    private static void Describe(StringBuilder text, string target, string network)
    {
        using Network loaded = Network.Open(Path.Combine(target, network + Extension), EngineOptions.Default with { Threads = 1 });
        Add(text, $"""

            ## {network}{Extension}
            | | name | elements | shape | what it is |
            |---|---|---|---|---|
            """);
        foreach (NetworkPort port in loaded.InputPorts)
            Row("in", port);
        foreach (NetworkPort port in loaded.OutputPorts)
            Row("out", port);

        void Row(string way, NetworkPort port)
        {
            (string shape, string what) = _meanings.TryGetValue($"{network} {port.Name}", out string? meaning)
                ? ($"[{string.Join(", ", port.Shape)}]", meaning)
                : State(port.Name);
            Add(text, $"| {way} | `{port.Name}` | {port.Type.ToString().ToLowerInvariant()} | {shape} | {what} |");
        }
    }

    private static (string Shape, string What) State(string name)
    {
        int layer = MoonshineGraphs.LayerNames(Audio.MoonshineEncoder.Layers).ToList().IndexOf(name) + 1;
        return (
            $"[1, frames, {MoonshineGraphs.Width}]",
            $"the states after layer {layer}, a frame each {MoonshineGraphs.FrameStep} samples");
    }

    private static void Inputs(StringBuilder text, BundleConfig config)
    {
        string pooled = config.TextEncoder.Pooling == TextPooling.Cls
            ? "the first token's state"
            : "the mean of all its tokens' states, padding left out";
        Add(text, $"""
            - Text: at most {config.TextEncoder.MaxTokens} tokens, the special ones included; one without a word counts as no text.
              Text features are {pooled}.
            """);
        if (config.AudioEncoder.Kind == AudioEncoderPart.MoonshineTiny)
        {
            Add(text, $"""
                - Sound: frames of {MoonshineGraphs.ShortestSound} samples, one each {MoonshineGraphs.FrameStep}. Frames whose mean square is
                  at most 35 dB below the loudest one's are active. The samples are scaled so that the root mean square over active frames is
                  0.1. Each frame's state after each layer is brought to zero mean and unit variance (1e-5 is added to the variance). Sound
                  features are the means over the active frames of the layers' states, layer by layer, then in the same order their standard
                  deviations.
                """);
        }
        else
        {
            Add(text, $"""
                - Sound: features come from {config.AudioEncoder.Repository ?? config.AudioEncoder.Folder} ({config.AudioEncoder.Kind}), which
                  is not exported.
                """);
        }

        if (config.VideoEncoder is { Kind: VideoEncoderPart.Vit } vit)
            Add(text, $"- Pictures: features come from the published ViT in {vit.Weights}, on faces cut out in color; neither it nor the detector is exported.");
        if (config.VideoEncoder is { Kind: VideoEncoderPart.Face } faces)
        {
            Add(text, $"- Faces are found by a detector that is not exported.");
            if (faces.Scales is { } scales)
                Add(text, $"  Each is drawn in the sizes {Numbers(scales)} around its middle, edges repeated; its features are the mean over them.");
            if (faces.Shift > 0)
                Add(text, $"  The network itself moves each by {faces.Shift} pixels up and left, and down and right before it mirrors it.");
        }

        Add(text, $"""
            - Metadata: {string.Join(", ", MetadataFeatures.Names)}; each an index, 0 for unknown. They have
              {string.Join(", ", config.AudioText.Network.MetadataSizes)} values. `speaker` is a place in `speakers` of config.json, from 1.
              `position` is 1 to 8 for the dialogue's utterance 1, 2, 3, 4-5, 6-8, 9-12, 13-20 and later. `speaker_count` tells the known
              speakers so far, at most 6. `speaker_changed` is 1 for the same speaker as before, 2 for another, 0 for the first. `duration` is
              1 to 7 for less than 0.5 s, 1 s, 2 s, 4 s, 8 s, 16 s, and longer.
            """);
    }

    private static void Probabilities(StringBuilder text, BundleConfig config, double audioTrust)
    {
        BundleCalibration calibration = config.Calibration;
        Add(text, $"""
            Probabilities are softmax(logits / temperature).

            - `audio-text.onnx`: temperature {calibration.Text} with text alone, {calibration.Audio} with sound alone, {calibration.AudioText} with both.
            """);
        if (config.Sound is not null)
            Add(text, $"- `sound.onnx`: temperature 1; it has its own inside.");
        if (config.Video is not null)
            Add(text, $"- `video.onnx`: temperature {calibration.Video}.");
        FusionConfig fusion = config.Fusion ?? FusionConfig.Late;
        if (fusion.Experts is { } experts)
            Experts(text, config, experts);
        else if (config.Video is not null)
            Branches(text, fusion, calibration, audioTrust);
        Add(text, $"\nAn answer whose largest probability is below {calibration.AbstainBelow} is withheld.");
    }

    private static void Branches(StringBuilder text, FusionConfig fusion, BundleCalibration calibration, double audioTrust)
    {
        string read = fusion.Reads == FusionInput.LogProbabilities ? $"log max(p, {Least})" : "p";
        string then = fusion.Kind switch
        {
            FusionKind.PerClass => "s is multiplied by `fusion.scales` of config.json, then softmax",
            FusionKind.Affine => "s is multiplied by `fusion.matrix` of config.json and `fusion.bias` is added, then softmax",
            _ => "s is taken as it is",
        };
        Add(text, $"""

            A branch that is alone is the answer. Where both answer, r(p) = {read} and s = {fusion.AudioText} x r(p_audio_text) +
            {fusion.Video} x r(p_video); of sound without words p_audio_text is taken at its temperature divided by {audioTrust}.
            Then {then}; of the result p the answer is softmax(log p / {calibration.Fused}).
            """);
    }

    private static void Experts(StringBuilder text, BundleConfig config, ExpertsConfig experts)
    {
        string sound = config.Sound is null ? "`audio-text.onnx` with sound alone and zeros for its state" : "`sound.onnx`";
        Add(text, $"""

            Three experts answer, each for itself: words are `audio-text.onnx` with text alone, which remembers words alone; sound is
            {sound}; the picture is `video.onnx`.
            Numbers below are `fusion.experts` of config.json, which has all their digits.

            | expert | weight | trust | unshown | prior | usual |
            |---|---|---|---|---|---|
            """);
        foreach ((string name, ExpertConfig expert) in new[] { ("text", experts.Text), ("audio", experts.Audio), ("video", experts.Video) })
        {
            string prior = Numbers(expert.Prior, "uniform"), usual = Numbers(expert.Usual, "as prior");
            Add(text, $"| {name} | {expert.Weight} | {expert.Trust} | {expert.Unshown} | {prior} | {usual} |");
        }

        Add(text, $"""

            The prior P(e), how often each emotion is expected, is {Numbers(experts.Prior, "uniform")} where none is chosen. With an expert's
            answer p(e), its prior q(e) and its usual u(e):

            1. d = min(1, sum |P - q| / sum |q - 1/7|); 1 where q is uniform; half of it for a photograph where the expert has `shown`. f(e) = q(e)^(1-d) x u(e)^d.
            2. L(e) = max(p(e), {Least}) / f(e); where the expert has `shown`, L(e) becomes (1 - d) x L(e) + d x the sum over s of
               shown[e][s] x L(s), but for L(neutral) below. With n = d x unshown, t = 1 + d x (trust - 1):
               p'(e) = P(e) x ((1 - n) x L(e) + n x L(neutral))^t, divided by its sum.
            3. One expert alone: p' is the answer. Several: log p(e) = log P(e) + the sum over experts of weight x (log p'(e) - log P(e)),
               normalized.
            """);
        if (experts.Video.Resting is not null)
            Add(text, $"\nAffekt also holds a face against how it usually looks (`resting`), where more of the same face is known.");
    }

    private static string Least => BranchFusion.LeastProbability.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Numbers(IEnumerable<double>? values, string otherwise = "") => values is null
        ? otherwise
        : string.Join(", ", values.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)));

    private static void Add(StringBuilder text, FormattableString lines) =>
        text.Append(FormattableString.Invariant(lines).ReplaceLineEndings("\n")).Append('\n');
}
