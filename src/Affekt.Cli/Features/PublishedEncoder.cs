using System.Runtime.InteropServices;
using Affekt.Media;
using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;

namespace Affekt.Cli.Features;

/// <summary>A published network of any family: texts, sound or pictures to what it reads, states, one vector, or what its classifier says.</summary>
internal sealed class PublishedEncoder : IFeatureEncoder
{
    private readonly PublishedModel _model;
    private readonly MediaTools _media = MediaTools.Find();

    private PublishedEncoder(PublishedModel model) => _model = model;

    public string Reads => _model.Config.Input switch
    {
        PublishedInput.Text => "texts (--texts)",
        PublishedInput.Sound => "sound or video files (INPUT)",
        _ => "picture files (INPUT)",
    };

    public IReadOnlyList<string> Levels =>
    [
        .. _model is PublishedText ? [FeatureLevel.Ids] : (string[])[], FeatureLevel.Input, FeatureLevel.State + "0", FeatureLevel.Mix,
        FeatureLevel.Token, FeatureLevel.Utterance, FeatureLevel.Logits, FeatureLevel.Scores,
    ];

    public IReadOnlyList<string> Unused => _model.Unused;

    /// <summary>Opens the folder for one level.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="level">The level, of <see cref="FeatureLevel"/>.</param>
    /// <param name="int8">Whether large products are computed in int8.</param>
    public static PublishedEncoder Load(string folder, string level, bool int8) => new(PublishedModel.Open(
        folder,
        new PublishedOutputs
        {
            Classifier = level is FeatureLevel.Logits or FeatureLevel.Scores,
            States = FeatureLevel.StateOf(level) is { } layer ? [layer] : [],
            Mix = FeatureLevel.MixOf(level),
        },
        null,
        int8));

    public bool CanRead(FeatureInput input) => input is TextInput == _model is PublishedText;

    public async Task<TensorToWrite> EncodeAsync(FeatureInput input, string level, CancellationToken cancellation)
    {
        switch (_model)
        {
            case PublishedText text:
                TokenSequence tokens = text.Tokenizer.Encode(((TextInput)input).Text);
                if (level is FeatureLevel.Ids or FeatureLevel.Input)
                {
                    return new TensorToWrite(
                        input.Name, ElementType.Int64, [tokens.Ids.Length], (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes(tokens.Ids.Span).ToArray());
                }

                return ToWrite(input.Name, Read(level, output => text.Compute(tokens, output, cancellation), first: true));
            case PublishedSound sound:
                return ToWrite(input.Name, await HearAsync(sound, ((MediaInput)input).File, level, cancellation));
            default:
                PublishedPictures pictures = (PublishedPictures)_model;
                Picture picture = await _media.ReadPictureAsync(((MediaInput)input).File, cancellation);
                PublishedFeatures pixels = pictures.Prepare(picture.Rgb, picture.Width, picture.Height);
                return ToWrite(
                    input.Name,
                    level == FeatureLevel.Input ? pixels : Read(level, output => pictures.Compute(pixels, output, cancellation), first: true));
        }
    }

    public void Dispose() => _model.Dispose();

    private async Task<PublishedFeatures> HearAsync(PublishedSound sound, string file, string level, CancellationToken cancellation)
    {
        (_, Sound heard) = await _media.ReadWholeSoundAsync(file, cancellation);
        if (heard.Samples.Length < sound.ShortestSound)
        {
            throw new CommandException(
                $"{file}: found {heard.Samples.Length} samples of sound, expected at least {sound.ShortestSound}", ExitCode.Unusable);
        }

        PublishedFeatures prepared = sound.Prepare(heard.Samples);
        return level == FeatureLevel.Input ? prepared : Read(level, output => sound.Compute(prepared, output, cancellation), first: false);
    }

    // One vector is the first place's state, or the mean over all.
    private PublishedFeatures Read(string level, Func<string, PublishedFeatures> compute, bool first)
    {
        switch (level)
        {
            case FeatureLevel.Token:
            case var _ when FeatureLevel.MixOf(level) is not null:
                return compute(PublishedModel.LastStates);
            case FeatureLevel.Utterance:
                PublishedFeatures states = compute(PublishedModel.LastStates);
                int width = (int)states.Shape[1];
                return new PublishedFeatures(first ? states.Values[..width] : Mean(states.Values, width), [width]);
            case FeatureLevel.Logits:
                return compute(PublishedModel.Logits);
            case FeatureLevel.Scores:
                PublishedFeatures logits = compute(PublishedModel.Logits);
                return logits with { Values = _model.Config.ToScores(logits.Values) };
            default:
                return compute(PublishedModel.State(FeatureLevel.StateOf(level)!.Value));
        }
    }

    private static float[] Mean(float[] rows, int width)
    {
        double[] sums = new double[width];
        for (int i = 0; i < rows.Length; i++)
            sums[i % width] += rows[i];
        return [.. sums.Select(sum => (float)(sum * width / rows.Length))];
    }

    private static TensorToWrite ToWrite(string name, PublishedFeatures features) => new(
        name, ElementType.Float32, [.. features.Shape], (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes<float>(features.Values).ToArray());
}
