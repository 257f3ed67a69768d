using Affekt.Corpora;
using Affekt.Training.Features;

namespace Affekt.Training.Tests.Features;

/// <summary>Reads a file's bytes as its input, and counts what it is asked to encode.</summary>
internal sealed class CountingEncoder(string hash = "one", int batchSize = 4) : FeatureEncoder
{
    public List<string> Encoded { get; } = [];

    /// <summary>Called before each batch is encoded.</summary>
    public Action BeforeBatch { get; init; } = () => { };

    public override string Modality => "audio";

    public override IReadOnlyList<FeatureOutput> Outputs => [new FeatureOutput(FeatureKind.Audio, hash)];

    public override int BatchSize => batchSize;

    public override bool Reads(Utterance utterance) => utterance.Media is not null;

    public override async Task<string> IdentifyAsync(Utterance utterance, CancellationToken cancellation) => ContentHash.OfStretch(
        await ContentHash.OfFileAsync(utterance.Media!, cancellation), utterance.StartMs, utterance.EndMs);

    internal override async Task<PreparedInput> DecodeAsync(Utterance utterance, CancellationToken cancellation)
    {
        byte[] bytes = await File.ReadAllBytesAsync(utterance.Media!, cancellation);
        return bytes.Length == 0 ? new PreparedInput.Nothing("nothing in it") : new PreparedInput.Samples([.. bytes]);
    }

    internal override IReadOnlyList<StoredFeature[]> Encode(IReadOnlyList<PreparedInput> inputs, CancellationToken cancellation)
    {
        BeforeBatch();
        return [.. inputs.Cast<PreparedInput.Samples>().Select(input => new[] { Encode(input.Values) })];
    }

    protected override void Dispose(bool disposing)
    {
    }

    private StoredFeature Encode(float[] bytes)
    {
        Encoded.Add(string.Concat(bytes.Select(value => (char)value)));
        return StoredFeature.Vector([bytes.Sum(), bytes.Length]) with { DurationMs = bytes.Length };
    }
}
