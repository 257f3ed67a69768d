using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Audio;

/// <summary>Moonshine-tiny (Jeffries et al., 2024) as published, and the parts of it that are used.</summary>
/// <remarks>n samples, T frames of 24 ms, S tokens so far; 8 heads of 36 features.</remarks>
internal static class MoonshineGraphs
{
    /// <summary>Features of a frame's state, D.</summary>
    public const int Width = 288;

    /// <summary>The shortest sound that fills one frame, in samples at 16 kHz.</summary>
    public const int ShortestSound = 895;

    /// <summary>Samples from one frame to the next.</summary>
    public const int FrameStep = 384;

    /// <summary>The decoder's layers.</summary>
    public const int DecoderLayers = 6;

    /// <summary>Heads of the decoder's attention.</summary>
    public const int Heads = 8;

    /// <summary>Features of a head.</summary>
    public const int HeadWidth = Width / Heads;

    /// <summary>The encoder's first layers: "input_values" [1, n] to as many states [1, T, D], before any last norm.</summary>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static Network FirstLayers(string file, int layers, EngineOptions? engine = null) => Open(
        file, engine, "Moonshine-tiny's encoder", ["input_values"],
        model => model.KeepOutputs([.. LayerNames(layers)]));

    /// <summary>Writes the encoder's first layers as plain ONNX, as <see cref="FirstLayers"/> runs them.</summary>
    /// <param name="file">The published file.</param>
    /// <param name="layers">How many layers.</param>
    /// <param name="target">The file to write.</param>
    /// <exception cref="StateFileException">The published file cannot be read, or has no such layers.</exception>
    public static void ExportFirstLayers(string file, int layers, string target)
    {
        using OnnxModel model = OnnxModel.Read(file);
        model.KeepOutputs([.. LayerNames(layers)]);
        model.Export(target);
    }

    /// <summary>The names of the states after the first layers.</summary>
    public static IEnumerable<string> LayerNames(int layers) => Enumerable.Range(0, layers).Select(i => $"/layers.{i}/Add_1_output_0");

    /// <summary>The whole encoder: "input_values" [1, n] to [1, T, D], as the decoder reads it.</summary>
    /// <inheritdoc cref="FirstLayers"/>
    public static Network Encoder(string file, EngineOptions? engine = null) =>
        Open(file, engine, "Moonshine-tiny's encoder", ["input_values"], model => model.KeepOutputs("last_hidden_state"));

    /// <summary>
    /// What the decoder makes of the sound, once for all tokens: "encoder_hidden_states" [1, T, D] to keys and values of each layer,
    /// [1, 8, T, 36] each.
    /// </summary>
    /// <inheritdoc cref="FirstLayers"/>
    public static Network SoundMemory(string file, EngineOptions? engine = null) =>
        Open(file, engine, "Moonshine-tiny's decoder", ["encoder_hidden_states"], model =>
        {
            // The file holds the network twice: this one begins, and computes it by the way. It takes the batch's size from the tokens.
            model.Enter("optimum::if", "else_branch");
            for (int i = 0; i < DecoderLayers; i++)
                model.Set($"/model/decoder/layers.{i}/encoder_attn/Gather_output_0", [1]);
            model.KeepOutputs([.. SoundNames("present")]);
        });

    /// <summary>
    /// One step of the decoder: "input_ids" [1, 1], the tokens' keys and values so far, [1, 8, S, 36] each, S from 0 on, and the
    /// sound's, to logits [1, 1, 32768] and the tokens' keys and values with the new one.
    /// </summary>
    /// <inheritdoc cref="FirstLayers"/>
    public static Network Step(string file, EngineOptions? engine = null) => Open(
        file, engine, "Moonshine-tiny's decoder", ["input_ids", .. TokenNames("past_key_values"), .. SoundNames("past_key_values")], model =>
        {
            model.Enter("optimum::if", "then_branch");
            model.KeepOutputs(["logits", .. TokenNames("present")]);
        });

    /// <summary>The names of the tokens' keys and values, layer by layer.</summary>
    public static IEnumerable<string> TokenNames(string kind) => Names(kind, "decoder");

    /// <summary>The names of the sound's keys and values, layer by layer.</summary>
    public static IEnumerable<string> SoundNames(string kind) => Names(kind, "encoder");

    private static IEnumerable<string> Names(string kind, string of) =>
        Enumerable.Range(0, DecoderLayers).SelectMany(i => new[] { $"{kind}.{i}.{of}.key", $"{kind}.{i}.{of}.value" });

    private static Network Open(string file, EngineOptions? engine, string expected, IReadOnlyList<string> inputs, Action<OnnxModel> cut)
    {
        Network? network = null;
        try
        {
            using OnnxModel model = OnnxModel.Read(file);
            cut(model);
            network = Network.Open(model, engine);
            if (network.Inputs.Order(StringComparer.Ordinal).SequenceEqual(inputs.Order(StringComparer.Ordinal)))
                return network;
            throw new ModelException(file, null, $"a network that reads {string.Join(", ", network.Inputs)}", expected);
        }
        catch (Exception e) when (e is EngineException || (e is StateFileException && File.Exists(file)))
        {
            throw new ModelException(file, null, e.Message, expected, e);
        }
        catch
        {
            network?.Dispose();
            throw;
        }
    }
}
