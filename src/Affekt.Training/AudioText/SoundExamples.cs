using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Torch.Layers;
using Affekt.Training.Features;

namespace Affekt.Training.AudioText;

/// <summary>A labelled sound.</summary>
/// <param name="Features">What the audio encoder made of it.</param>
/// <param name="Label">The emotion's index.</param>
/// <param name="DurationMs">How long it lasts.</param>
internal sealed record SoundExample(float[] Features, int Label, int DurationMs);

/// <summary>
/// Labelled sounds of a corpus as audio features, kept in a feature store: a change of the sound, the copy or the encoder
/// computes anew.
/// </summary>
internal sealed class SoundExamples : IDisposable
{
    // Part of a copy's random numbers: another number gives other noise.
    private const int Revision = 1;

    // Sounds between two writes: what a kill can lose.
    private const int KeepEvery = 50;

    private readonly FeatureStore _store;
    private readonly SoundFeatureEncoder _encoder;
    private readonly string _weightsHash;
    private readonly MediaTools _media = MediaTools.Find();
    private readonly List<(FeatureKey Key, StoredFeature Feature)> _fresh = [];

    public SoundExamples(string folder, string encoderFile)
    {
        _store = FeatureStore.Open(folder);
        _encoder = SoundFeatureEncoder.Moonshine(encoderFile, Precision.Float32);
        _weightsHash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(encoderFile)))[..16];
    }

    /// <summary>The usable sounds of some utterances, each as every copy.</summary>
    public IReadOnlyList<SoundExample> Of(
        IEnumerable<Utterance> utterances, IReadOnlyList<string> copies, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        Utterance[] usable = [.. utterances.Where(utterance => utterance is { Media: not null, Emotion: not null })];
        List<SoundExample> examples = [];
        for (int i = 0; i < usable.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            examples.AddRange(OfOne(usable[i], copies, cancellation));
            if (i % KeepEvery == KeepEvery - 1)
                Keep();
            progress.Report(new TrainingProgress("sounds", 1, 1, i + 1, usable.Length, double.NaN, double.NaN));
        }

        Keep();
        _store.Tidy();
        return examples;
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _store.Dispose();
    }

    private IEnumerable<SoundExample> OfOne(Utterance utterance, IReadOnlyList<string> copies, CancellationToken cancellation)
    {
        string content = ContentHash.OfFile(utterance.Media!);
        float[]? sound = null;
        foreach (string copy in copies)
        {
            FeatureKey key = _encoder.Output.Key(content, copy);
            if (_store.Find(key) is not { } feature)
            {
                sound ??= Decode(utterance.Media!, cancellation);
                byte[] seed = SHA256.HashData(Encoding.UTF8.GetBytes($"{Revision}/{_weightsHash}/{content}/{copy}"));
                float[] altered = SoundCopies.Make(copy, sound, new Random(BitConverter.ToInt32(seed)));

                // The duration is that of the sound itself, so that a faster copy belongs to the same class.
                feature = _encoder.Encode(altered) with { DurationMs = Sound.Milliseconds(sound.Length) };
                _fresh.Add((key, feature));
            }

            // Where nothing was found in it, that is kept, and there is no example.
            if (feature is { Values: { } values, DurationMs: { } duration })
                yield return new SoundExample(values, (int)utterance.Emotion!, duration);
        }
    }

    private float[] Decode(string file, CancellationToken cancellation) =>
        _media.ReadWholeSoundAsync(file, cancellation).GetAwaiter().GetResult().Sound.Samples;

    private void Keep()
    {
        _store.Add(_fresh);
        _fresh.Clear();
    }
}
