using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Torch;
using Affekt.Torch.StateFiles;

namespace Affekt.Training.AudioText;

/// <summary>A labelled sound.</summary>
/// <param name="Features">What the audio encoder made of it.</param>
/// <param name="Label">The emotion's index.</param>
/// <param name="DurationMs">How long it lasts.</param>
internal sealed record SoundExample(float[] Features, int Label, int DurationMs);

/// <summary>
/// Labelled sounds of a corpus as audio features. What was computed once is kept in a file and found again by the sound's
/// bytes, the copy and the encoder; a change of any of them computes anew.
/// </summary>
internal sealed class SoundExamples : IDisposable
{
    // Part of the key: raise it when AudioEncoder or SoundCopies computes something else.
    private const int Revision = 1;

    // Sounds between two writes of the file: what a kill can lose.
    private const int KeepEvery = 200;

    private const string LengthSuffix = ".ms";

    private readonly string _file;
    private readonly string _encoderHash;
    private readonly AudioEncoder _encoder;
    private readonly MediaTools _media = MediaTools.Find();
    private readonly Dictionary<string, float[]> _kept = [];
    private bool _grown;

    public SoundExamples(string folder, string encoderFile)
    {
        Directory.CreateDirectory(folder);
        _file = Path.Combine(folder, "audio.safetensors");
        _encoderHash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(encoderFile)))[..16];
        _encoder = AudioEncoder.Load(encoderFile);
        if (!File.Exists(_file))
            return;
        using StateFile stored = StateFile.Open(_file);
        foreach (StoredTensor tensor in stored.Tensors.Values)
            _kept.Add(tensor.Name, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray());
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
        return examples;
    }

    public void Dispose() => _encoder.Dispose();

    private IEnumerable<SoundExample> OfOne(Utterance utterance, IReadOnlyList<string> copies, CancellationToken cancellation)
    {
        string content = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(utterance.Media!)))[..32];
        float[]? sound = null;
        foreach (string copy in copies)
        {
            string key = $"{Revision}/{_encoderHash}/{content}/{copy}";
            if (!_kept.TryGetValue(key, out float[]? features))
            {
                sound ??= Decode(utterance.Media!, cancellation);
                Random random = new(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
                features = _encoder.Encode(SoundCopies.Make(copy, sound, random)).Values ?? [];
                _kept.Add(key, features);
                _kept[key + LengthSuffix] = [sound.Length * 1000f / Sound.SampleRate];
                _grown = true;
            }

            // Nothing was found in it: kept as such, and no example.
            if (features.Length > 0)
                yield return new SoundExample(features, (int)utterance.Emotion!, (int)_kept[key + LengthSuffix][0]);
        }
    }

    private float[] Decode(string file, CancellationToken cancellation) =>
        _media.ReadWholeSoundAsync(file, cancellation).GetAwaiter().GetResult().Sound.Samples;

    private void Keep()
    {
        if (!_grown)
            return;
        SafetensorsWriter.Write(_file, _kept.Select(entry => new TensorToWrite(
            entry.Key, Dtype.Float32, [entry.Value.Length],
            (ReadOnlyMemory<byte>)System.Runtime.InteropServices.MemoryMarshal.AsBytes(entry.Value.AsSpan()).ToArray())));
        _grown = false;
    }
}
