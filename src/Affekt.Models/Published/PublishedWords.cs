using Affekt.Models.Text;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Published;

/// <summary>A published classifier of texts as an expert for words: texts to shares of labels.</summary>
public sealed class PublishedWords : IDisposable
{
    private readonly PublishedText _model;
    private readonly int _tokensOfNothing;

    private PublishedWords(PublishedText model, LabelMap labels)
    {
        (_model, Labels) = (model, labels);
        _tokensOfNothing = model.Tokenizer.Encode("").Ids.Length;
    }

    /// <summary>What its labels are.</summary>
    public LabelMap Labels { get; }

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="labels">What its labels are told to be.</param>
    /// <param name="set">Among which labels; null for the seven emotions.</param>
    /// <param name="options">How it is computed; as usual where null.</param>
    /// <param name="int8">Whether large products are computed in int8.</param>
    /// <exception cref="ModelException">It is no network of this kind, or lacks a tensor.</exception>
    public static PublishedWords Load(
        string folder, IReadOnlyDictionary<string, string> labels, LabelSet? set = null, EngineOptions? options = null, bool int8 = false)
    {
        (PublishedModel model, LabelMap map) = PublishedExperts.Open(folder, PublishedInput.Text, labels, set, options, int8);
        return new PublishedWords((PublishedText)model, map);
    }

    /// <summary>Shares of the labels, with the sum 1; null for a text that holds no word.</summary>
    public float[]? Read(string text)
    {
        TokenSequence tokens = _model.Tokenizer.Encode(text);
        return tokens.Ids.Length <= _tokensOfNothing || string.IsNullOrWhiteSpace(text)
            ? null
            : PublishedExperts.ToShares(_model, Labels, _model.Compute(tokens, PublishedModel.Logits));
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}

/// <summary>What published classifiers have in common as experts.</summary>
internal static class PublishedExperts
{
    /// <summary>Opens a classifier of one kind of input, and matches its labels.</summary>
    public static (PublishedModel Model, LabelMap Labels) Open(
        string folder, PublishedInput input, IReadOnlyDictionary<string, string> labels, LabelSet? set, EngineOptions? options, bool int8)
    {
        PublishedConfig config = PublishedConfig.Load(folder);
        if (config.Input != input)
            throw new ModelException(config.File, "model_type", $"\"{config.Family}\"", $"a network that takes {Name(input)}");
        LabelMap map = LabelMap.Match(config, labels, set);
        return (PublishedModel.Open(folder, new PublishedOutputs { Classifier = true }, options, int8), map);
    }

    /// <summary>What a classifier says, as shares of the labels.</summary>
    public static float[] ToShares(PublishedModel model, LabelMap labels, PublishedFeatures logits) =>
        labels.ToShares(model.Config.ToScores(logits.Values));

    /// <summary>What a network takes in, for messages.</summary>
    public static string Name(PublishedInput input) => input switch
    {
        PublishedInput.Text => "text",
        PublishedInput.Sound => "sound",
        _ => "pictures",
    };
}
