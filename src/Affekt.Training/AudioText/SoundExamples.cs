using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Training.Features;

namespace Affekt.Training.AudioText;

/// <summary>A labeled sound.</summary>
/// <param name="Features">What the audio encoder made of it.</param>
/// <param name="Label">The emotion's index.</param>
/// <param name="DurationMs">How long it lasts.</param>
internal sealed record SoundExample(float[] Features, int Label, int DurationMs)
{
    /// <summary>The utterance that is heard.</summary>
    public Utterance? Utterance { get; init; }

    /// <summary>How the sound was altered, as <see cref="SoundCopies"/> names it.</summary>
    public string Copy { get; init; } = FeatureKey.Clean;
}

/// <summary>
/// Labeled sounds of a corpus as audio features, kept in a feature store: a change of the sound, the copy or the encoder
/// computes anew.
/// </summary>
internal sealed class SoundExamples : IDisposable
{
    // Part of a copy's random numbers: another number gives other noise.
    private const int Revision = 1;

    // Sounds between two writes: what a kill can lose.
    private const int KeepEvery = 50;

    // Decoders that run at the same time.
    private static readonly int _atOnce = Math.Max(2, Environment.ProcessorCount);

    private readonly FeatureStore _store;
    private readonly SoundFeatureEncoder _encoder;
    private readonly string _weightsHash;
    private readonly MediaTools _media = MediaTools.Find();
    private readonly List<(FeatureKey Key, StoredFeature Feature)> _fresh = [];

    public SoundExamples(string folder, string moonshineFile)
        : this(folder, SoundFeatureEncoder.Moonshine(moonshineFile, Precision.Float32)) =>
        _weightsHash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(moonshineFile)))[..16];

    /// <summary>Of another encoder, which it then owns.</summary>
    public SoundExamples(string folder, SoundFeatureEncoder encoder)
    {
        _store = FeatureStore.Open(folder);
        _encoder = encoder;
        _weightsHash = "";
    }

    /// <summary>The usable sounds of some utterances, each as every copy.</summary>
    public IReadOnlyList<SoundExample> Of(
        IEnumerable<Utterance> utterances, IReadOnlyList<string> copies, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        Utterance[] usable = [.. utterances.Where(utterance => utterance is { Media: not null, Label: not null })];
        List<SoundExample> examples = [];
        int done = 0;
        foreach (Utterance[] chunk in usable.Chunk(KeepEvery))
        {
            var found = new List<SoundExample>[chunk.Length];
            Parallel.For(
                0, chunk.Length, new ParallelOptions { MaxDegreeOfParallelism = _atOnce, CancellationToken = cancellation },
                i => found[i] = OfOne(chunk[i], copies, cancellation));
            Keep();
            foreach (List<SoundExample> one in found)
            {
                examples.AddRange(one);
                progress.Report(new TrainingProgress("sounds", 1, 1, ++done, usable.Length, double.NaN, double.NaN));
            }
        }

        _store.Tidy();
        return examples;
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _store.Dispose();
    }

    private List<SoundExample> OfOne(Utterance utterance, IReadOnlyList<string> copies, CancellationToken cancellation)
    {
        string content = UtteranceMedia.IdentifyAsync(utterance, cancellation).GetAwaiter().GetResult();
        float[]? sound = null;
        List<SoundExample> examples = [];
        foreach (string copy in copies)
        {
            FeatureKey key = _encoder.Output.Key(content, copy);
            if (_store.Find(key) is not { } feature)
            {
                sound ??= UtteranceMedia.ReadSoundAsync(_media, utterance, cancellation).GetAwaiter().GetResult().Sound.Samples;
                byte[] seed = SHA256.HashData(Encoding.UTF8.GetBytes($"{Revision}/{_weightsHash}/{content}/{copy}"));
                float[] altered = SoundCopies.Make(copy, sound, new Random(BitConverter.ToInt32(seed)));

                // The duration is that of the sound itself, so that a faster copy belongs to the same class.
                feature = _encoder.Encode(altered) with { DurationMs = Sound.Milliseconds(sound.Length) };
                lock (_fresh)
                    _fresh.Add((key, feature));
            }

            // Where nothing was found in it, that is kept, and there is no example.
            if (feature is { Values: { } values, DurationMs: { } duration })
                examples.Add(new SoundExample(values, utterance.Label!.Value, duration) { Utterance = utterance, Copy = copy });
        }

        return examples;
    }

    private void Keep()
    {
        _store.Add(_fresh);
        _fresh.Clear();
    }
}
